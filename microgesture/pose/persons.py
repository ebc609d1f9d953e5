"""Which of several people a clip is about, and rows of an array that keep to one person.

One function decides for everything that looks at a clip (crops, recognisers, pictures): the person
who is seen most, most surely and largest. Data of one person pass through unchanged.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

_UNKNOWN = 1.0  # body sizes: what it costs to be where nobody was seen before
_GAIN = 0.5  # body sizes by which another order of the rows must be better to be believed
_MEMORY = 25  # frames after which a row's last place tells nothing any more
_NEAR = 1.0  # body sizes that a person moves at most between two sightings


def track_weights(points: np.ndarray, present: np.ndarray | None = None) -> np.ndarray:
    """How much each person of a clip is worth looking at: float64 (M,), 0 = never seen.

    points: (M, T, J, D + 1), score last, 0 = missing; present: bool (T,), frames that count (all
    without it). The weight is frames in which the person is seen x mean score of the joints
    (missing ones count 0) x mean area of the box around the known joints (x and y).
    """
    scores = np.clip(points[..., -1], 0, None).astype(np.float64)
    if present is not None:
        scores = scores * present[None, :, None]
    known = scores > 0
    seen = known.any(-1)
    frames = seen.sum(1)
    low = np.where(known[..., None], points[..., :2], np.inf).min(2)
    high = np.where(known[..., None], points[..., :2], -np.inf).max(2)
    sides = np.where(seen[..., None], high - low, 0.0).astype(np.float64)
    count = np.maximum(frames, 1)
    area = sides.prod(-1).sum(1) / count
    mean = scores.mean(-1).sum(1) / count
    # Somebody of whom one joint is seen has no area, and is still better than nobody.
    return frames * mean * (area + 1e-9)


def choose_persons(points: np.ndarray, present: np.ndarray | None, count: int) -> np.ndarray:
    """Rows of the `count` people of a clip with the largest `track_weights`: int64, ascending.

    points, present: as in `track_weights`. Equal weights: the first row wins. Fewer rows are
    returned where the clip has fewer.
    """
    if len(points) <= count:
        return np.arange(len(points))
    order = np.argsort(-track_weights(points, present), kind="stable")
    return np.sort(order[:count])


@dataclass(frozen=True)
class Pose:
    """Where a person was last seen. points: (J, D + 1); size: body size; frame: number."""

    points: np.ndarray
    size: float
    frame: int


def _size(points: np.ndarray) -> float:
    known = points[:, -1] > 0
    extent = np.ptp(points[known, :-1].astype(np.float64), axis=0)
    return max(float(np.linalg.norm(extent)), 1e-6)


def _distance(pose: Pose, points: np.ndarray, size: float) -> float:
    """Mean distance of the joints that both have, in sizes of the larger body; without a common
    joint the distance of the means."""
    both = (pose.points[:, -1] > 0) & (points[:, -1] > 0)
    if both.any():
        away = np.linalg.norm(pose.points[both, :-1] - points[both, :-1], axis=-1).mean()
    else:
        means = [values[values[:, -1] > 0, :-1].mean(0) for values in (pose.points, points)]
        away = np.linalg.norm(means[0] - means[1])
    return float(away) / max(pose.size, size)


def relink_rows(points: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Put people who change rows back into the row that they had.

    points: (M, T, J, D + 1), missing = score 0. Frame by frame the people are assigned to the rows
    by their distance to where each row's person was seen last (at most 25 frames before). The order
    of the data stays unless another is better by half a body size in all. Returns the points (the
    same object where nothing changes) and the frames at which the order of the rows changes.
    """
    persons = len(points)
    if persons < 2:
        return points, []
    seen = (points[..., -1] > 0).any(-1)
    if seen.any(1).sum() < 2:
        return points, []
    order = np.arange(persons)  # row of the data -> row of the result
    last: list[Pose | None] = [None] * persons
    orders, changes = np.tile(order, (points.shape[1], 1)), []
    for frame in range(points.shape[1]):
        there = np.flatnonzero(seen[:, frame])
        if len(there):
            sizes = {row: _size(points[row, frame]) for row in there}
            cost = np.zeros((persons, persons))
            for row in there:
                for target in range(persons):
                    pose = last[target]
                    cost[row, target] = (
                        min(_distance(pose, points[row, frame], sizes[row]), 10.0)
                        if pose is not None and frame - pose.frame <= _MEMORY
                        else _UNKNOWN
                    )
            best = linear_sum_assignment(cost)[1]
            kept, found = (cost[np.arange(persons), way].sum() for way in (order, best))
            if kept - found > _GAIN:
                order = best
                changes.append(frame)
            for row in there:
                last[order[row]] = Pose(points[row, frame], sizes[row], frame)
        orders[frame] = order
    if not changes:
        return points, []
    linked = np.zeros_like(points)
    for row in range(persons):
        linked[orders[:, row], np.arange(points.shape[1])] = points[row]
    return linked, changes


def link_people(frames: list[np.ndarray], rows: int) -> tuple[np.ndarray, int]:
    """Rows of people from frames in which they stand in any order and number.

    frames: for every frame (N, J, D + 1), N people, missing joints score 0. A person goes on in the
    row whose last place is nearest, at most one body size away (more after a gap); somebody new
    gets a row of their own, or one that has been empty for more than 25 frames. Of more than
    `rows` rows those with the largest `track_weights` are kept. Returns (M, T, J, D + 1), M >= 1,
    and how many rows were left out. Raises ValueError without frames.
    """
    if not frames:
        raise ValueError("no frames")
    shape, dtype = frames[0].shape[1:], np.float32
    last: list[Pose] = []
    linked: list[dict[int, np.ndarray]] = []
    for number, people in enumerate(frames):
        people = [person for person in people if (person[:, -1] > 0).any()]
        for person, row in zip(people, _rows_of(people, last, number), strict=True):
            pose = Pose(person, _size(person), number)
            if row == len(last):
                last.append(pose)
                linked.append({})
            last[row] = pose
            linked[row][number] = person
    points = np.zeros((max(len(linked), 1), len(frames), *shape), dtype)
    for row, places in enumerate(linked):
        for number, person in places.items():
            points[row, number] = person
    if len(points) <= rows:
        return points, 0
    return points[choose_persons(points, None, rows)], len(points) - rows


def _rows_of(people: list[np.ndarray], last: list[Pose], frame: int) -> Iterator[int]:
    """The row of every person; the number of rows and on for new ones."""
    chosen = [-1] * len(people)
    if people and last:
        cost = np.array(
            [[_distance(pose, person, _size(person)) for pose in last] for person in people]
        )
        gaps = np.array([frame - pose.frame for pose in last])
        reach = _NEAR * (1 + np.minimum(gaps - 1, _MEMORY) / 10)
        allowed = cost <= reach
        for person, row in zip(*linear_sum_assignment(np.where(allowed, cost, 1e6)), strict=True):
            if allowed[person, row]:
                chosen[person] = int(row)
    free = [r for r, pose in enumerate(last) if frame - pose.frame > _MEMORY and r not in chosen]
    new = len(last)
    for row in chosen:
        if row < 0 and free:
            row = free.pop(0)
        elif row < 0:
            row, new = new, new + 1
        yield row
