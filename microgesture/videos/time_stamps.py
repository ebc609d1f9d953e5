"""When every frame of a video is shown, and the way from seconds to frames and back.

Annotation tools write seconds on the medium's own clock. A frame is the one that is shown at that
moment: it is looked up among the time stamps, never computed from a mean rate, so a variable frame
rate and a first frame that comes late need no special case.
"""

from pathlib import Path

import numpy as np

from microgesture.videos.decoding import index_frames

# A time that was written in whole milliseconds may lie this far from its frame's own.
ROUNDING = 0.001
_LONE_FRAME = 0.04  # seconds a single frame is taken to last


def time_stamps(path: str | Path) -> np.ndarray:
    """When each shown frame is shown: float64 (T,), seconds on a player's clock, ascending.

    The times of the frame index, by which every other reader numbers too. Raises BadInput for a
    file that is no video or cannot be numbered with certainty, with the command that mends it.
    """
    return index_frames(path).times


def end_of(times: np.ndarray) -> float:
    """When the last frame goes, in seconds: it is taken to last as long as the median frame."""
    return float(times[-1] + (np.median(np.diff(times)) if len(times) > 1 else _LONE_FRAME))


def seconds_to_frames(times, start, end, tolerance: float = ROUNDING):
    """First and last frame (0-based, inclusive, int64) shown between `start` and `end`.

    times: (T,) as `time_stamps` gives them. start, end: seconds, numbers or arrays of one shape;
    `end` is the first moment after, and equal to `start` for a point in time. tolerance: a time
    this close to a time stamp counts as being on it (less where frames follow each other faster).
    What lies before the first or behind the last frame becomes the first or the last one: whether
    that may be is for the caller to say.
    """
    if len(times) > 1:
        tolerance = min(tolerance, 0.4 * float(np.diff(times).min()))
    first = np.searchsorted(times, np.asarray(start, float) + tolerance, side="right") - 1
    first = np.clip(first, 0, len(times) - 1)
    last = np.searchsorted(times, np.asarray(end, float) - tolerance, side="left") - 1
    return first, np.clip(last, first, len(times) - 1)


def frames_to_seconds(times, first, last):
    """From when to when the frames `first` to `last` (inclusive) are shown: float64 seconds.

    The end is the first moment after: the time of the next frame, or `end_of(times)`.
    `seconds_to_frames` gives the same frames back, also when both were rounded to milliseconds.
    """
    times = np.asarray(times, float)
    return times[first], np.append(times, end_of(times))[np.asarray(last) + 1]
