"""What a video's keypoints show, frame by frame: somebody, their hands, how sure, how large."""

from dataclasses import dataclass

import numpy as np

from microgesture.pose.layouts import Layout
from microgesture.pose.persons import choose_persons
from microgesture.pose.subjects import find_jumps
from microgesture.stores.sequences import Sequence

SEEN = 0.3  # least score of a point that counts as seen
_HAND_POINTS = 0.5  # share of a hand's points that make it a hand
SIDES = ("left", "right")
# Parts that are the person as a whole; hands and the face's outline say nothing of the size.
_BODY = ("head", "torso", "left_arm", "right_arm", "left_leg", "right_leg")


@dataclass(frozen=True)
class Trace:
    """One person through one video of T frames; NaN where nothing is known.

    present: bool (T,), somebody is seen. body: float (T,), mean score of the body's points that are
    seen; 0 without any. hands: float (2, T), mean score of the left and right hand where one is
    found, else 0; None where the layout has no hands. outside: bool (2, T), the wrist is told to
    lie out of the picture. person_size: median diagonal of the body as a share of the picture's
    height. hand_size: median diagonal of a hand in pixels. still: share of neighbouring frames with
    somebody in which not one point moves. jumps: frames at which somebody else may have been taken.
    people: most people seen in one frame (0 = not counted).
    """

    present: np.ndarray
    body: np.ndarray
    hands: np.ndarray | None
    outside: np.ndarray
    person_size: float
    hand_size: float
    still: float
    jumps: np.ndarray
    people: int

    @property
    def somebody(self) -> float:
        """Share of the frames with a person; NaN without frames."""
        return float(self.present.mean()) if len(self.present) else float("nan")

    def with_hand(self, start: int = 0, end: int | None = None) -> float:
        """Share of the frames with a person, from start to end (inclusive), in which at least one
        hand is found; NaN without hands in the layout or without a person."""
        there = self.present[start : None if end is None else end + 1]
        if self.hands is None or not there.any():
            return float("nan")
        found = self.hands[:, start : None if end is None else end + 1] > 0
        return float(found.any(0)[there].mean())


def trace_of(sequence: Sequence, layout: Layout) -> Trace:
    """The trace of the person that clips are about (`choose_persons`).

    sequence: a whole video in `layout`, pixels or metres.
    """
    chosen = choose_persons(sequence.points, sequence.present, 1)
    points = sequence.points[chosen][0] if len(chosen) else sequence.points[:0].sum(0)
    points = np.concatenate([points[..., :2], points[..., -1:]], -1).astype(np.float64)
    present = sequence.present & (points[..., 2] > 0).any(-1)
    body = np.array([j for part in _BODY for j in layout.parts.get(part, ())] or [0])
    seen = points[..., 2] >= SEEN
    count = seen[:, body].sum(1)
    scores = (points[:, body, 2] * seen[:, body]).sum(1) / np.maximum(count, 1)
    sizes = _diagonals(points[:, body], seen[:, body])[present & (count >= 3)]
    height = sequence.height if sequence.height > 0 else float("nan")
    hands, hand_size = _hands(points, present, layout)
    jumps = [track.start for track in sequence.tracks if track.jump]
    if not sequence.tracks and height == height:
        jumps = find_jumps(points, present, tuple(body.tolist()))
    return Trace(
        present=present,
        body=np.where(present, scores, 0.0),
        hands=hands,
        outside=_outside(points, layout, sequence.width, sequence.height),
        person_size=float(np.median(sizes)) / height if len(sizes) else float("nan"),
        hand_size=hand_size if height == height else float("nan"),
        still=_still(points, present),
        jumps=np.asarray(jumps, int),
        people=max([track.people for track in sequence.tracks], default=0)
        or int((sequence.points[..., -1] > 0).any(-1).sum(0).max(initial=0)),
    )


def _diagonals(points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """(T,) diagonals of the boxes around the points that are seen, 0 without any."""
    low = np.where(seen[..., None], points[..., :2], np.inf).min(1)
    high = np.where(seen[..., None], points[..., :2], -np.inf).max(1)
    sides = np.where(seen.any(1)[:, None], high - low, 0.0)
    return np.hypot(sides[:, 0], sides[:, 1])


def _hands(
    points: np.ndarray, present: np.ndarray, layout: Layout
) -> tuple[np.ndarray | None, float]:
    """Scores (2, T) of the hands that are found, and the median diagonal of a found hand."""
    joints = [[*layout.parts.get(f"{side}_hand", ())] for side in SIDES]
    if not all(len(part) >= 5 for part in joints):
        return None, float("nan")
    found, sizes = [], []
    for part in joints:
        seen = points[:, part, 2] >= SEEN
        there = present & (seen.mean(1) >= _HAND_POINTS)
        score = (points[:, part, 2] * seen).sum(1) / np.maximum(seen.sum(1), 1)
        found.append(np.where(there, score, 0.0))
        sizes.append(_diagonals(points[:, part], seen)[there])
    sizes = np.concatenate(sizes)
    return np.stack(found), float(np.median(sizes)) if len(sizes) else float("nan")


def _outside(points: np.ndarray, layout: Layout, width: int, height: int) -> np.ndarray:
    """bool (2, T): the wrist lies out of the picture, however sure that is."""
    outside = np.zeros((2, len(points)), bool)
    if not (width and height):
        return outside
    for row, side in enumerate(SIDES):
        if f"{side}_wrist" in layout.joints:
            wrist = points[:, layout.joints.index(f"{side}_wrist")]
            beyond = (wrist[:, :2] < 0) | (wrist[:, :2] > (width - 1, height - 1))
            outside[row] = beyond.any(1) & (wrist[:, 2] > 0)
    return outside


def _still(points: np.ndarray, present: np.ndarray) -> float:
    both = present[1:] & present[:-1]
    if not both.any():
        return float("nan")
    moved = (np.diff(points, axis=0) != 0).any((1, 2))
    return float((~moved)[both].mean())
