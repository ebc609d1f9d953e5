"""Coordinates in metres as body units: half body lengths around the central joint of a clip."""

from typing import NamedTuple

import numpy as np

from microgesture.datasets.facing import facing_rotation
from microgesture.pose.layouts import Layout


class BodyFrame(NamedTuple):
    """What the coordinates of a clip are measured by.

    origin: (3,) metres. unit: metres, 0 = nobody is seen and the clip is all zeros. rotation:
    (3, 3), turns the clip towards the camera, or None.
    """

    origin: np.ndarray
    unit: float
    rotation: np.ndarray | None


def to_body_units(
    points: np.ndarray, present: np.ndarray, layout: Layout, *, facing: bool = False
) -> np.ndarray:
    """Metres to half body lengths around the central joint of the first frame with a person.

    points: (M, F, V, 4) float; present: bool (F,). One shift and one scale for the clip. The
    body's length is the longest way through the skeleton (head to foot, hand to hand), with the
    median length of every bone over frames and persons. Where the central joint is missing the
    mean of the seen joints stands for it. facing: the clip is turned towards the camera as well
    (`facing_rotation`). Returns float32; missing joints all 0.
    """
    return to_frame(points, body_frame(points, present, layout, facing=facing))


def body_frame(
    points: np.ndarray, present: np.ndarray, layout: Layout, *, facing: bool = False
) -> BodyFrame:
    """What a clip is measured by. Arguments: see `to_body_units`."""
    seen = points[..., -1] > 0
    frames = np.flatnonzero(present & seen.any(axis=(0, 2)))
    if not len(frames):
        return BodyFrame(np.zeros(3), 0.0, None)
    first = frames[0]
    person = int(np.flatnonzero(seen[:, first].any(axis=1))[0])
    if seen[person, first, layout.center]:
        origin = points[person, first, layout.center, :3]
    else:
        origin = points[person, first][seen[person, first], :3].mean(axis=0)
    length = _longest_way(points, seen, layout)
    rotation = facing_rotation(points, layout) if facing else None
    return BodyFrame(origin.copy(), length / 2 if length > 0 else 1.0, rotation)


def to_frame(points: np.ndarray, frame: BodyFrame) -> np.ndarray:
    """The points (M, F, V, 4) of a clip as float32, measured by its frame; missing joints all 0."""
    if not frame.unit:
        return np.zeros(points.shape, np.float32)
    moved = np.array(points, np.float64)
    moved[..., :3] = (moved[..., :3] - frame.origin) / frame.unit
    if frame.rotation is not None:
        moved[..., :3] = moved[..., :3] @ frame.rotation.T
    return (moved * (points[..., -1] > 0)[..., None]).astype(np.float32)


def _longest_way(points: np.ndarray, seen: np.ndarray, layout: Layout) -> float:
    parents = np.asarray(layout.parents)
    both = seen & seen[:, :, parents]
    bones = np.linalg.norm(points[..., :3] - points[:, :, parents, :3], axis=-1)
    lengths = [
        float(np.median(bones[..., v][both[..., v]])) if both[..., v].any() else 0.0
        for v in range(len(parents))
    ]
    depth = np.zeros(len(parents))  # longest way down from a joint
    longest = 0.0
    for joint in _leaves_first(layout.parents):
        parent = layout.parents[joint]
        if parent != joint:
            reach = depth[joint] + lengths[joint]
            longest = max(longest, depth[parent] + reach)
            depth[parent] = max(depth[parent], reach)
    return longest


def _leaves_first(parents: tuple[int, ...]) -> list[int]:
    def level(joint: int) -> int:
        return 0 if parents[joint] == joint else 1 + level(parents[joint])

    return sorted(range(len(parents)), key=level, reverse=True)
