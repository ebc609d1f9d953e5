"""Jobs, files, room and hours of whole data sets, worked out from rates that were measured.

    python -m bench.scale RUN [--page docs/scale.md]

RUN: folder of a finished demo (its results and Snakemake's benchmarks). Networks at full size: CPU
rates of docs/models.md, GPU rates of docs/benchmarks_gpu.md; without that page there are no GPU
hours, and none are made up. The data sets stand in bench/scale_datasets.yaml.
"""

import argparse
import heapq
import math
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from bench.measured_rates import folder_bytes, page_numbers, processor_seconds, run_amounts
from bench.page_sections import put_section
from bench.timing import table

ROOT = Path(__file__).resolve().parents[1]
PLAN = ROOT / "bench" / "scale_datasets.yaml"
SECTION, GPUS = "paper", (1, 8, 64)
LIGHT_BATCHES = 64  # with `batches: 0`
FORWARD_SHARE = 3.0  # a training step costs about three times a forward pass
# rule -> what its time goes by, and the folder of what it leaves
STAGES = {
    "probe_videos": ("frames", "videos"),
    "extract_keypoints": ("frames", "keypoints"),
    "clean_keypoints": ("frames", "skeletons"),
    "locate_saliency": ("clips", "saliency"),
    "decode_rgb": ("clips", "rgb"),
}


@dataclass(frozen=True)
class Rates:
    """What was measured. seconds: processor seconds by rule, of a frame or a clip. room: bytes of
    what a rule leaves, by rule. cpu: clips a second of a training step on one CPU thread, by row of
    docs/models.md. gpu: the same on one GPU, and "pose" in frames; empty where there is no page.
    pose: frames a processor second of a whole-body pose model, or None."""

    seconds: dict[str, float]
    room: dict[str, float]
    cpu: dict[str, float]
    gpu: dict[str, float]
    pose: float | None


def read_rates(run: Path, docs: Path = ROOT / "docs") -> Rates:
    """The rates of a finished run and of the pages."""
    amounts = run_amounts(run)
    seconds, room = {}, {}
    for rule, (unit, folder) in STAGES.items():
        taken = processor_seconds(run, rule)
        if taken is not None:
            seconds[rule] = taken / amounts[unit]
        if (size := folder_bytes(run / "results" / folder)) is not None:
            room[rule] = size / amounts[unit]
    gpu_page = docs / "benchmarks_gpu.md"
    gpu = page_numbers(gpu_page, "clips/s") | page_numbers(gpu_page, "frames/s")
    return Rates(
        seconds, room, page_numbers(docs / "models.md", "samples/s"), gpu, _pose_rate(docs)
    )


def _pose_rate(docs: Path) -> float | None:
    """Frames a second of mmpose in batches, of docs/pose.md; None where it was not measured."""
    page = docs / "pose.md"
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    found = re.search(r"^\| ours,[^|]*(?:\d|float32) \| *([\d.]+) *\|", text, re.MULTILINE)
    return float(found.group(1)) if found else None


def count_jobs(facts: dict, networks: int) -> dict[str, int]:
    """Jobs and the files that they leave. facts: of a data set. networks: beside the fusion one."""
    batches = facts["batches"] or LIGHT_BATCHES
    parts = facts["batches"] or facts["videos"]
    rounds = facts["rounds"] + 1
    trained = networks * rounds
    jobs = 3 * batches + 2 * parts  # probe, clean, saliency; keypoints, crops
    jobs += 3  # spans, labels, truth
    jobs += 3 * trained + networks * (rounds - 1)  # train, predict, curves; pseudo-labels
    jobs += 4 + 6  # fusion: train, predict, curves, prototypes; vote, scores, figures
    files = 4 * batches + 2 * parts + 4  # a probe leaves two files
    files += 5 * trained + networks * (rounds - 1) + 6 + 10
    return {"jobs": jobs, "files": files}


def samples_of(facts: dict, preset: dict, rounds: int) -> tuple[float, float]:
    """(clips that go through training steps, clips that go forward only) of a network with all its
    rounds. Pseudo-labelled clips of later rounds are not counted: nobody knows how many."""
    clips = facts["clips"]
    passes = preset["epochs"] * preset.get("repeats", 1)
    trained = rounds * clips * facts["train"] * passes
    views = preset.get("test_clips", 1) * (2 if preset.get("test_flip") else 1)
    looked_at = clips * facts["val"] * preset["epochs"]
    predicted = clips * (1 - facts["train"]) * views
    return trained, rounds * (looked_at + predicted)


def network_hours(facts: dict, plan: dict, rates: dict[str, float]) -> dict[str, float]:
    """Hours of every network (training and prediction, all rounds) at these rates of a training
    step; networks without a rate are left out."""
    hours = {}
    for name, network in plan["networks"].items():
        if (rate := rates.get(network["row"])) is None:
            continue
        path = ROOT / "presets" / f"{network['preset']}.yaml"
        preset = yaml.safe_load(path.read_text(encoding="utf-8"))
        rounds = 1 if name == "fusion" else facts["rounds"] + 1
        trained, forward = samples_of(facts, preset, rounds)
        hours[name] = (trained + forward / FORWARD_SHARE) / rate / 3600
    return hours


def makespan(hours: list[float], workers: int) -> float:
    """Hours until all jobs are done, the longest first, each to the worker that is free first."""
    free = [0.0] * workers
    for job in sorted(hours, reverse=True):
        heapq.heapreplace(free, free[0] + job)
    return max(free)


