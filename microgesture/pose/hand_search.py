"""A second look for hands: where the body model names a wrist and no hand was found there.

Holistic looks once, in a box guessed from three body points; a fast or turned hand is missed, and
fast hands are what gestures are made of. Three more places are tried, the likeliest first: where
the hand was in the frame before or after, moved with the wrist; boxes at the wrist, along the
forearm and along the body's own hand points; palms found in a crop around the wrist. A hand is
taken if its model scores at least `least` there and its root lies at the wrist. Where a hand is
hidden or outside the picture the model gives 0.00 to 0.04 in all of these places, where it is
blurred 0.1 and more (docs/pose.md): nothing is invented.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from microgesture.pose.boxes import box_from_ends, box_of_hand

SIDES = ("left", "right")
_SHOULDERS, _HIPS = (11, 12), (23, 24)
_ELBOWS, _WRISTS, _LITTLE, _FORE = (13, 14), (15, 16), (17, 18), (19, 20)
_SURE = 0.5  # no better place is searched for
_LOOKS = 3  # in a row, each in the box of the points that the last one gave
_SIZES = (0.7, 1.0)  # of a searched box, in shoulder widths
_CROP = 1.6  # side of the crop in which palms are searched, in shoulder widths
_NEAR = 0.4  # of a shoulder width: how far a hand's root may lie from the body's wrist
_VISIBLE = 0.1  # least visibility of a wrist

Look = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray | None, float]]
Palms = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Hand:
    """points: float32 (21, 2) pixels. score: of the hand model, 0 to 1. found: how it was found
    ('model', 'neighbour', 'search')."""

    points: np.ndarray
    score: float
    found: str


def body_scale(body: np.ndarray) -> float:
    """A length that stands for the person's size: the shoulders' width as seen from the front.

    body: (33, 3) MediaPipe body points in pixels.
    """
    shoulders, hips = body[list(_SHOULDERS), :2], body[list(_HIPS), :2]
    width = np.linalg.norm(shoulders[0] - shoulders[1])
    height = np.linalg.norm(shoulders.mean(0) - hips.mean(0))
    return float(max(width, 0.6 * height))


def wrist(body: np.ndarray, side: int) -> np.ndarray:
    """The body model's wrist, (2,) pixels. side: 0 = the person's left, 1 = right."""
    return body[_WRISTS[side], :2]


def may_have_hand(body: np.ndarray, side: int, width: int, height: int) -> bool:
    """Whether a second look is worth it: the wrist is seen and lies in the picture."""
    x, y, visibility = body[_WRISTS[side]]
    return visibility >= _VISIBLE and 0 <= x < width and 0 <= y < height


def boxes_at_wrist(body: np.ndarray, side: int) -> Iterator[np.ndarray]:
    """Boxes (5,) that may hold the hand: along the forearm and along the body's hand points."""
    start, scale = wrist(body, side), body_scale(body)
    knuckles = (body[_LITTLE[side], :2] + body[_FORE[side], :2]) / 2
    for size in _SIZES:
        for direction in (start - body[_ELBOWS[side], :2], knuckles - start):
            length = np.linalg.norm(direction)
            if length < 1:
                continue
            along = direction / length
            turn = box_from_ends(start, start + along)[4]
            middle = start + along * scale * size * 0.35
            yield np.array([*middle, scale * size, scale * size, turn])


def best_look(
    look: Look,
    frame: np.ndarray,
    box: np.ndarray,
    body: np.ndarray,
    side: int,
    taken: Hand | None = None,
) -> tuple[np.ndarray | None, float]:
    """The surest of a few looks that follow each other from `box`; its points and score.

    taken: the other side's hand, which is not found a second time.
    """
    reach = _NEAR * body_scale(body)
    best, surest = None, 0.0
    for _ in range(_LOOKS):
        points, score = look(frame, box)
        if points is None or np.linalg.norm(points[0] - wrist(body, side)) > reach:
            break
        if taken is not None and are_one_hand(points, taken.points):
            break
        if score > surest:
            best, surest = points, score
        if score >= _SURE or score < 0.05:
            break
        box = box_of_hand(points)
    return best, surest


def hand_of_neighbour(
    look: Look,
    frame: np.ndarray,
    body: np.ndarray,
    side: int,
    neighbour: Hand,
    neighbour_body: np.ndarray,
    least: float,
    taken: Hand | None = None,
) -> Hand | None:
    """The hand of the frame before or after, looked for where the wrist went."""
    moved = neighbour.points + (wrist(body, side) - wrist(neighbour_body, side))
    points, score = best_look(look, frame, box_of_hand(moved), body, side, taken)
    return Hand(points, score, "neighbour") if points is not None and score >= least else None


def searched_hand(
    look: Look,
    palms: Palms,
    frame: np.ndarray,
    body: np.ndarray,
    side: int,
    least: float,
    taken: Hand | None = None,
) -> Hand | None:
    """The hand at the wrist that the body model names, without help from other frames."""
    best, surest = None, 0.0
    for box in (*boxes_at_wrist(body, side), *_palms_at_wrist(palms, frame, body, side)):
        points, score = best_look(look, frame, box, body, side, taken)
        if score > surest:
            best, surest = points, score
        if surest >= _SURE:
            break
    return Hand(best, surest, "search") if best is not None and surest >= least else None


def _palms_at_wrist(
    palms: Palms, frame: np.ndarray, body: np.ndarray, side: int
) -> Iterator[np.ndarray]:
    """Boxes of hands whose palms are found in a crop around the wrist; black outside the frame."""
    first = next(boxes_at_wrist(body, side), None)
    length = round(_CROP * body_scale(body))
    if first is None or length < 16:
        return
    left, top = (int(value) for value in np.floor(first[:2] - length / 2))
    height, width = frame.shape[:2]
    rows = slice(max(top, 0), min(top + length, height))
    columns = slice(max(left, 0), min(left + length, width))
    if rows.stop <= rows.start or columns.stop <= columns.start:
        return
    crop = np.zeros((length, length, 3), np.uint8)
    part = frame[rows, columns]
    y, x = rows.start - top, columns.start - left
    crop[y : y + part.shape[0], x : x + part.shape[1]] = part
    for box in palms(crop):
        yield box + np.array([left, top, 0, 0, 0])


def are_one_hand(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether two sets of points (21, 2) lie on one and the same hand."""
    size = max(np.linalg.norm(points[9] - points[0]) for points in (first, second))
    return bool(np.linalg.norm(first - second, axis=1).mean() <= 0.25 * size)


def drop_double(hands: list[Hand | None], body: np.ndarray) -> list[Hand | None]:
    """Left and right found on one and the same hand: the one farther from its wrist is dropped."""
    left, right = hands
    if left is None or right is None or not are_one_hand(left.points, right.points):
        return hands
    away = [np.linalg.norm(hand.points[0] - wrist(body, side)) for side, hand in enumerate(hands)]
    return [None, right] if away[0] > away[1] else [left, None]
