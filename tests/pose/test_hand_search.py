"""The second look, with a hand model that is known: a hand of which it is told the place."""

import numpy as np
import pytest

from microgesture.pose.hand_search import (
    Hand,
    are_one_hand,
    best_look,
    body_scale,
    boxes_at_wrist,
    drop_double,
    hand_of_neighbour,
    may_have_hand,
    searched_hand,
)

FRAME = np.zeros((480, 640, 3), np.uint8)


def seated_body():
    """A person from the front: shoulders 100 pixels apart, the right hand raised to (260, 200)."""
    body = np.zeros((33, 3), np.float32)
    places = {11: (350, 200), 12: (250, 200), 13: (380, 300), 14: (230, 300), 15: (380, 400),
              16: (260, 200), 17: (380, 430), 18: (262, 170), 19: (370, 430), 20: (268, 170),
              23: (330, 400), 24: (270, 400)}  # fmt: skip
    for joint, place in places.items():
        body[joint] = (*place, 1)
    return body


def hand_at(root, size=30):
    """A small upright hand of which the root lies at `root`."""
    points = np.zeros((21, 2), np.float32)
    for finger in range(5):
        for joint in range(4):
            points[1 + 4 * finger + joint] = (finger - 2) * size / 6, -(joint + 1) * size / 3
    return points + np.float32(root)


class HandFinder:
    """Sees a hand at `root` with `score` if the middle of the box is within `reach` of it."""

    def __init__(self, root, score=0.9, reach=60):
        self.root, self.score, self.reach, self.looks = np.array(root), score, reach, 0

    def __call__(self, frame, box):
        self.looks += 1
        if np.linalg.norm(box[:2] - self.root) > self.reach:
            return None, 0.0
        return hand_at(self.root), self.score


def no_palms(picture):
    return np.zeros((0, 5))


def test_the_scale_is_the_shoulders_width_or_what_the_trunk_tells():
    body = seated_body()
    assert body_scale(body) == pytest.approx(0.6 * 200)
    body[[23, 24], 1] = 260
    assert body_scale(body) == pytest.approx(100)


def test_a_second_look_needs_a_wrist_in_the_picture():
    body = seated_body()
    assert may_have_hand(body, 1, 640, 480)
    body[16, 2] = 0.05
    assert not may_have_hand(body, 1, 640, 480)
    body[15, 1] = 481
    assert not may_have_hand(body, 0, 640, 480)


def test_a_hand_at_the_wrist_is_found_and_one_elsewhere_is_not():
    body = seated_body()
    found = searched_hand(HandFinder((262, 195)), no_palms, FRAME, body, 1, 0.25)
    assert found.found == "search" and found.score == 0.9
    assert searched_hand(HandFinder((262, 195)), no_palms, FRAME, body, 0, 0.25) is None
    # a hand in the box whose root lies far from the wrist is somebody else's
    far = HandFinder((260, 330), reach=400)
    assert searched_hand(far, no_palms, FRAME, body, 1, 0.25) is None


def test_an_unsure_hand_is_taken_from_the_least_score_on():
    body = seated_body()
    assert searched_hand(HandFinder((262, 195), 0.3), no_palms, FRAME, body, 1, 0.25).score == 0.3
    assert searched_hand(HandFinder((262, 195), 0.2), no_palms, FRAME, body, 1, 0.25) is None


def test_a_palm_in_the_crop_leads_to_the_hand():
    body = seated_body()
    root = np.array([280, 215])
    shapes = []

    def palms(picture):
        shapes.append(picture.shape)
        first = next(boxes_at_wrist(body, 1))
        corner = np.floor(first[:2] - picture.shape[0] / 2)
        return np.array([[*(root - corner), 40, 40, 0]])

    finder = HandFinder(root, reach=5)
    assert searched_hand(finder, palms, FRAME, body, 1, 0.25).score == 0.9
    assert shapes == [(192, 192, 3)]


def test_the_neighbours_hand_is_moved_with_the_wrist():
    body, before = seated_body(), seated_body()
    before[16, :2] = (160, 150)
    neighbour = Hand(hand_at((162, 145)), 0.8, "model")
    finder = HandFinder((262, 195), reach=25)
    found = hand_of_neighbour(finder, FRAME, body, 1, neighbour, before, 0.25)
    assert found.found == "neighbour" and finder.looks == 1
    still = hand_of_neighbour(finder, FRAME, body, 1, neighbour, body, 0.25)
    assert still is None  # the hand is not where it was


def test_looks_follow_the_hand_and_keep_the_best():
    scores = iter([0.3, 0.45, 0.2])

    def look(frame, box):
        return hand_at((260, 200)), next(scores)

    points, score = best_look(look, FRAME, np.array([260, 200, 60, 60, 0]), seated_body(), 1)
    assert score == 0.45 and points is not None


def test_the_other_sides_hand_is_not_found_twice():
    body = seated_body()
    taken = Hand(hand_at((262, 195)), 0.9, "model")
    assert searched_hand(HandFinder((262, 195)), no_palms, FRAME, body, 1, 0.25, taken) is None


def test_of_a_double_hand_the_nearer_side_stays():
    body = seated_body()
    near = Hand(hand_at((262, 197)), 0.9, "model")
    same = Hand(hand_at((264, 197)), 0.9, "model")
    assert drop_double([same, near], body) == [None, near]
    apart = Hand(hand_at((380, 400)), 0.9, "model")
    assert drop_double([apart, near], body) == [apart, near]
    assert drop_double([None, near], body) == [None, near]


def test_hands_that_only_touch_are_two():
    # a quarter of the length from the root to the middle finger, which is 10 pixels here
    assert are_one_hand(hand_at((0, 0)), hand_at((2.5, 0)))
    assert not are_one_hand(hand_at((0, 0)), hand_at((2.6, 0)))
