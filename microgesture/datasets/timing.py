"""Where in time a sample looks: clips that are too short, and clips that are stretched.

A clip shorter than a sample is played in a loop elsewhere (microgesture/videos/sampling.py): every
frame is a real one, but the end is followed by the beginning, a jump that no gesture makes, and the
motion streams see it. Here the frames keep their order and are spread over the sample.
"""

import numpy as np


def short_positions(
    frames: int,
    length: int,
    generator: np.random.Generator | None = None,
    view: int = 0,
    views: int = 1,
) -> np.ndarray:
    """Places in a clip of `frames` frames for a sample of `length`, in order: float64 (length,).

    Sample i is at (i + u) / length of the clip, frame f at (f + 1/2) / frames; positions are
    counted in frames and end at the first and the last one. u: one random number, or
    (view + 1/2) / views without a generator.
    """
    share = (view + 0.5) / views if generator is None else generator.random()
    return np.clip((np.arange(length) + share) / length * frames - 0.5, 0, frames - 1)


def between_frames(points: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Skeletons at places between frames: float32 (M, len(positions), V, D + 1).

    points: (M, F, V, D + 1), coordinates and score. Linear where a joint is seen in both frames
    around; else it is as in the nearer one, missing (all 0) where it is missing there.
    """
    before = np.floor(positions).astype(np.int64)
    after = np.minimum(before + 1, points.shape[1] - 1)
    weight = (positions - before)[:, None, None]
    one, other = points[:, before], points[:, after]
    seen = (one[..., -1:] > 0) & (other[..., -1:] > 0)
    mixed = (1 - weight) * one + weight * other
    return np.where(seen, mixed, points[:, nearest_frames(positions)]).astype(np.float32)


def nearest_frames(positions: np.ndarray) -> np.ndarray:
    """The frame nearest to each position, int64; of two the later one."""
    return np.floor(positions + 0.5).astype(np.int64)


def stretched_places(
    places: np.ndarray, largest: float, generator: np.random.Generator
) -> np.ndarray:
    """The frames of a clip whose time is stretched or cut by a random factor, int64.

    places (F,): the clip's frames. The factor lies in [1 - largest, 1 + largest]: below 1 a random
    part of the clip fills the sample (it is slower), above 1 the clip fills a random part of it and
    its first and last frames stand still around it (it is faster).
    """
    frames = len(places)
    wanted = max(1, round(frames * (1 + largest * (2 * generator.random() - 1))))
    free = wanted - frames
    first = -generator.integers(free + 1) if free > 0 else generator.integers(-free + 1)
    return places[np.clip(np.arange(wanted) + first, 0, frames - 1)]
