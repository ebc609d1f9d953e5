"""How much each joint and each frame of a clip moves.

A displacement counts only where the joint stands in both frames (score above the threshold), is
weighted by the smaller of its two scores, and is measured in units of the input's coordinates.
"""

import numpy as np


def displacements(points: np.ndarray, score_threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Weighted distance that each joint moves from one frame to the next, and where it is known.

    points: float (M, T, J, D + 1), coordinates and score, 0 = missing.
    Returns moved float64 (M, T - 1, J), 0 where unknown, and known bool of the same shape.
    """
    scores = points[..., -1].astype(np.float64)
    standing = scores > score_threshold
    known = standing[:, 1:] & standing[:, :-1]
    steps = np.diff(points[..., :-1].astype(np.float64), axis=1)
    moved = np.sqrt((steps**2).sum(axis=-1)) * np.minimum(scores[:, 1:], scores[:, :-1])
    return np.where(known, moved, 0.0), known


def joint_motion(points: np.ndarray, score_threshold: float = 0.3) -> np.ndarray:
    """Motion saliency s_j = mean over t of |x_(j,t+1) - x_(j,t)| x score: float64 (M, J).

    The mean runs over the steps where the joint is known; a joint that never is has 0.
    """
    moved, known = displacements(points, score_threshold)
    return moved.sum(axis=1) / np.maximum(known.sum(axis=1), 1)


def motion_energy(
    points: np.ndarray, score_threshold: float = 0.3, unit: float = 1.0
) -> np.ndarray:
    """Mean movement of the known joints into each frame: float32 (T,), in `unit`s per frame.

    The first frame repeats the second's value; a frame into which no joint can be followed has 0,
    and so has a clip of one frame. With `unit` the side of the person's box, clips of near and far
    people compare.
    """
    frames = points.shape[1]
    if frames < 2:
        return np.zeros(frames, dtype=np.float32)
    moved, known = displacements(points, score_threshold)
    energy = moved.sum(axis=(0, 2)) / np.maximum(known.sum(axis=(0, 2)), 1) / unit
    return np.concatenate([energy[:1], energy]).astype(np.float32)