def wall_hours(facts: dict, plan: dict, rates: Rates, gpus: int) -> float | None:
    """Hours on so many GPUs: keypoints on all of them, then the rounds of networks, a GPU each,
    then the fusion network; None where a rate is missing."""
    hours = network_hours(facts, plan, rates.gpu)
    if "pose" not in rates.gpu or set(hours) != set(plan["networks"]):
        return None
    frames = facts["videos"] * facts["seconds"] * facts["fps"]
    parts = facts["batches"] or facts["videos"]
    pose = frames / rates.gpu["pose"] / 3600 / min(gpus, parts)
    rounds = facts["rounds"] + 1
    networks = [value / rounds for name, value in hours.items() if name != "fusion"]
    return pose + rounds * makespan(networks, gpus) + hours["fusion"]


def room_of(facts: dict, plan: dict, rates: Rates) -> dict[str, float]:
    """GB (10^9 bytes) of the stores."""
    frames = facts["videos"] * facts["seconds"] * facts["fps"]
    crop = plan["crops"]["frames_per_clip"] * plan["crops"]["size"] ** 2 * 3
    seen = min(1.0, facts["seconds"] * facts["fps"] / plan["crops"]["frames_per_clip"])
    return {
        "keypoints": frames * rates.room.get("extract_keypoints", math.nan) / 1e9,
        "skeletons": frames * (plan["joints"] * 3 * 4 + 1) / 1e9,
        "crops, raw": facts["clips"] * crop * seen / 1e9,
    }


def hours_of_stages(facts: dict, rates: Rates) -> dict[str, float]:
    """Core-hours of the stages before the networks, by rule; keypoints at the rate of a whole-body
    model."""
    frames = facts["videos"] * facts["seconds"] * facts["fps"]
    amounts = {"frames": frames, "clips": facts["clips"]}
    hours = {
        rule: amounts[unit] * rates.seconds[rule] / 3600
        for rule, (unit, _) in STAGES.items()
        if rule in rates.seconds and rule != "extract_keypoints"
    }
    if rates.pose:
        hours["extract_keypoints"] = frames / rates.pose / 3600
    return hours


def section(run: Path, plan: dict, rates: Rates) -> list[str]:
    """Lines of the page's section."""
    sets = plan["data_sets"]
    rows, stage_rows, network_rows = [], [], []
    for name, facts in sets.items():
        counted = count_jobs(facts, len(plan["networks"]) - 1)
        room = room_of(facts, plan, rates)
        before = hours_of_stages(facts, rates)
        cpu = network_hours(facts, plan, rates.cpu)
        walls = [wall_hours(facts, plan, rates, gpus) for gpus in GPUS]
        rows.append(
            [name, f"{facts['videos']:,}", f"{facts['clips']:,}"]
            + [f"{counted['jobs']:,}", f"{counted['files']:,}"]
            + [_shown(value) for value in room.values()]
            + [_shown(sum(value for rule, value in before.items() if rule != "extract_keypoints"))]
            + [_shown(before.get("extract_keypoints"))]
            + [_shown(value) for value in walls]
        )
        stage_rows.append([name] + [_shown(before.get(rule)) for rule in STAGES])
        gpu = network_hours(facts, plan, rates.gpu)
        network_rows.append(
            [name]
            + [f"{_shown(cpu.get(key))} / {_shown(gpu.get(key))}" for key in plan["networks"]]
        )
    head = ["data set", "videos", "clips", "jobs", "files", "keypoints GB", "skeletons GB"]
    head += ["crops GB", "CPU core-hours", "keypoints on a CPU, core-hours"]
    head += [f"hours on {gpus} GPU{'s' * (gpus > 1)}" for gpus in GPUS]
    assumed = "; ".join(
        f"{name}: {', '.join(facts['assumed'])}" for name, facts in sets.items() if facts["assumed"]
    )
    gpu_words = (
        "GPU rates: [benchmarks_gpu.md](benchmarks_gpu.md)."
        if rates.gpu
        else "**No GPU was at hand**: there is no docs/benchmarks_gpu.md with rates "
        "(`python -m bench.gpu` on a machine with one makes it), so GPU hours are absent (-)."
    )
    return [
        f"Made by `python -m bench.scale RUN` from the jobs of a finished demo and from "
        f"[models.md](models.md) and [pose.md](pose.md). {gpu_words}",
        "",
        *table(head, rows),
        "",
        f"Assumed, since not published or not at hand: {assumed}. Crops: raw, 32 of 256 x 256 a "
        "clip at most; JPEG takes about a tenth ([cluster.md](cluster.md)). CPU core-hours: "
        "probing, cleaning, saliency and crops at the demo's rates (its videos are small: 320 x "
        "240), the starting of jobs included. Keypoints on a CPU: a whole-body RTMPose-m. Hours on "
        "GPUs: keypoints on all of them, then a GPU a network, round by round, then the fusion "
        "network; data assumed not to wait.",
        "",
        "Core-hours by stage:",
        "",
        *table(["data set", *STAGES], stage_rows),
        "",
        "Hours of training and prediction by network, all rounds, one CPU thread / one GPU, at the "
        "recipes' epochs (17 joints, as the rates were measured; clips that pseudo-labels add are "
        "not counted; a forward pass as a third of a step):",
        "",
        *table(["data set", *plan["networks"]], network_rows),
    ]


def _shown(value: float | None) -> str:
    if value is None or math.isnan(value):
        return "-"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def main(arguments: list[str] | None = None) -> None:
    """Print, and write the page's section where asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run", type=Path, help="folder of a finished demo")
    parser.add_argument("--page", type=Path, help="the page whose section is written")
    given = parser.parse_args(arguments)
    plan = yaml.safe_load(PLAN.read_text(encoding="utf-8"))
    lines = section(given.run, plan, read_rates(given.run))
    print("\n".join(lines))
    if given.page:
        put_section(given.page, SECTION, lines)


if __name__ == "__main__":
    main()
