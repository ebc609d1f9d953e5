"""Which frames of a clip a network sees.

Uniform segment sampling after TSN (Wang et al., ECCV 2016) as PoseConv3D uses it (Duan et al.,
CVPR 2022): the clip is cut into `length` equal segments and one frame is taken of each. Frame
numbers are relative to the clip's start. A clip shorter than `length` is played in a loop, so that
only real frames are ever sampled.
"""

import numpy as np


def sample_training(
    frames: int,
    length: int,
    generator: np.random.Generator,
    motion: np.ndarray | None = None,
    motion_share: float = 0.5,
) -> np.ndarray:
    """One frame drawn at random from each of `length` segments: int64 (length,), not descending
    (but for the loop of a short clip, which starts at a random frame).

    With `motion` (float (frames,), energy >= 0) the segments hold equal shares of
    (1 - motion_share) x uniform + motion_share x motion energy instead of equal numbers of frames,
    so moving moments are sampled more densely; a clip that does not move is sampled uniformly. A
    short clip then repeats frames in place.
    """
    _check(frames, length)
    if motion is not None:
        return _sample_by_motion(frames, length, generator, motion, motion_share)
    if frames < length:
        return (generator.integers(frames) + np.arange(length)) % frames
    if frames < 2 * length:
        # Segments would hold one or two frames, whose places never vary: leave out
        # frames - length frames, drawn so that gaps of one may stand anywhere.
        skipped = np.zeros(length + 1, dtype=np.int64)
        skipped[generator.choice(length + 1, size=frames - length, replace=False)] = 1
        return np.arange(length) + np.cumsum(skipped)[:-1]
    borders = np.arange(length + 1) * frames // length
    return borders[:-1] + generator.integers(np.diff(borders))


def sample_testing(frames: int, length: int, clips: int = 1) -> np.ndarray:
    """Fixed samples for testing: int64 (clips, length).

    Clip c takes the frame at (c + 1/2) / clips of each segment, so a single clip takes the
    centres. Of a clip shorter than `length` the loops start at evenly spread frames.
    """
    _check(frames, length)
    if clips < 1:
        raise ValueError(f"clips must be at least 1, not {clips}")
    if frames < length:
        starts = np.arange(clips) * frames // clips
        return (starts[:, None] + np.arange(length)) % frames
    # Whole numbers throughout, so that no rounding moves a frame.
    offsets = 2 * np.arange(clips)[:, None] + 1
    return (2 * clips * np.arange(length) + offsets) * frames // (2 * clips * length)


def spread_positions(frames: int, limit: int) -> np.ndarray:
    """At most `limit` frames spread uniformly over the clip: int64, ascending without repeats.

    All frames where there are no more than `limit`.
    """
    _check(frames, limit)
    if frames <= limit:
        return np.arange(frames)
    return sample_testing(frames, limit)[0]


def _sample_by_motion(
    frames: int, length: int, generator: np.random.Generator, motion: np.ndarray, share: float
) -> np.ndarray:
    energy = np.asarray(motion, dtype=np.float64)
    if energy.shape != (frames,):
        raise ValueError(f"motion must have one value per frame ({frames}), not {energy.shape}")
    if not 0 <= share <= 1:
        raise ValueError(f"motion_share must lie in 0 to 1, not {share}")
    density = np.full(frames, 1 / frames)
    if (total := energy.sum()) > 0:
        density = (1 - share) * density + share * energy / total
    cumulative = np.cumsum(density)
    targets = (np.arange(length) + generator.random(length)) / length * cumulative[-1]
    return np.minimum(np.searchsorted(cumulative, targets, side="right"), frames - 1)


def _check(frames: int, length: int) -> None:
    if frames < 1 or length < 1:
        raise ValueError(f"need at least one frame and one sample, not {frames} and {length}")
