"""Whom the pose stage follows: choices and jumps worked out by hand."""

import numpy as np
import pytest

from microgesture.pose.subjects import (
    Choice,
    choose_person,
    find_jumps,
    is_near,
    make_tracks,
    share_inside,
)

PICTURE = (640, 480)
BODY = tuple(range(5))


def boxes(*rows):
    return np.array([(x, y, side, side, 0) for x, y, side in rows], float)


def test_the_share_of_a_box_inside_the_picture():
    found = share_inside(boxes((320, 0, 100), (0, 0, 100), (700, 0, 100)), 640)
    np.testing.assert_allclose(found, [1, 0.5, 0])


def test_the_largest_of_several_and_the_reason():
    two = boxes((200, 240, 200), (450, 240, 300))
    choice = choose_person(two, np.array([0.9, 0.9]), PICTURE, None, 0.8)
    assert (choice.index, choice.people, choice.reason) == (1, 2, "largest")
    assert choice.size == pytest.approx(300 / 480)
    alone = choose_person(two, np.array([0.9, 0.7]), PICTURE, None, 0.8)
    assert (alone.index, alone.people, alone.reason) == (0, 1, "alone")


def test_somebody_at_the_edge_is_not_chosen_for_his_size():
    # 500 pixels large, but less than a third of it in the picture
    people = boxes((320, 240, 250), (720, 240, 500))
    assert choose_person(people, np.array([0.9, 0.95]), PICTURE, None, 0.8).index == 0


def test_nobody_else_is_taken_while_the_person_followed_is_missed():
    last = boxes((200, 240, 200))[0]
    people = boxes((460, 240, 300), (210, 250, 190))
    choice = choose_person(people, np.array([0.95, 0.9]), PICTURE, last, 0.8)
    assert (choice.index, choice.people, choice.reason) == (1, 2, "continuity")
    assert choose_person(people[:1], np.array([0.95]), PICTURE, last, 0.8) is None
    assert choose_person(boxes(), np.zeros(0), PICTURE, None, 0.8) is None


def test_near_means_half_a_side_and_twice_the_size():
    last = boxes((100, 100, 100))[0]
    assert is_near(boxes((150, 100, 100))[0], last)
    assert not is_near(boxes((151, 100, 100))[0], last)
    assert is_near(boxes((100, 100, 200))[0], last)
    assert not is_near(boxes((100, 100, 201))[0], last)


def person_at(*places):
    """Five points of a body of 60 x 80 pixels (diagonal 100) around each place; None = nobody."""
    points = np.zeros((len(places), 5, 3), np.float32)
    for row, place in zip(points, places):
        if place is not None:
            row[:, :2] = np.array([(-30, -40), (30, -40), (0, 0), (-30, 40), (30, 40)]) + place
            row[:, 2] = 0.9
    return points, np.array([place is not None for place in places])


def test_a_jump_is_more_than_half_the_persons_size():
    points, present = person_at((100, 100), (149, 100), (200, 100), (205, 100))
    assert find_jumps(points, present, BODY).tolist() == [2]


def test_a_jump_over_empty_frames_is_found():
    points, present = person_at((100, 100), None, None, (105, 100), None, (300, 100))
    assert find_jumps(points, present, BODY).tolist() == [5]


def test_uncertain_points_tell_nothing():
    points, present = person_at((100, 100), (300, 100), (100, 100))
    points[1, :, 2] = 0.3
    assert find_jumps(points, present, BODY).tolist() == []
    assert find_jumps(points[:0], present[:0], BODY).tolist() == []


def test_tracks_are_stretches_cut_at_jumps():
    present = np.array([1, 1, 0, 1, 1, 1, 0, 1], bool)
    choices = {0: Choice(1, 2, "largest", 0.5, 0.9), 4: Choice(0, 3, "continuity", 0.6, 0.8)}
    tracks = make_tracks(present, np.array([5]), choices)
    assert [(t.start, t.end, t.jump) for t in tracks] == [
        (0, 1, False),
        (3, 4, False),
        (5, 5, True),
        (7, 7, False),
    ]
    assert [(t.people, t.reason) for t in tracks] == [
        (2, "largest"),
        (3, "continuity"),
        (0, ""),
        (0, ""),
    ]
    assert make_tracks(np.zeros(4, bool), np.zeros(0, int), {}) == ()
