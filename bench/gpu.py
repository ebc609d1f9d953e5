"""What one GPU does: training steps of every recogniser, layouts, heatmaps, keypoints, data wait.

    python -m bench.gpu [--minutes 8] [--page docs/benchmarks_gpu.md]

At the presets' sizes, in bf16, with 68 points. Ends within the minutes: what there was no time for
is named as not measured. Where there is no GPU it says so, writes nothing and ends with status 0.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

os.environ["TQDM_DISABLE"] = "1"

import torch

from bench.gpu_cards import measured_peak, published_peak
from bench.gpu_pieces import (
    data_wait,
    layout_ways,
    pose_rate,
    render_rates,
    stem_difference,
)
from bench.gpu_steps import RECOGNISERS, Steps, at_preset, time_steps
from bench.recognisers import count_multiply_adds
from bench.timing import table
from microgesture.training.device import make_accelerator

ROOT = Path(__file__).resolve().parents[1]
COMPILED = ("poseconv3d", "strong_aug", "video_swin_t", "resnet3d")
WAITED = ("poseconv3d", "strong_aug", "resnet3d")
STEP_SECONDS = 4.0


@dataclass
class Budget:
    """Time that is left, and what there was none for, or what failed, in words."""

    seconds: float
    begun: float = field(default_factory=time.perf_counter)
    missing: list[str] = field(default_factory=list)

    def left(self) -> float:
        """Seconds."""
        return self.seconds - (time.perf_counter() - self.begun)

    def run(self, name: str, needs: float, action: Callable):
        """What the action gives; None, noted, where fewer than `needs` seconds are left or it
        fails: one piece that does not work here must not cost the page."""
        if self.left() < needs:
            self.missing.append(f"{name}: there was no time")
            return None
        try:
            return action()
        except Exception as error:
            words = str(error).strip().splitlines() or [""]
            self.missing.append(f"{name}: {type(error).__name__}: {words[0][:200]}")
            return None
        finally:
            if torch.cuda.is_available():
                torch.cuda.empty_cache()


def step_row(name: str, steps: Steps, multiply_adds: float, peak: float) -> list[str]:
    """A row of the table of training steps. peak: FLOP/s."""
    share = 3 * 2 * multiply_adds * steps.rate / peak
    memory = "-" if steps.memory is None else f"{steps.memory / 2**30:.1f}"
    return [f"`{name}`", steps.batch, f"{steps.rate:.4g}", f"{100 * share:.1f} %", memory]


def bench_steps(budget: Budget, device: torch.device, peak: float, names=RECOGNISERS) -> list[str]:
    """Every recogniser at its preset's size and batch."""
    rows = []
    for name in names:

        def measure(name=name):
            entry = at_preset(name)
            steps = time_steps(entry, device, seconds=STEP_SECONDS)
            return step_row(name, steps, count_multiply_adds(entry), peak)

        if row := budget.run(f"training step of {name}", 15, measure):
            wanted = at_preset(name).batch
            row[1] = f"{row[1]}" if row[1] == wanted else f"{row[1]} ({wanted} does not fit)"
            rows.append(row)
    head = ["recogniser", "batch", "clips/s", "of the bf16 peak", "GiB at the most"]
    return [
        "A step is all that the loop does on the card: augmentation, streams, forward, losses, "
        "backward, optimiser; the batch lies there. Work: three times the multiply-adds of a "
        "forward pass, stems as dense convolutions.",
        "",
        *table(head, rows),
    ]


def bench_compile(budget: Budget, device: torch.device, backend="inductor", names=COMPILED):
    """With torch.compile and without."""
    rows = []
    for name in names:

        def measure(name=name):
            entry = at_preset(name)
            plain = time_steps(entry, device, seconds=STEP_SECONDS)
            begin = time.perf_counter()
            fast = time_steps(entry, device, seconds=STEP_SECONDS, compiled=backend)
            taken = time.perf_counter() - begin - fast.seconds * fast.count
            ratio = f"{fast.rate / plain.rate:.2f}x"
            return [f"`{name}`", f"{plain.rate:.4g}", f"{fast.rate:.4g}", ratio, f"{taken:.0f}"]

        if row := budget.run(f"torch.compile of {name}", 75, measure):
            rows.append(row)
    head = ["recogniser", "as it is, clips a second", "compiled", "ratio", "s to compile"]
    return table(head, rows)


