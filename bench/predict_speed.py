"""Time and memory of a prediction on a long video, keypoints aside.

    python bench/predict_speed.py BUNDLE [--minutes 5 60] [--page docs/benchmarks_predict.md]

A rendered person at 640 x 480 and 15 frames a second, looped. The keypoints are the renderer's own;
every other stage of `snakemake predict` runs as the workflow runs it, each in a process of its own,
one thread.
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["TQDM_DISABLE"] = "1"
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from bench.page_sections import wrapped  # noqa: E402
from bench.timing import describe_machine, table  # noqa: E402

FPS, SIZE = 15.0, (640, 480)


def make_video(folder: Path, minutes: float) -> None:
    """long.mp4, and keypoints.h5 with the renderer's points, both looped to so many minutes."""
    from microgesture.demo.render import render_video
    from microgesture.stores.sequences import Sequence, write_sequences
    from microgesture.videos.decoding import read_frames
    from microgesture.videos.encoding import write_video

    settings = {"width": SIZE[0], "height": SIZE[1], "fps": FPS}
    plan, truth = render_video("s25", settings, folder / "short.mp4")
    count = len(truth.present)
    frames = [f for _, chunk in read_frames(folder / "short.mp4", 0, count - 1) for f in chunk]
    wanted = round(minutes * 60 * FPS)
    write_video(folder / "long.mp4", (frames[n % count] for n in range(wanted)), FPS)
    places = np.arange(wanted) % count
    sequence = Sequence(
        truth.points[None][:, places], truth.present[places], "coco_wholebody133", *SIZE, plan.fps
    )
    write_sequences(folder / "keypoints.h5", [("long", sequence)])


def probe(folder: Path, _) -> None:
    """probe_videos"""
    from microgesture.tables.probed import probe_videos
    from microgesture.videos.index_store import write_frame_indexes

    videos = pd.DataFrame(
        [("long", str(folder / "long.mp4"), "")], columns=["video", "path", "keypoints"]
    )
    facts, indexes = probe_videos(videos, "b")
    facts.to_parquet(folder / "facts.parquet")
    write_frame_indexes(folder / "facts.h5", indexes)


def clean(folder: Path, bundle) -> None:
    """clean_keypoints"""
    from clean_keypoints import clean_keypoints

    settings = bundle.settings["clean_keypoints"]
    layout = bundle.settings["layout"]
    clean_keypoints([folder / "keypoints.h5"], folder / "skeletons.h5", layout, settings)


def store(folder: Path, bundle) -> None:
    """store_videos"""
    from store_videos import store_videos

    store_videos(
        str(folder / "facts.parquet"), str(folder / "facts.h5"), str(folder / "skeletons.h5"),
        str(folder / "pictures.h5"), str(folder / "boxes.parquet"), ["long"], {},
        bundle.settings["store_videos"],
    )  # fmt: skip


def look(member: str):
    """predict_windows of one member."""

    def run(folder: Path, bundle) -> None:
        from predict_windows import predict_windows

        files = bundle.members[member]
        predict_windows(
            str(folder / "facts.parquet"), str(folder / "skeletons.h5"),
            [str(folder / "pictures.h5")], [str(folder / "boxes.parquet")],
            str(files.checkpoint), str(files.metadata), str(folder / f"{member}.h5"),
            ["long"], {}, bundle.settings["predict_windows"], bundle.settings["locate_saliency"],
            bundle.settings["decode_rgb"]["size"],
        )  # fmt: skip

    return run


def find(folder: Path, bundle) -> None:
    """find_segments"""
    from find_segments import find_segments

    from microgesture.bundles.prediction import segmenter_files
    from microgesture.segments.segmenter import load_segmenter

    files = segmenter_files(bundle)
    members = load_segmenter(files["heads"], files["segmenter"]).members
    find_segments(
        {name: str(folder / f"{name}.h5") for name in members}, files["heads"],
        files["segmenter"], str(folder / "frames.h5"), str(folder / "segments.parquet"),
    )  # fmt: skip


def own_peak_megabytes() -> float:
    """Of this process since it began (what getrusage says begins with its parent's)."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def measured(stage: str, folder: str, bundle: str, back) -> None:
    """Run a stage in this process and send (CPU seconds, wall seconds, peak MB)."""
    from microgesture.bundles.reading import read_bundle

    opened = read_bundle(bundle)
    name, _, member = stage.partition(" ")
    function = look(member) if member else STAGES[name]
    began, clock = time.process_time(), time.perf_counter()
    function(Path(folder), opened)
    peak = own_peak_megabytes()
    back.put((time.process_time() - began, time.perf_counter() - clock, peak))


STAGES = {
    "probe_videos": probe, "clean_keypoints": clean, "store_videos": store, "find_segments": find
}  # fmt: skip


def main(arguments: list[str] | None = None) -> None:
    """Measure every length and write the page."""
    from microgesture.bundles.prediction import segmenter_files
    from microgesture.bundles.reading import read_bundle
    from microgesture.segments.segmenter import load_segmenter

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("bundle")
    parser.add_argument("--minutes", type=float, nargs="+", default=[5, 60])
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "benchmarks_predict.md")
    given = parser.parse_args(arguments)
    members = load_segmenter(*segmenter_files(read_bundle(given.bundle)).values()).members
    stages = ["probe_videos", "clean_keypoints", "store_videos"]
    stages += [f"predict_windows {member}" for member in members] + ["find_segments"]
    found: dict[float, dict[str, tuple]] = {}
    context = multiprocessing.get_context("spawn")
    sizes = {}
    for minutes in given.minutes:
        with tempfile.TemporaryDirectory() as folder:
            make_video(Path(folder), minutes)
            for stage in stages:
                back = context.Queue()
                process = context.Process(target=measured, args=(stage, folder, given.bundle, back))
                process.start()
                found.setdefault(minutes, {})[stage] = back.get()
                process.join()
                print(minutes, stage, *(f"{x:.1f}" for x in found[minutes][stage]), flush=True)
            sizes[minutes] = sum(path.stat().st_size for path in Path(folder).glob("*.h5")) / 1e6
    lines = ["# Time and memory of a prediction", ""]
    lines += wrapped(
        f"Made by `python bench/predict_speed.py BUNDLE` with the demo's bundle (members: "
        f"{', '.join(members)}; {describe_machine()}). One rendered person at {SIZE[0]} x "
        f"{SIZE[1]}, {FPS:.0f} frames a second, looped; keypoints aside; each stage in one process "
        f"with one thread. Share: processor seconds over seconds of video; two stages run side by "
        f"side on two cores."
    )
    lines.append("")
    head = ["stage"]
    for minutes in given.minutes:
        head += [f"{minutes:.0f} min: CPU s", "share", "peak MB"]
    rows = []
    for stage in stages:
        row = [stage]
        for minutes in given.minutes:
            cpu, _, peak = found[minutes][stage]
            row += [f"{cpu:.0f}", f"{cpu / (60 * minutes):.3f}", f"{peak:.0f}"]
        rows.append(row)
    total = ["together"]
    for minutes in given.minutes:
        cpu = sum(values[0] for values in found[minutes].values())
        most = max(values[2] for values in found[minutes].values())
        total += [f"{cpu:.0f}", f"{cpu / (60 * minutes):.3f}", f"{most:.0f}"]
    lines += [*table(head, [*rows, total]), ""]
    lines += wrapped(
        "On disk: " + ", ".join(f"{size:.0f} MB for {m:.0f} min" for m, size in sizes.items()) + "."
    )
    given.page.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
