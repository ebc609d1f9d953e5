"""Tables of segments as people read them: names, persons and seconds beside numbers and frames."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from microgesture.videos.time_stamps import frames_to_seconds

BACKGROUND = "background"


def readable_segments(
    segments: pd.DataFrame,
    labels: list[list[str]],
    subjects: Mapping[str, str],
    times: Mapping[str, np.ndarray],
) -> pd.DataFrame:
    """video, subject, start, end (frames), start_seconds, end_seconds, label, name, group,
    confidence, second (a name), second_confidence, margin, uncertain; in order of time.

    segments: `segments.segment_table` with `uncertain`; labels: name and group of each class;
    subjects: video -> person; times: video -> seconds of its frames (T,).
    """
    table = _with_seconds(segments.sort_values(["video", "start"], ignore_index=True), times)
    names = [name for name, _ in labels] + [BACKGROUND]
    table.insert(1, "subject", [subjects.get(video, "") for video in table["video"]])
    place = table.columns.get_loc("label") + 1
    table.insert(place, "name", [names[label] for label in table["label"]])
    table.insert(place + 1, "group", [labels[label][1] for label in table["label"]])
    return table.assign(second=[names[label] for label in table["second"]])


def readable_stretches(
    stretches: pd.DataFrame, labels: list[list[str]], times: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """`label_next` with seconds, and the names of the guesses instead of their numbers."""
    names = [name for name, _ in labels] + [BACKGROUND]
    table = _with_seconds(stretches.reset_index(drop=True), times)
    table = table.assign(second=[names[int(label)] for label in table["second"]])
    table.insert(
        table.columns.get_loc("label") + 1, "name", [names[int(k)] for k in table["label"]]
    )
    return table


def times_of(index_times: np.ndarray | None, frames: int, fps: float) -> np.ndarray:
    """float64 (frames,): when each frame is shown; by the rate where there is no frame index."""
    return np.arange(frames) / fps if index_times is None else index_times


def _with_seconds(table: pd.DataFrame, times: Mapping[str, np.ndarray]) -> pd.DataFrame:
    spans = [frames_to_seconds(times[row.video], row.start, row.end) for row in table.itertuples()]
    place = table.columns.get_loc("end") + 1
    table = table.copy()
    table.insert(place, "start_seconds", [float(start) for start, _ in spans])
    table.insert(place + 1, "end_seconds", [float(end) for _, end in spans])
    return table
