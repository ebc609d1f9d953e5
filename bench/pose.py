"""How fast and how complete are keypoints? MediaPipe on real footage, mmpose in batches.

    python -m bench.pose FOLDER           videos of FOLDER through MediaPipe, and the batches
    python -m bench.pose FOLDER --write   the same, written into docs/pose.md

One core. mmpose's part needs no footage: a whole-body RTMPose with random weights (the time is the
same), batched as `extract_keypoints` does it against mmpose's own call for one frame at a time.
"""

import argparse
import os
import re
import tempfile
import time
from functools import partial
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy and torch are loaded
ROOT = Path(__file__).resolve().parents[1]

import numpy as np  # noqa: E402
import torch  # noqa: E402

from bench.timing import describe_machine, measure, table  # noqa: E402
from microgesture.configuration.pose_models import find_model  # noqa: E402
from microgesture.demo.render import sample_pose_frames  # noqa: E402
from microgesture.pose.estimation import (  # noqa: E402
    build_network,
    estimate_points,
    load_estimator,
    read_config,
)
from microgesture.pose.estimators import estimate_video, open_estimator  # noqa: E402
from microgesture.pose.layouts import get_layout  # noqa: E402
from microgesture.videos.decoding import measure as measure_video  # noqa: E402
from microgesture.videos.decoding import read_frames  # noqa: E402

PAGE = ROOT / "docs" / "pose.md"
BEGIN, END = "<!-- figures of bench/pose.py -->", "<!-- end of figures -->"
ENDINGS = (".mkv", ".mp4", ".avi", ".mov", ".webm")
MODEL = "rtmpose-m_8xb64-270e_coco-wholebody-256x192"


def look_at(path: Path, estimator) -> dict:
    """Shares of frames with a person, a hand, a face in one video, tracks, and frames a second."""
    parts = get_layout(estimator.layout).parts
    fps = measure_video(path)[1]
    wall, processor = time.perf_counter(), time.process_time()
    batches = (frames for _, frames in read_frames(path, chunk=estimator.batch_size))
    points, present, tracks = estimate_video(estimator, batches, fps)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    hands = np.stack([points[:, parts[f"{side}_hand"], 2].max(1) > 0 for side in ("left", "right")])
    return {
        "video": path.stem,
        "frames": len(present),
        "person": present.mean(),
        "either": hands.any(0).mean(),
        "each": hands.mean(),
        "face": (points[:, parts["face"], 2].max(1) > 0).mean(),
        "jumps": sum(track.jump for track in tracks),
        "wall": len(present) / wall,
        "processor": len(present) / processor,
    }


def footage(folder: Path) -> list[str]:
    """The table of all videos in `folder`, with means."""
    estimator = open_estimator({"estimator": "mediapipe"})
    rows = []
    for path in sorted(p for p in folder.iterdir() if p.suffix.lower() in ENDINGS):
        rows.append(look_at(path, estimator))
        print(rows[-1], flush=True)
    names = ("person", "either", "each", "face")
    cells = [
        (row["video"], row["frames"], *(f"{row[name]:.2f}" for name in names), row["jumps"])
        + (f"{row['processor']:.1f}",)
        for row in rows
    ]
    steady = [row for row in rows if row["person"] >= 0.99]
    for title, chosen in (("with somebody all the time", steady), ("all", rows)):
        if chosen:
            frames = sum(row["frames"] for row in chosen)
            speed = frames / sum(row["frames"] / row["processor"] for row in chosen)
            means = [f"{np.mean([row[name] for row in chosen]):.3f}" for name in names]
            jumps = sum(row["jumps"] for row in chosen)
            cells.append((f"mean, {title}", frames, *means, jumps, f"{speed:.1f}"))
    header = ("video", "frames", "a person", "a hand", "each hand", "a face", "jumps")
    return table((*header, "frames a second of processor time"), cells)


