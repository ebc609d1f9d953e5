"""Plain tables of segments."""

from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.exports.segments import Export, Segment, Video
from microgesture.exports.tables import write_tables


def test_frames_and_seconds(tmp_path):
    video = Video(Path("/v/talk.mp4"), ("talk",), ("anna",), 3.2 + np.arange(100) / 25)
    segments = [
        Segment("talk", "anna", 10, 19, "fold", 0.75, "nod"),
        Segment("talk", "anna", 0, 4, "nod"),
    ]
    frames, seconds = write_tables(Export(segments, [video]), tmp_path)
    found = pd.read_csv(frames)
    assert found[["start", "end", "class"]].values.tolist() == [[0, 4, "nod"], [10, 19, "fold"]]
    assert found["confidence"].isna().tolist() == [True, False]
    found = pd.read_csv(seconds)
    assert found[["start", "end", "duration"]].values.tolist() == [[3.2, 3.4, 0.2], [3.6, 4.0, 0.4]]
