"""Which box of a frame the pose model looks at, and whether a person is there at all.

A top-down model wants a person's box. No detector is needed for one person: the keypoints of the
last frames give the box of the next. Frames go through the model in batches, so "the last frames"
are those of the batch before:

1. The whole batch is estimated in one box around the person as last seen (the frames at the end of
   the previous batch), or in the whole frame where there is none.
2. Frames in which nobody is found in that box are estimated again in the whole frame.
3. Frames whose own keypoints no longer fit the box they were found in (somebody has moved, or was
   found small in the whole frame) are estimated once more in the box of these keypoints.

Most batches need the first step only. A frame without a person after all of it is marked absent.

With a detector (detection.py) its box takes the place of the whole frame in 1 and 2: it is asked
frame by frame until somebody is found, and again for every frame in which the person is lost; there
nobody else is taken who is elsewhere. A batch without the person ends the following.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from microgesture.pose.layouts import Layout
from microgesture.pose.subjects import Choice

Choose = Callable[[np.ndarray, np.ndarray | None], tuple[np.ndarray, Choice] | None]
Estimate = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class TrackingSettings:
    """Numbers of the tracking, all of them config values.

    person_threshold: least person score (`person_scores`) of a frame with a person.
    point_threshold: least score of a point that counts for the person's box.
    box_margin: added to the box of the points on every side, as a part of its size.
    refine_overlap: least intersection over union of a frame's own box and the box that it was
        estimated in; below, it is estimated again in its own box.
    memory: frames at the end of a batch whose boxes together make the next batch's box.
    """

    person_threshold: float = 0.5
    point_threshold: float = 0.3
    box_margin: float = 0.1
    refine_overlap: float = 0.5
    memory: int = 8


def body_joints(layout: Layout) -> tuple[int, ...]:
    """The joints that tell of a person: head, arms, torso and legs; no hands, no face points."""
    parts = ("head", "torso", "left_arm", "right_arm", "left_leg", "right_leg")
    return tuple(sorted(joint for part in parts for joint in layout.parts.get(part, ())))


def person_scores(points: np.ndarray, body: tuple[int, ...]) -> np.ndarray:
    """How sure it is that there is a person: mean score of the better half of the body points.

    points: (N, J, D+1); body: the joints that count. Returns (N,). The better half, because people
    are often cut off by the frame at the waist: unseen legs are no sign of nobody.
    """
    scores = np.sort(points[:, list(body), -1], axis=1)
    return scores[:, scores.shape[1] // 2 :].mean(1)


def point_boxes(
    points: np.ndarray, width: int, height: int, settings: TrackingSettings
) -> np.ndarray:
    """Boxes (N, 4) x0, y0, x1, y1 around each frame's confident points, inside the frame.

    points: (N, J, 3) pixels and score. A frame with fewer than three such points, or with all of
    them in one place, gets the whole frame.
    """
    known = points[..., 2:] >= settings.point_threshold
    low = np.where(known, points[..., :2], np.inf).min(1)
    high = np.where(known, points[..., :2], -np.inf).max(1)
    margin = settings.box_margin * (high - low)
    limits = np.array([width, height], np.float32)
    with np.errstate(invalid="ignore"):
        boxes = np.concatenate([(low - margin).clip(0, limits), (high + margin).clip(0, limits)], 1)
    usable = (known[..., 0].sum(1) >= 3) & (boxes[:, 2:] - boxes[:, :2] >= 4).all(1)
    whole = np.array([0, 0, width, height], np.float32)
    return np.where(usable[:, None], boxes, whole).astype(np.float32)


def overlaps(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Intersection over union of two lists of boxes (N, 4), pair by pair: (N,)."""
    top_left = np.maximum(first[:, :2], second[:, :2])
    bottom_right = np.minimum(first[:, 2:], second[:, 2:])
    shared = (bottom_right - top_left).clip(min=0).prod(1)
    areas = [(boxes[:, 2:] - boxes[:, :2]).clip(min=0).prod(1) for boxes in (first, second)]
    return shared / np.maximum(areas[0] + areas[1] - shared, 1e-9)


