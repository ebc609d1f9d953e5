"""Small real stores for tests: people of seven clips each, who move one of three body parts."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.pose.layouts import get_layout
from microgesture.stores.rgb import write_rgb_clips
from microgesture.stores.sequences import Sequence, write_sequences

LABELS = ["arms", "head", "legs"]
JOINTS = {0: (7, 8, 9, 10), 1: (0, 1, 2, 3, 4), 2: (11, 12, 13, 14)}  # of coco17
SPLITS = {"a": "train", "b": "train", "c": "train", "d": "val", "e": "test", "f": "unlabelled"}
CLIPS_PER_VIDEO, GAP = 7, 4


def write_stores(
    folder: Path, *, size: int = 16, seed: int = 0, dims: int = 2, layout: str = "coco17"
) -> dict[str, list]:
    """Write two batches of stores under `folder`. layout: it has coco17's joints, and the others are
    never seen. Returns them by kind."""
    generator = np.random.default_rng(seed)
    stores = {"clips": [], "skeletons": [], "saliency": [], "rgb": []}
    for batch in range(2):
        clips, saliency, sequences, pictures = [], [], [], []
        for video in list(SPLITS)[batch::2]:
            sequence, cuts = _video(video, generator, dims)
            sequences.append((video, _in_layout(sequence, layout)))
            for clip, start, end, label, points in cuts:
                split = SPLITS[video]
                shown = label if split in ("train", "val") else -1
                row = {"clip": clip, "video": video, "batch": f"b{batch}", "subject": video}
                row |= {"start": start, "end": end}
                clips.append({**row, "split": split, "label": shown})
                motion = np.linalg.norm(np.diff(points[0, :, :, :2], axis=0), axis=-1).mean(axis=1)
                motion = np.concatenate([motion[:1], motion]).astype(np.float32)
                box = {"x0": 10.0, "y0": 20.0, "x1": 110.0, "y1": 120.0}
                saliency.append({"clip": clip, **box, "person_frames": 9, "motion": motion})
                pictures.append((clip, *_pictures(points, size)))
        files = {kind: folder / kind / f"b{batch}.parquet" for kind in ("clips", "saliency")}
        files |= {kind: folder / kind / f"b{batch}.h5" for kind in ("skeletons", "rgb")}
        for path in files.values():
            path.parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(clips).to_parquet(files["clips"])
        pd.DataFrame(saliency).to_parquet(files["saliency"])
        write_sequences(files["skeletons"], sequences)
        write_rgb_clips(files["rgb"], pictures)
        for kind, path in files.items():
            stores[kind].append(str(path))
    return stores


def _video(video: str, generator: np.random.Generator, dims: int):
    layout = get_layout("coco17")
    rest = generator.uniform(40, 90, (layout.num_joints, dims))
    parts, cuts, start = [], [], 0
    for number in range(CLIPS_PER_VIDEO):
        label, length = number % 3, int(generator.integers(9, 20))
        points = np.repeat(rest[None], length, axis=0) + generator.normal(
            0, 0.5, (length, 17, dims)
        )
        wave = 12 * np.sin(np.arange(length) * 1.3 + generator.random())
        points[:, JOINTS[label], 1] += wave[:, None]
        scores = np.full((length, 17, 1), 0.9)
        points, scores = points * 1.0, scores
        points[:, 15:], scores[:, 15:] = 0, 0  # the ankles are never seen
        part = np.concatenate([points, scores], axis=-1)[None].astype(np.float32)
        cuts.append((f"{video}_{number}", start, start + length - 1, label, part))
        parts += [part, np.repeat(part[:, -1:], GAP, axis=1)]
        start += length + GAP
    points = np.concatenate(parts, axis=1)
    present = np.ones(points.shape[1], bool)
    return Sequence(points, present, "coco17", 160, 140, 25.0), cuts


def _in_layout(sequence: Sequence, layout: str) -> Sequence:
    if layout == "coco17":
        return sequence
    source, target = get_layout("coco17").joints, get_layout(layout).joints
    points = np.zeros(
        (*sequence.points.shape[:2], len(target), sequence.points.shape[3]), np.float32
    )
    for number, joint in enumerate(source):
        points[:, :, target.index(joint)] = sequence.points[:, :, number]
    return replace(sequence, points=points, layout=layout)


def _pictures(points: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Every second frame: a bright block at each joint inside the box (10, 20, 110, 120)."""
    positions = np.arange(0, points.shape[1], 2)
    frames = np.full((len(positions), size, size, 3), 30, np.uint8)
    for place, position in enumerate(positions):
        for x, y in points[0, position, :15, :2]:
            column, row = int((x - 10) / 100 * size), int((y - 20) / 100 * size)
            if 0 <= column < size and 0 <= row < size:
                frames[place, row, column] = 250
    return frames, positions.astype(np.int32)
