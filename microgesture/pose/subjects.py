"""Whom the pose stage follows: the choice among several people, and jumps from one to another.

A recording has one subject a row of the video table. Where several people are seen the one who is
followed is chosen by size, place and score, and kept by continuity; every choice is written down
with its reason, and so is a track that is suddenly elsewhere. A person who is chosen wrongly is
overruled by the column `region` of the video table.
"""

from dataclasses import dataclass

import numpy as np

from microgesture.stores.sequences import Track

# A person is thought to be the same one as before if the box moved by less than half of its side
# and kept its size within a factor of two.
_MOVED, _GREW = 0.5, 2.0
# A track jumps if the body's middle moves by more than this part of the person's size between two
# frames; a person who runs past a camera at 10 frames a second stays below.
_LEAP = 0.5
_BODY_SCORE = 0.5  # least score of a point that tells where the body is
_AROUND = 15  # frames on each side whose median size is the person's size


@dataclass(frozen=True)
class Choice:
    """Who is followed from here on.

    index: of the person among those found. people: how many were found. reason: 'alone', 'largest'
    or 'continuity'. size: side of the person's box as a share of the picture's height. score: the
    detector's.
    """

    index: int
    people: int
    reason: str
    size: float
    score: float


def share_inside(boxes: np.ndarray, width: int) -> np.ndarray:
    """The part of every box's width that lies in the picture: (N,). boxes: (N, 5), middle first."""
    left = np.clip(boxes[:, 0] - boxes[:, 2] / 2, 0, width)
    right = np.clip(boxes[:, 0] + boxes[:, 2] / 2, 0, width)
    return (right - left) / np.maximum(boxes[:, 2], 1e-9)


def is_near(box: np.ndarray, last: np.ndarray) -> bool:
    """Whether two boxes (5,) may be one person's, a moment apart."""
    moved = np.hypot(*(box[:2] - last[:2]))
    ratio = box[2] / last[2]
    return bool(moved <= _MOVED * max(box[2], last[2]) and 1 / _GREW <= ratio <= _GREW)


def choose_person(
    boxes: np.ndarray,
    scores: np.ndarray,
    picture: tuple[int, int],
    last: np.ndarray | None,
    least: float,
) -> Choice | None:
    """Who is followed, or None for nobody.

    boxes: (N, 5) around whole people; scores: (N,). picture: width and height. last: the box of the
    person followed until a moment ago: somebody else is not taken instead; None = anybody, and of
    several the one with the largest size x share of the width inside the picture x score. least:
    score of a person who is taken.
    """
    width, height = picture
    sure = np.flatnonzero(scores >= least)
    if last is not None:
        sure = np.array([row for row in sure if is_near(boxes[row], last)], int)
    if len(sure) == 0:
        return None
    weight = boxes[sure, 2] * share_inside(boxes[sure], width) * scores[sure]
    index = int(sure[weight.argmax()])
    people = int((scores >= least).sum())
    reason = "continuity" if last is not None else "largest" if people > 1 else "alone"
    return Choice(index, people, reason, float(boxes[index, 2] / height), float(scores[index]))


def middles(points: np.ndarray, body: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Middle (T, 2) and size (T,) of the body in every frame; NaN where too little is seen.

    points: (T, J, 3) pixels and score. body: the joints that count. The middle is the median of the
    points that are seen, the size the diagonal of the box around them.
    """
    chosen = points[:, list(body)]
    seen = chosen[..., 2] >= _BODY_SCORE
    enough = seen.sum(1) >= 3
    places = np.where(seen[..., None], chosen[..., :2], np.nan)
    middle = np.full((len(points), 2), np.nan)
    size = np.full(len(points), np.nan)
    if enough.any():
        middle[enough] = np.nanmedian(places[enough], axis=1)
        spread = np.nanmax(places[enough], axis=1) - np.nanmin(places[enough], axis=1)
        size[enough] = np.hypot(spread[:, 0], spread[:, 1])
    return middle, size


def find_jumps(points: np.ndarray, present: np.ndarray, body: tuple[int, ...]) -> np.ndarray:
    """Frames at which the person followed is suddenly elsewhere than in the last frame that shows
    somebody: int (K,).

    points: (T, J, 3). present: bool (T,). Sizes are medians over the frames around, because legs
    that come and go change a box but are no jump.
    """
    middle, size = middles(points, body)
    usable = np.flatnonzero(present & np.isfinite(size))
    if len(usable) < 2:
        return np.zeros(0, int)
    steady = np.array(
        [np.median(size[usable[max(0, k - _AROUND) : k + _AROUND + 1]]) for k in range(len(usable))]
    )
    away = np.linalg.norm(np.diff(middle[usable], axis=0), axis=1)
    return usable[1:][away > _LEAP * np.maximum(steady[1:], steady[:-1])]


def make_tracks(
    present: np.ndarray, jumps: np.ndarray, choices: dict[int, Choice]
) -> tuple[Track, ...]:
    """The stretches of frames that show somebody, cut where the track jumps.

    present: bool (T,). jumps: frames of `find_jumps`. choices: frame -> the choice made there, for
    estimators that choose.
    """
    before = np.concatenate([[False], present[:-1]])
    starts = np.flatnonzero(present & (~before | np.isin(np.arange(len(present)), jumps)))
    tracks = []
    for number, start in enumerate(starts):
        following = starts[number + 1] if number + 1 < len(starts) else len(present)
        end = start + int(present[start:following].sum()) - 1
        made = [choice for frame, choice in sorted(choices.items()) if start <= frame <= end]
        tracks.append(
            Track(
                start=int(start),
                end=int(end),
                people=max((choice.people for choice in made), default=0),
                reason=made[0].reason if made else "",
                size=round(made[0].size, 3) if made else 0.0,
                score=round(made[0].score, 3) if made else 0.0,
                jump=bool(start in jumps),
            )
        )
    return tuple(tracks)
