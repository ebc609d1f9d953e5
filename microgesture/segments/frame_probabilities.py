"""From windows to frames: every frame gets the weighted mean of the windows that cover it.

A window speaks with more weight for its middle than for its ends (a triangle), for what it says is
about its middle. The mean is taken within each length first and over lengths afterwards, so that a
length with a smaller stride, and so with more windows, has no more votes.
"""

import numpy as np
import pandas as pd

TAPERS = ("triangle", "flat")


def average_over_windows(
    windows: pd.DataFrame,
    values: np.ndarray,
    frames: int,
    *,
    length_weights: dict[int, float] | None = None,
    taper: str = "triangle",
) -> np.ndarray:
    """float64 (frames, C) of one video: mean of the values (N, C) of the windows over each frame.

    windows: start, end, length of one video, starts unique within a length; length_weights: vote
    of each length (equal without; zero leaves it out). Raises ValueError for a frame without a
    window.
    """
    if taper not in TAPERS:
        raise ValueError(f"taper {taper!r} is unknown; write one of {', '.join(TAPERS)}")
    values = np.asarray(values, np.float64)
    total, votes = np.zeros((frames, values.shape[1])), 0.0
    lengths = windows["length"].to_numpy()
    for length in np.unique(lengths):
        vote = 1.0 if length_weights is None else float(length_weights.get(int(length), 0.0))
        if vote <= 0:
            continue
        rows = np.flatnonzero(lengths == length)
        starts, ends = (windows[name].to_numpy()[rows] for name in ("start", "end"))
        if len(np.unique(starts)) != len(starts):
            raise ValueError(f"two windows of {length} frames start at the same frame")
        size = int((ends - starts).max()) + 1
        weights = taper_weights(size, taper)
        heaped, weight = np.zeros_like(total), np.zeros(frames)
        for place in range(size):  # starts differ, so no frame comes twice in one step
            inside = starts + place <= ends
            covered = starts[inside] + place
            heaped[covered] += weights[place] * values[rows[inside]]
            weight[covered] += weights[place]
        if (weight == 0).any():
            raise ValueError(f"frame {int((weight == 0).argmax())} lies in no window of {length}")
        total += vote * heaped / weight[:, None]
        votes += vote
    if votes == 0:
        raise ValueError("no window has a vote")
    return total / votes


def taper_weights(size: int, taper: str = "triangle") -> np.ndarray:
    """float64 (size,): weight of each frame of a window, symmetric, at most 1, never 0."""
    if taper == "flat":
        return np.ones(size)
    rising = np.arange(1, size + 1, dtype=np.float64)
    return np.minimum(rising, rising[::-1]) / ((size + 1) // 2)


def without_background(probabilities: np.ndarray) -> np.ndarray:
    """(T, K + 1) -> (T, K + 1): background's share goes to the gestures in their proportions: what
    a recogniser that does not know background says. Rows add up to 1."""
    gestures = np.array(probabilities, np.float64)
    gestures[:, -1] = 0
    rest = gestures.sum(axis=1, keepdims=True)
    even = np.full(gestures.shape[1], 1 / (gestures.shape[1] - 1))
    even[-1] = 0
    return np.where(rest > 0, gestures / np.where(rest > 0, rest, 1), even)


def nobody_is_background(probabilities: np.ndarray, present: np.ndarray) -> np.ndarray:
    """(T, K + 1) with background certain in frames where nobody is seen; present: bool (T,)."""
    found = np.array(probabilities, np.float64)
    absent = ~np.asarray(present, bool)
    found[absent], found[absent, -1] = 0, 1
    return found