def batches() -> list[str]:
    """Whole-body RTMPose: batches of 32 against one frame at a time by mmpose itself."""
    from mmpose.apis import inference_topdown
    from mmpose.datasets.datasets.utils import parse_pose_metainfo

    torch.set_num_threads(1)
    torch.manual_seed(0)
    config = find_model(MODEL).config
    network = build_network(read_config(config)).eval()
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "weights.pth"
        torch.save({"state_dict": network.state_dict()}, weights)
        ours = {p: load_estimator(config, weights, precision=p) for p in ("float32", "bf16")}
    network.cfg = read_config(config)
    network.dataset_meta = parse_pose_metainfo(
        {"from_file": "configs/_base_/datasets/coco_wholebody.py"}
    )
    frames = np.random.default_rng(0).integers(0, 255, (32, 480, 640, 3), dtype=np.uint8)
    boxes = np.tile(np.float32([160, 40, 480, 470]), (len(frames), 1))
    pictures = [np.ascontiguousarray(frame[..., ::-1]) for frame in frames]

    def one_by_one():
        return [inference_topdown(network, picture, boxes[:1]) for picture in pictures]

    singly = np.stack([found[0].pred_instances.keypoints[0] for found in one_by_one()])
    difference = singly - estimate_points(ours["float32"], frames, boxes)[..., :2]
    ways = {"inference_topdown, one at a time": one_by_one}
    for precision, model in ours.items():
        ways[f"ours, batches of 32, {precision}"] = partial(estimate_points, model, frames, boxes)
    taken = measure(ways, 3)
    slowest = next(iter(taken.values()))[1]
    cells = [
        (name, *(f"{len(frames) / milliseconds * 1e3:.1f}" for milliseconds in times))
        + (f"{slowest / times[1]:.1f}x",)
        for name, times in taken.items()
    ]
    header = ("whole-body RTMPose-m, 640 x 480", "frames/s", "of processor time", "ratio")
    return [
        f"float32: largest difference of a point {np.abs(difference).max():.2g} pixels.",
        "",
        *table(header, cells),
        "",
        *half_precision(),
    ]


def half_precision() -> list[str]:
    """How far the shipped model's points move in bf16, on people drawn for this."""
    config, weights = (ROOT / "resources/pose" / f"demo_wholebody.{end}" for end in ("py", "pth"))
    people = list(sample_pose_frames(64, 902))
    frames = np.stack([frame for frame, _, _ in people])
    boxes = np.tile(np.float32([0, 0, frames.shape[2], frames.shape[1]]), (len(frames), 1))
    points = {
        precision: estimate_points(
            load_estimator(config, weights, precision=precision), frames, boxes
        )
        for precision in ("float32", "bf16")
    }
    sure = points["float32"][..., 2] > 0.3
    moved = np.linalg.norm((points["bf16"] - points["float32"])[..., :2], axis=-1)[sure]
    score = np.abs((points["bf16"] - points["float32"])[..., 2])[sure].mean()
    return [
        f"The shipped model in bf16 on {len(frames)} drawn people of {frames.shape[2]} x "
        f"{frames.shape[1]} pixels, points with a score above 0.3: moved by {moved.mean():.2f} "
        f"pixels on average, {100 * (moved > 1).mean():.1f} % by more than one; scores by "
        f"{score:.3f}."
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="videos of real people")
    parser.add_argument("--write", action="store_true", help="write into docs/pose.md")
    chosen = parser.parse_args()
    lines = [f"Made by `python -m bench.pose FOLDER --write`. {describe_machine()}.", ""]
    lines += batches()
    print("\n".join(lines), flush=True)
    if chosen.folder:
        lines += ["", *footage(chosen.folder)]
        print("\n".join(lines), flush=True)
    if chosen.write:
        text = PAGE.read_text(encoding="utf-8")
        filled = f"{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}"
        text = re.sub(f"{BEGIN}.*{END}", lambda _: filled, text, flags=re.S)
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
