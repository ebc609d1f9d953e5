"""The square of the frame that a clip is about: the person, tightened on what moves.

The box around the person follows PoseConv3D's compact pre-processing (Duan et al., CVPR 2022): the
union over the clip of the boxes of all joints with a score above the threshold, padded, made
square. The second, motion-weighted box leans towards the hands and the head when these are what
moves; its form is this project's own (docs/decisions.md).
"""

from dataclasses import dataclass

import numpy as np

from microgesture.saliency.motion import joint_motion, motion_energy

# Share of the motion left out at either end of an axis by the motion-weighted box.
_TAIL = 0.05
# A box never gets smaller than this share of the frame's longer side: a lone joint has no extent.
_SMALLEST = 0.125


@dataclass(frozen=True)
class Saliency:
    """box: (x0, y0, x1, y1), a square in pixels that may reach out of the frame; person_frames:
    frames with a person; motion: float32 (T,), energy per frame in person-box sides."""

    box: tuple[float, float, float, float]
    person_frames: int
    motion: np.ndarray


def locate(
    points: np.ndarray,
    present: np.ndarray,
    width: int,
    height: int,
    *,
    enabled: bool = True,
    score_threshold: float = 0.3,
    padding: float = 0.25,
    motion_weight: float = 0.5,
    minimum_share: float = 0.5,
) -> Saliency:
    """Where and when a clip is worth looking at.

    points: float (M, T, J, D + 1), pixels (or metres, then width = height = 0) and score;
    present: bool (T,). padding: the square's side is (1 + padding) x the longer side of the box.
    motion_weight: 0 keeps the person's box, 1 takes the motion-weighted one, between them the
    edges are blended. minimum_share: the blended square's side is at least this share of the
    person's. enabled: False keeps the square around the whole frame. Joints outside the frame are
    left out, however sure the pose network is of them: there is nothing to see. A clip without a
    person gets the square around the whole frame.
    """
    _check_share("motion_weight", motion_weight)
    _check_share("minimum_share", minimum_share)
    frame = whole_frame(width, height)
    standing = (points[..., -1] > score_threshold) & present[None, :, None]
    standing &= _inside(points[..., :2], width, height)
    person_frames = int(standing.any(axis=(0, 2)).sum())
    if person_frames == 0:
        return Saliency(frame, 0, np.zeros(points.shape[1], dtype=np.float32))
    smallest = _SMALLEST * (frame[2] - frame[0]) if width > 0 and height > 0 else 1e-6
    seen = np.where(standing[..., None], points, 0)
    person = square_around(_extent(seen, standing), 0.0, smallest)
    side = person[2] - person[0]
    square = person
    if motion_weight > 0 and (moving := motion_extent(seen, score_threshold)) is not None:
        tight = square_around(
            _blend(_extent(seen, standing), moving, motion_weight), 0.0, minimum_share * side
        )
        square = _moved_inside(tight, person)
    energy = motion_energy(seen, score_threshold, unit=side)
    if not enabled:
        return Saliency(frame, person_frames, energy)
    return Saliency(square_around(square, padding), person_frames, energy)


def motion_extent(
    points: np.ndarray, score_threshold: float = 0.3
) -> tuple[float, float, float, float] | None:
    """Box that holds the middle 90 % of the motion along each axis, None where nothing moves.

    Each position of a joint with a score above the threshold weighs as much as the joint moves in
    the mean (`joint_motion`); the edges are weighted quantiles.
    """
    standing = points[..., -1] > score_threshold
    weights = np.broadcast_to(joint_motion(points, score_threshold)[:, None, :], standing.shape)[
        standing
    ]
    if weights.size == 0 or weights.sum() <= 0:
        return None
    edges = [
        weighted_quantiles(points[..., axis][standing].astype(np.float64), weights, _TAIL)
        for axis in (0, 1)
    ]
    return edges[0][0], edges[1][0], edges[0][1], edges[1][1]


def weighted_quantiles(values: np.ndarray, weights: np.ndarray, tail: float) -> tuple[float, float]:
    """The values below and above which the share `tail` of the weight lies, float (n,) each."""
    order = np.argsort(values, kind="stable")
    heaped = np.cumsum(weights[order])
    low = np.searchsorted(heaped, tail * heaped[-1], side="left")
    high = np.searchsorted(heaped, (1 - tail) * heaped[-1], side="left")
    last = len(values) - 1
    return float(values[order[min(low, last)]]), float(values[order[min(high, last)]])


def square_around(
    box: tuple[float, float, float, float], padding: float, smallest: float = 0.0
) -> tuple[float, float, float, float]:
    """Square about the centre of `box`: side = max((1 + padding) x longer side, smallest)."""
    x0, y0, x1, y1 = box
    half = max((1 + padding) * max(x1 - x0, y1 - y0), smallest) / 2
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return x - half, y - half, x + half, y + half


def crop_units(points: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    """Points (..., D + 1) with x and y from pixels to shares of the box: (0, 0) is its upper left
    corner, (1, 1) its lower right one. Missing points (score 0) stay zero. A box is taken
    as one pixel wide and high at least. float32, a copy."""
    x0, y0, x1, y1 = box
    moved = np.array(points, np.float64)
    moved[..., 0] = (moved[..., 0] - x0) / max(x1 - x0, 1.0)
    moved[..., 1] = (moved[..., 1] - y0) / max(y1 - y0, 1.0)
    moved[moved[..., -1] <= 0] = 0
    return moved.astype(np.float32)


def whole_frame(width: int, height: int) -> tuple[float, float, float, float]:
    """The square that holds the whole frame, centred on it; the unit square without a frame."""
    if width <= 0 or height <= 0:
        return 0.0, 0.0, 1.0, 1.0
    return square_around((0.0, 0.0, float(width), float(height)), 0.0)


def _inside(places: np.ndarray, width: int, height: int) -> np.ndarray:
    """Which of the places (..., 2) lie in the frame; without a frame, which are finite."""
    if width <= 0 or height <= 0:
        return np.isfinite(places).all(axis=-1)
    return ((places >= 0) & (places <= (width, height))).all(axis=-1)


def _extent(points: np.ndarray, standing: np.ndarray) -> tuple[float, float, float, float]:
    x, y = (points[..., axis][standing].astype(np.float64) for axis in (0, 1))
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _blend(first: tuple, second: tuple, share: float) -> tuple:
    return tuple((1 - share) * a + share * b for a, b in zip(first, second, strict=True))


def _moved_inside(box: tuple, outer: tuple) -> tuple:
    """`box`, no larger than `outer`, moved so that it lies inside of it."""
    side = min(box[2] - box[0], outer[2] - outer[0])
    x0 = min(max(box[0], outer[0]), outer[2] - side)
    y0 = min(max(box[1], outer[1]), outer[3] - side)
    return x0, y0, x0 + side, y0 + side


def _check_share(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"{name} must lie in 0 to 1, not {value}")
