"""The one numbering of a video: its shown frames in order, and the time of each.

Frame n is the n-th picture that a player shows. Samples that the container hides (edit lists of
clips cut without re-encoding), packets that hold no picture and the remains of a group of pictures
whose key frame was cut away have no number. Every reader, annotation and store counts like this.

Seconds are those of a player's clock, which stands at 0 where the recording begins, also where the
time stamps in the file begin later (a late first frame, a transport stream).
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

# A time that was written with three decimals may lie this far before its frame.
ROUNDING = 0.001


@dataclass(frozen=True, eq=False)
class FrameIndex:
    """What one full pass found in a video of T shown frames (`microgesture.videos.numbering`).

    stamps: int64 (T,), presentation time stamps, strictly ascending; unit: seconds of one stamp;
    origin: the stamp at which a player's clock shows 0.
    fps: the constant rate that explains all time stamps, else the mean rate.
    width, height: pixels of the upright picture, a rotation in the container applied.
    key_frames: int64 (K,), frames at which decoding may begin besides frame 0.
    checksums: uint32 (T,), CRC-32 of every 16th row of a decoded picture's first plane.
    stamped: False where the file keeps no usable time stamps (raw streams, some AVI files): stamps
    are then the numbers themselves at the file's rate, and frames are reached by counting only.
    reader: "decord" where decord's numbers were found to be these, else "libav".
    size: bytes of the file, so that another file under the same name is noticed.
    """

    stamps: np.ndarray
    unit: Fraction
    origin: int
    fps: float
    width: int
    height: int
    key_frames: np.ndarray
    checksums: np.ndarray
    stamped: bool
    reader: str
    size: int

    def __post_init__(self):
        if self.stamps.ndim != 1 or not len(self.stamps) or (np.diff(self.stamps) <= 0).any():
            raise ValueError("stamps must be a row of ascending numbers, at least one")
        if self.checksums.shape != self.stamps.shape:
            raise ValueError("checksums must be as many as stamps")
        if self.reader not in ("decord", "libav"):
            raise ValueError(f"reader must be decord or libav, not {self.reader}")

    @property
    def frames(self) -> int:
        """The number of shown frames."""
        return len(self.stamps)

    @property
    def times(self) -> np.ndarray:
        """float64 (T,): seconds at which each frame begins to be shown."""
        ticks = (self.stamps - self.origin).astype(np.float64)
        return ticks * self.unit.numerator / self.unit.denominator

    @property
    def end(self) -> float:
        """Seconds at which the last frame has been shown for as long as a mean one."""
        return float(self.times[-1]) + 1 / self.fps


def frame_to_time(index: FrameIndex, frames: np.ndarray | int) -> np.ndarray:
    """float64 seconds at which the frames begin, whatever the time between frames.

    Raises IndexError for a frame that the video does not have.
    """
    frames = np.asarray(frames)
    if frames.size and (frames.min() < 0 or frames.max() >= index.frames):
        raise IndexError(f"the video has frames 0 to {index.frames - 1}")
    return index.times[frames]


def time_to_frame(
    index: FrameIndex, seconds: np.ndarray | float, rounding: float = ROUNDING
) -> np.ndarray:
    """int64 numbers of the frames on show at `seconds`: the last ones that have begun by then.

    A time at most `rounding` seconds before a frame begins counts as that frame's (annotation
    tools write milliseconds), so `time_to_frame(index, frame_to_time(index, n)) == n` also for
    times that were rounded to milliseconds; at more than 400 frames a second a fifth of the
    shortest time between two frames is used instead. Before the first frame: 0. After the end of
    the last frame: the number of frames, which no frame has, so that the caller can refuse it.
    """
    times = index.times
    if len(times) > 1:
        rounding = min(rounding, float(np.diff(times).min()) * 0.4)
    wanted = np.asarray(seconds, dtype=np.float64)
    found = np.searchsorted(times, wanted + rounding, side="right") - 1
    found = np.maximum(found, 0)
    return np.where(wanted > index.end + rounding, index.frames, found)


def span_to_frames(
    index: FrameIndex, start: float, end: float, rounding: float = ROUNDING
) -> tuple[int, int]:
    """First and last frame (inclusive) of an annotation from `start` to `end` seconds.

    The first frame is the one on show at `start`, the last the one on show just before `end`, so
    that neighbouring annotations share no frame; a span inside one frame gives that frame. Last is
    `index.frames`, which no frame has, where `end` lies more than a frame behind the video's end.
    """
    first = int(time_to_frame(index, start, rounding))
    # Sound, and with it an annotation, may go on for a moment after the last frame.
    last = index.frames
    if end <= index.end + 1 / index.fps:
        last = min(int(time_to_frame(index, end, rounding)), index.frames - 1)
        last -= end <= float(index.times[last]) + rounding
    return first, max(first, last)


def frames_to_span(index: FrameIndex, first: int, last: int) -> tuple[float, float]:
    """Seconds from the beginning of frame `first` to the end of frame `last`: the way back."""
    begin = float(frame_to_time(index, first))
    after = last + 1
    return begin, float(frame_to_time(index, after)) if after < index.frames else index.end
