"""Windows of several lengths over whole videos: where a recogniser looks, and what is there.

A window is a stretch of frames (0-based, `end` belongs to it), a row of a table with the columns
video, start, end, length; `length` is the wanted length, which a window at hand may fall short of
only where its whole video does. Background has the number after the last class everywhere in this
room.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

UNKNOWN = -1


def window_starts(frames: int, length: int, stride: int) -> np.ndarray:
    """First frames, int64 ascending: every `stride` frames from 0 on, and one at the very end, so
    that every frame is covered. A video that is shorter than `length` has one window, from 0.

    Raises ValueError for a length or stride below 1; no frame, no window.
    """
    if length < 1 or stride < 1:
        raise ValueError(f"a window needs a length and a stride of 1 or more: {length}, {stride}")
    if frames < 1:
        return np.empty(0, np.int64)
    last = max(frames - length, 0)
    starts = np.arange(0, last + 1, stride, dtype=np.int64)
    return starts if starts[-1] == last else np.append(starts, last)


def make_windows(
    frames: dict[str, int], lengths: Iterable[int], stride_share: float = 0.25
) -> pd.DataFrame:
    """video, start, end, length of all windows, ordered by video, length and start.

    frames: number of frames of every video; lengths: in frames, a repeated one counts once;
    stride_share: stride as a share of the length, rounded, at least one frame.
    """
    parts = []
    for video in sorted(frames):
        for length in sorted(set(lengths)):
            starts = window_starts(frames[video], length, max(1, round(stride_share * length)))
            ends = np.minimum(starts + length, frames[video]) - 1
            parts.append(
                pd.DataFrame({"video": video, "start": starts, "end": ends, "length": length})
            )
    if not parts:
        return pd.DataFrame({"video": [], "start": [], "end": [], "length": []})
    return pd.concat(parts, ignore_index=True)


def lengths_in_frames(seconds: Iterable[float], fps: float) -> list[int]:
    """Whole frames of each length, at least 2 (one frame has no motion), sorted without repeats.

    Raises ValueError where `fps` is not above 0.
    """
    if not fps > 0:
        raise ValueError(f"a length in seconds needs frames per second above 0, not {fps}")
    return sorted({max(2, round(length * fps)) for length in seconds})


def overlaps(starts: np.ndarray, ends: np.ndarray, clips: pd.DataFrame) -> np.ndarray:
    """int64 (N, S): frames that each of N stretches shares with each clip (start, end)."""
    first = np.maximum(np.asarray(starts)[:, None], clips["start"].to_numpy()[None])
    last = np.minimum(np.asarray(ends)[:, None], clips["end"].to_numpy()[None])
    return np.maximum(last - first + 1, 0)


def label_windows(
    windows: pd.DataFrame,
    clips: pd.DataFrame,
    annotated: Iterable[str],
    num_classes: int,
    *,
    clip_share: float = 0.5,
    window_share: float = 0.25,
    background_share: float = 0.1,
) -> np.ndarray:
    """What each window shows: int64 (N,), 0..K-1 a class, K background, -1 unknown.

    windows: video, start, end; clips: video, start, end, label (-1 = unknown); annotated: videos
    in which everything that happens has a clip. A window shows the clip that it shares most frames
    with (the first of equals), where these are at least `clip_share` of the shorter of the two and
    `window_share` of the window. It shows background in an annotated video where the clips together
    fill at most `background_share` of it. All others, and the windows of a clip without a label,
    are unknown: half a gesture is neither the gesture nor none.
    """
    labels = np.full(len(windows), UNKNOWN, np.int64)
    whole = set(annotated)
    by_video = dict(iter(clips.groupby("video")))
    places = pd.Series(np.arange(len(windows)), index=windows.index)
    for video, part in windows.groupby("video"):
        rows = places.loc[part.index].to_numpy()
        lengths = (part["end"] - part["start"] + 1).to_numpy()
        own = by_video.get(video)
        if own is None:
            if video in whole:
                labels[rows] = num_classes
            continue
        shared = overlaps(part["start"], part["end"], own)
        best = shared.argmax(axis=1)
        most = shared[np.arange(len(part)), best]
        clip_lengths = (own["end"] - own["start"] + 1).to_numpy()[best]
        shows = most >= clip_share * np.minimum(lengths, clip_lengths)
        shows &= (most >= window_share * lengths) & (most > 0)
        labels[rows[shows]] = own["label"].to_numpy()[best[shows]]
        if video in whole:
            filled = covered_frames(own, int(max(part["end"].max(), own["end"].max())) + 1)
            heaped = np.concatenate([[0], np.cumsum(filled)])
            busy = heaped[part["end"].to_numpy() + 1] - heaped[part["start"].to_numpy()]
            labels[rows[~shows & (busy <= background_share * lengths)]] = num_classes
    return labels


def covered_frames(clips: pd.DataFrame, frames: int) -> np.ndarray:
    """bool (frames,): in which frames a clip (start, end) lies."""
    filled = np.zeros(frames, bool)
    for row in clips.itertuples():
        filled[row.start : row.end + 1] = True
    return filled


def frame_labels(clips: pd.DataFrame, frames: int, num_classes: int) -> np.ndarray:
    """int64 (frames,): the class of every frame, K where no clip (start, end, label) lies.

    Where two overlap the one that begins later counts, and of those the shorter one.
    """
    labels = np.full(frames, num_classes, np.int64)
    lengths = clips["end"] - clips["start"]
    for row in clips.assign(_shorter=-lengths).sort_values(["start", "_shorter"]).itertuples():
        labels[row.start : row.end + 1] = row.label
    return labels
