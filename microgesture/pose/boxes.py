"""Turned square boxes around bodies and hands, as MediaPipe's models want them.

A box is x, y, width, height in pixels (x, y the middle) and a rotation in radians, clockwise.
"""

import numpy as np

_PALM = (0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18)  # points of a hand that move least


def box_from_ends(middle: np.ndarray, end: np.ndarray, scale: float = 1.25) -> np.ndarray:
    """The square box (5,) around a body or a hand, upright along the line from `middle` to `end`.

    middle, end: (2,) in pixels; the circle around `middle` through `end` holds the whole person
    (BlazePose's alignment points). scale: of the box on the circle.
    """
    x, y = np.asarray(end, np.float64) - np.asarray(middle, np.float64)
    side = 2 * np.hypot(x, y) * scale
    turn = np.pi / 2 - np.arctan2(-y, x)
    turn -= 2 * np.pi * np.floor((turn + np.pi) / (2 * np.pi))
    return np.array([middle[0], middle[1], side, side, turn])


def hand_box(
    middle: np.ndarray, side: float, turn: float, scale: float, shift: float
) -> np.ndarray:
    """A square of `side` * `scale` moved by `shift` sides along its own upright; (5,)."""
    x = middle[0] - side * shift * np.sin(turn)
    y = middle[1] + side * shift * np.cos(turn)
    return np.array([x, y, side * scale, side * scale, turn])


def box_of_hand(points: np.ndarray) -> np.ndarray:
    """The box (5,) in which to look for a hand again, from its points (21, 2) in a near frame.

    Of the points without the finger tips and middle joints, which move most.
    """
    firm = points[list(_PALM)].astype(np.float64)
    upper = (points[5] + points[13]) / 2 * 0.5 + points[9] * 0.5
    turn = box_from_ends(points[0], upper)[4]
    across = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    turned = firm @ across.T
    low, high = turned.min(0), turned.max(0)
    middle = (low + high) / 2 @ across
    return hand_box(middle, float((high - low).max()), turn, scale=2.0, shift=-0.1)
