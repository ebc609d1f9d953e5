"""The way of the pictures, rehearsed with many clips: crop, picture store, loader.

    python -m bench.scale_rehearsal --clips 1000 4000 20000       prints the table
    ... --page docs/scale.md                                      and puts it on the page

Tiny pictures, so that a laptop does it: what is asked is whether memory stays and time goes with
the number of clips. Videos are real files, decoded and cropped by the workflow's own stage, read by
its own loader, in a process for each number, on one thread.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["TQDM_DISABLE"] = "1"
ROOT = Path(__file__).resolve().parents[1]

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from bench.by_clips import run_by_clips  # noqa: E402
from bench.memory_watch import MemoryWatch  # noqa: E402
from bench.timing import describe_machine, table  # noqa: E402

BATCHES, WIDTH, HEIGHT, FPS = 16, 64, 48, 25.0
CLIP_FRAMES, KEPT, SIDE = 8, 4, 16  # frames of a clip, of its stored crops, pixels of a crop
SECTION = "rehearsal"


def make_videos(folder: Path, clips: int) -> dict[str, str]:
    """Videos of so many clips in all, a batch each, and the tables of what is in them."""
    from microgesture.videos.encoding import write_video

    generator = np.random.default_rng(0)
    noise = generator.integers(0, 256, (97, HEIGHT, WIDTH, 3), np.uint8)
    shares = [part for part in np.array_split(np.arange(clips), BATCHES) if len(part)]
    longest = max(map(len, shares)) * CLIP_FRAMES
    write_video(folder / "v.mp4", (noise[n % len(noise)] for n in range(longest)), FPS)
    spans = []
    for number, share in enumerate(shares):
        begins = np.arange(len(share)) * CLIP_FRAMES
        part = pd.DataFrame({"clip": [f"c{clip:06d}" for clip in share]})
        part = part.assign(video=f"v{number}", batch=f"b{number}", subject=f"s{number}")
        part = part.assign(start=begins, end=begins + CLIP_FRAMES - 1)
        spans.append(part.assign(split="train", label=share % 3))
        (folder / f"v{number}.mp4").hardlink_to(folder / "v.mp4")
        box = {"x0": 8.0, "y0": 0.0, "x1": 56.0, "y1": 48.0, "person_frames": CLIP_FRAMES}
        motion = [np.ones(CLIP_FRAMES, np.float32)] * len(share)
        part[["clip"]].assign(**box, motion=motion).to_parquet(folder / f"b{number}.parquet")
    spans = pd.concat(spans, ignore_index=True)
    spans.to_parquet(folder / "clips.parquet")
    videos = [f"v{number}" for number in range(len(shares))]
    facts = pd.DataFrame({"video": videos, "path": [str(folder / f"{v}.mp4") for v in videos]})
    facts.to_parquet(folder / "facts.parquet")
    return {"folder": str(folder), "batches": len(shares), "clips": clips}


def rehearse(made: dict) -> dict[str, float]:
    """Crop all batches and read all clips once, in this process."""
    from microgesture.configuration.settings import complete_settings
    from microgesture.datasets.samples import EpochBatches, make_loader
    from microgesture.training.inputs import Inputs, make_samples
    from microgesture.training.stores import load_stores
    from scripts.decode_rgb import decode_rgb

    folder, batches = Path(made["folder"]), range(made["batches"])
    stores = [folder / "rgb" / f"b{number}.h5" for number in batches]
    with MemoryWatch() as crop:
        for number, store in zip(batches, stores):
            decode_rgb(
                folder / "facts.parquet",
                folder / "clips.parquet",
                [f"v{number}"],
                folder / f"b{number}.parquet",
                store,
                {"size": SIDE, "frames_per_clip": KEPT, "encoding": "raw"},
            )
    settings = {"stream": "rgb", "model": "resnet3d", "rgb_frames": KEPT, "rgb_size": SIDE}
    settings = complete_settings({**settings, "cache_megabytes": 0, "batch_size": 64})
    kinds = {
        "clips": [str(folder / "clips.parquet")],
        "skeletons": [],
        "saliency": [str(folder / f"b{number}.parquet") for number in batches],
        "rgb": list(map(str, stores)),
    }
    with MemoryWatch() as load:
        clips = load_stores(kinds, ("rgb",), settings, "coco17", ("train",))
    samples = make_samples(clips, ("rgb",), settings, training=True)
    order, make_inputs = EpochBatches(np.arange(len(clips)), 64), Inputs(("rgb",), clips, settings)
    seen, total = 0, 0.0
    with MemoryWatch() as read:
        for batch in make_loader(samples, order):
            (pictures,) = make_inputs(batch, training=True)
            seen, total = seen + len(pictures), total + float(pictures.abs().mean())
    assert seen == made["clips"] and total > 0
    size = sum(store.stat().st_size for store in stores)
    return {
        "store": size / 2**20,
        "crop s": crop.seconds,
        "crop MiB": crop.most["own"] - crop.begin["own"],
        "load s": load.seconds,
        "read s": read.seconds,
        "read MiB": max(load.most["own"], read.most["own"]) - load.begin["own"],
    }


def measure(clips: int, folder: Path) -> dict:
    """Make so many clips, rehearse them in a fresh process."""
    told = subprocess.run(
        [sys.executable, "-m", "bench.scale_rehearsal", "--measure"],
        input=json.dumps(make_videos(folder, clips)),
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    if told.returncode:
        sys.exit(told.stderr)
    return {"clips": clips, **json.loads(told.stdout.splitlines()[-1])}


def section(rows: list[dict]) -> list[str]:
    """Lines of the page's section."""
    cells = []
    for row in rows:
        a_clip = {name: 1e3 * row[f"{name} s"] / row["clips"] for name in ("crop", "load", "read")}
        cells.append(
            [f"{row['clips']:,}", f"{row['store']:.0f}"]
            + [f"{row['crop s']:.1f}", f"{a_clip['crop']:.2f}", f"{row['crop MiB']:.0f}"]
            + [f"{row['load s']:.1f}", f"{a_clip['load']:.2f}"]
            + [f"{row['read s']:.1f}", f"{a_clip['read']:.2f}", f"{row['read MiB']:.0f}"]
        )
    head = ["clips", "store, MiB", "crop s", "ms a clip", "own MiB", "open s", "ms a clip"]
    head += ["one pass s", "ms a clip", "own MiB"]
    return [
        f"Made by `python -m bench.scale_rehearsal`. {describe_machine()}.",
        "",
        f"Clips of {CLIP_FRAMES} frames of {WIDTH} x {HEIGHT} pixels, {KEPT} crops of {SIDE} x "
        f"{SIDE} kept of each, in {BATCHES} batches; nothing is kept in memory "
        "(`cache_megabytes: 0`). Crop: decoding, cropping, writing (rule decode_rgb). Open and one "
        "pass: the loader, with augmentation and the network's input. Processor seconds. Own: the "
        "most that the process held beyond what it held before.",
        "",
        *table(head, cells),
    ]


def main(arguments: list[str] | None = None) -> None:
    """Rehearse, print, and write the page's section where asked for."""
    run_by_clips(
        arguments,
        about=__doc__.split("\n")[0],
        clips=[1000, 4000, 20_000],
        inside=rehearse,
        measure=measure,
        section=section,
        name=SECTION,
    )


if __name__ == "__main__":
    main()
