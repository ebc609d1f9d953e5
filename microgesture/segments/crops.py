"""The crop of every segment: the square that its frames would be cut along as a clip."""

import pandas as pd

from microgesture.segments.window_clips import locate_windows
from microgesture.stores.sequences import list_sequences, read_sequence


def with_crops(segments: pd.DataFrame, skeletons: list[str], settings: dict) -> pd.DataFrame:
    """The segments with x0, y0, x1, y1 in pixels of the picture; as they are for keypoints in
    metres. skeletons: stores that hold their videos; settings: those of locate_saliency."""
    parts, store_of = [], {video: path for path in skeletons for video in list_sequences(path)}
    for video, own in segments.groupby("video", sort=True):
        sequence = read_sequence(store_of[str(video)], str(video))
        if sequence.points.shape[-1] == 3:
            boxes, _ = locate_windows(own, {video: sequence}, settings)
            own = own.assign(**dict(zip(("x0", "y0", "x1", "y1"), boxes.T)))
        parts.append(own)
    return pd.concat(parts, ignore_index=True) if parts else segments