def bench_layouts(budget: Budget, device: torch.device, name: str = "poseconv3d") -> list[str]:
    """PoseConv3D against the plain layout, at 17 and at 68 points."""
    rows = []
    for layout in ("coco17", "h68"):

        def measure(layout=layout):
            entry = at_preset(name, layout)
            ways = layout_ways(entry, device, STEP_SECONDS)
            return ways, stem_difference(entry, device)

        if found := budget.run(f"layouts of {name}, {layout}", 40, measure):
            ways, difference = found
            plain = next(iter(ways.values()))
            for way, steps in ways.items():
                sparse = f"{difference:.1e}" if "blobs" in way else ""
                memory = "-" if steps.memory is None else f"{steps.memory / 2**30:.1f}"
                rows.append(
                    [layout, way, steps.batch, f"{steps.rate:.4g}"]
                    + [f"{steps.rate / plain.rate:.2f}x", memory, sparse]
                )
    head = ["layout", "way", "batch", "clips a second", "ratio", "GiB", "logits differ (of spread)"]
    return table(head, rows)


def bench_rest(budget: Budget, device: torch.device) -> list[str]:
    """Heatmaps and keypoints."""
    rows = []
    if rates := budget.run("drawing of heatmaps", 10, lambda: render_rates(device)):
        rows += [[f"{kind} heatmaps, 68 points, clips", f"{r:.0f}"] for kind, r in rates.items()]
    lines = table(["drawn on the card", "a second"], rows)
    pose = budget.run("keypoints", 20, lambda: pose_rate(device))
    if pose:
        lines += ["", *table(["whole-body RTMPose-m", "frames/s"], [["`pose`", f"{pose:.0f}"]])]
    return lines


def bench_wait(budget: Budget, gpu: bool, names=WAITED, **options) -> list[str]:
    """Real epochs from stored clips."""
    rows = []
    for name in names:
        found = budget.run(
            f"epochs of {name} from stored clips",
            60,
            lambda name=name: data_wait(at_preset(name), gpu, **options),
        )
        if found:
            rows.append([f"`{name}`", f"{found[0]:.4g}", f"{100 * found[1]:.1f} %"])
    head = ["recogniser", "clips a second", "of the time waiting for data"]
    return table(head, rows)


def page(budget: Budget, device: torch.device, card: str) -> list[str]:
    """All lines of the page."""
    measured = measured_peak(device)
    published = published_peak(card)
    peak = (published or measured) * 1e12
    told = f"published {published:.0f}, " if published else "none published that is known here, "
    workers = max((os.cpu_count() or 2) - 1, 1)
    parts = {
        "Training steps": bench_steps(budget, device, peak),
        "PoseConv3D against the plain layout": bench_layouts(budget, device),
        "Heatmaps and keypoints": bench_rest(budget, device),
        "Waiting for data": bench_wait(budget, True, workers=workers),
        "torch.compile": bench_compile(budget, device),
    }
    lines = [
        "# Benchmarks on a GPU",
        "",
        f"Made by `python -m bench.gpu` on one **{card}**, torch {torch.__version__}, "
        f"{os.cpu_count()} CPU cores. bf16 peak, TFLOP/s: {told}measured with one large product "
        f"{measured:.0f}. 68 points ({time.strftime('%Y-%m-%d')}).",
        "",
    ]
    for title, body in parts.items():
        lines += [f"## {title}", "", *body, ""]
    if budget.missing:
        lines += ["## Not measured", "", *(f"- {what}" for what in budget.missing), ""]
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "benchmarks_gpu.md")
    given = parser.parse_args(arguments)
    if not torch.cuda.is_available():
        print("torch finds no GPU here: nothing was measured, and nothing is written")
        return 0
    make_accelerator(True)  # as a training sets the library up: deterministic
    budget = Budget(given.minutes * 60 - 30)
    lines = page(budget, torch.device("cuda"), torch.cuda.get_device_name())
    print("\n".join(lines))
    given.page.write_text("\n".join(lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