def estimate_batch(
    frames: np.ndarray,
    box: np.ndarray | None,
    estimate: Estimate,
    body: tuple[int, ...],
    settings: TrackingSettings,
    choose: Choose | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, dict[int, Choice]]:
    """Keypoints of one batch of consecutive frames, and the box for the next batch.

    frames: uint8 (N, H, W, 3). box: (4,) from the batch before, None = nobody was seen. estimate:
    (frames, boxes (N, 4)) -> points (N, J, 3). choose: a detector's (frame, last box or None) ->
    the box of a person and why, or None; without one the whole frame is looked at. Returns points
    (N, J, 3), zeros where there is nobody; present bool (N,); the next box; and the detector's
    choices by their place in the batch.
    """
    height, width = frames.shape[1:3]
    whole = np.array([0, 0, width, height], np.float32)
    first, choices = 0, {}
    if choose is not None and box is None:
        first, box = _first_found(frames, choose, choices)
    used = np.tile(whole if box is None else box, (len(frames), 1)).astype(np.float32)
    seen = estimate(frames[first:], used[first:])
    points = np.concatenate([np.zeros((first, *seen.shape[1:]), np.float32), seen])
    found = person_scores(points, body) >= settings.person_threshold
    lost = np.flatnonzero(~found)
    lost = lost[lost >= first]
    if box is not None and len(lost):
        used[lost] = whole
        if choose is not None:
            lost = _found_again(frames, lost, box, choose, used, choices)
        points[lost] = estimate(frames[lost], used[lost])
        found[lost] = person_scores(points[lost], body) >= settings.person_threshold
    own = point_boxes(points, width, height, settings)
    moved = np.flatnonzero(found & (overlaps(own, used) < settings.refine_overlap))
    if len(moved):
        again = estimate(frames[moved], own[moved])
        # A second look that no longer sees the person is worth less than the first one.
        better = person_scores(again, body) >= settings.person_threshold
        points[moved[better]] = again[better]
        own = point_boxes(points, width, height, settings)
    points[~found] = 0
    recent = own[found][-settings.memory :]
    if len(recent) == 0:
        return points, found, None, choices
    box = np.concatenate([recent[:, :2].min(0), recent[:, 2:].max(0)])
    return points, found, box, choices


def _first_found(
    frames: np.ndarray, choose: Choose, choices: dict[int, Choice]
) -> tuple[int, np.ndarray | None]:
    """The first frame with somebody, and the box there; (N, None) where there is nobody."""
    for place, frame in enumerate(frames):
        if (found := choose(frame, None)) is not None:
            box, choices[place] = found
            return place, box
    return len(frames), None


def _found_again(
    frames: np.ndarray,
    rows: np.ndarray,
    last: np.ndarray,
    choose: Choose,
    used: np.ndarray,
    choices: dict[int, Choice],
) -> np.ndarray:
    """Those of `rows` in which the one followed in the box `last` is seen; their boxes are put into
    `used`."""
    again = []
    for row in rows.tolist():
        if (found := choose(frames[row], last)) is not None:
            used[row], choices[row] = found
            again.append(row)
    return np.array(again, int)


def track_person(
    batches: Iterable[np.ndarray],
    estimate: Estimate,
    body: tuple[int, ...],
    settings: TrackingSettings,
    choose: Choose | None = None,
) -> Iterable[tuple[np.ndarray, np.ndarray, dict[int, Choice]]]:
    """Follow one person through a video.

    batches: consecutive frames, uint8 (N, H, W, 3) each. choose: see `estimate_batch`. Yields
    (points (N, J, 3), present (N,), choices by place) per batch. The result depends a little on the
    size of the batches, since a batch shares a box.
    """
    box = None
    for frames in batches:
        points, present, box, choices = estimate_batch(
            frames, box, estimate, body, settings, choose
        )
        yield points, present, choices
