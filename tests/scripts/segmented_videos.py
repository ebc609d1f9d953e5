"""Two short videos of one person each in one batch, with facts, frame indexes, skeletons, segments."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from microgesture.pose.layouts import get_layout
from microgesture.stores.sequences import Sequence, write_sequences
from microgesture.tables.probed import probe_videos
from microgesture.videos.encoding import write_video
from microgesture.videos.index_store import write_frame_indexes

FRAMES, WIDTH, HEIGHT, FPS = 30, 160, 120, 15.0
CLASSES = [[0, "touching neck", "", "head and hand"], [1, "rubbing hands", "", "hands"]]
SALIENCY = {"padding": 0.25, "persons": 1}


class Made(NamedTuple):
    """files: segments, facts, frame indexes, skeletons, as the scripts take them."""

    files: tuple


def make_videos(folder: Path) -> Made:
    """one.mp4 and two.mp4, both of grey noise, a person in the middle; a segment in each."""
    generator = np.random.default_rng(0)
    joints = len(get_layout("h68").parents)
    rows, sequences = [], []
    for name in ("one", "two"):
        frames = generator.integers(90, 160, (FRAMES, HEIGHT, WIDTH, 3)).astype(np.uint8)
        write_video(folder / f"{name}.mp4", iter(frames), FPS)
        rows.append((name, f"{name}.mp4", ""))
        places = generator.uniform((40, 20), (120, 110), (joints, 2))
        points = np.concatenate([places, np.ones((joints, 1))], axis=1).astype(np.float32)
        points = np.broadcast_to(points, (1, FRAMES, joints, 3)).copy()
        points[0, :, :, 0] += np.arange(FRAMES)[:, None] / 10
        present = np.ones(FRAMES, bool)
        sequences.append((name, Sequence(points, present, "h68", WIDTH, HEIGHT, FPS)))
    facts, indexes = probe_videos(pd.DataFrame(rows, columns=["video", "path", "keypoints"]), "b0")
    facts.to_parquet(folder / "facts.parquet")
    write_frame_indexes(folder / "indexes.h5", indexes)
    write_sequences(folder / "skeletons.h5", sequences)
    columns = ["video", "start", "end", "label", "confidence", "second", "second_confidence"]
    table = pd.DataFrame([("one", 5, 20, 0, 0.8, 1, 0.1)], columns=columns)
    table = table.assign(margin=0.7, uncertain="no")
    table.to_parquet(folder / "segments.parquet")
    stores = ([str(folder / "facts.parquet")], [str(folder / "indexes.h5")])
    return Made((str(folder / "segments.parquet"), *stores, [str(folder / "skeletons.h5")]))
