"""Traces of a person made by hand: what is seen of body and hands, how large, how still."""

import numpy as np
import pytest

from microgesture.inspection.traces import trace_of
from microgesture.pose.layouts import get_layout
from microgesture.stores.sequences import Sequence, Track

H68 = get_layout("h68")
BODY = [j for p in ("head", "torso", "left_arm", "right_arm") for j in H68.parts.get(p, ())]


def sequence(frames=20, persons=1, width=400, height=200, tracks=()):
    """Somebody who moves by a pixel a frame, all joints in a box of 60 x 80 pixels, score 0.8."""
    generator = np.random.default_rng(0)
    points = np.zeros((persons, frames, H68.num_joints, 3), np.float32)
    places = generator.uniform(0, 1, (H68.num_joints, 2)) * (60, 80)
    body = [j for part in H68.parts for j in H68.parts[part] if "hand" not in part]
    places[body[0]], places[body[1]] = (0, 0), (60, 80)
    for side in ("left", "right"):
        hand = list(H68.parts[f"{side}_hand"])
        places[hand] = (30, 40)
        places[hand[0]], places[hand[1]] = (30, 40), (33, 44)  # a diagonal of 5
    points[..., :2] = places + np.arange(frames)[None, :, None, None] + 50
    points[..., 2] = 0.8
    return Sequence(points, np.ones(frames, bool), "h68", width, height, 25.0, tracks)


def test_somebody_who_is_seen_well():
    found = trace_of(sequence(), H68)
    assert found.present.all() and found.somebody == 1
    assert found.body == pytest.approx(0.8)
    assert found.hands == pytest.approx(np.full((2, 20), 0.8))
    assert found.with_hand() == 1
    assert found.person_size == pytest.approx(100 / 200, abs=0.01)
    assert found.hand_size == pytest.approx(5)
    assert (found.still, found.people, len(found.jumps)) == (0, 1, 0)
    assert not found.outside.any()


def test_a_hand_needs_half_of_its_points():
    given = sequence()
    left = list(H68.parts["left_hand"])
    given.points[:, :5, left[:11], 2] = 0.1  # 10 of 21 are left
    given.points[:, 5:10, left[:10], 2] = 0.1  # 11 of 21
    given.points[:, :8, list(H68.parts["right_hand"]), 2] = 0.2
    found = trace_of(given, H68)
    assert (found.hands[0] > 0).tolist() == [False] * 5 + [True] * 15
    assert (found.hands[1] > 0).tolist() == [False] * 8 + [True] * 12
    assert found.with_hand() == 15 / 20
    assert found.with_hand(0, 9) == 5 / 10
    assert found.body == pytest.approx(0.8)


def test_frames_without_anybody_count_for_nothing():
    given = sequence()
    given.points[:, 10:] = 0
    given.present[10:] = False
    found = trace_of(given, H68)
    assert found.somebody == 0.5 and found.with_hand() == 1
    assert (found.body[10:] == 0).all()
    empty = trace_of(Sequence(given.points * 0, given.present & False, "h68", 400, 200, 25.0), H68)
    assert empty.somebody == 0
    assert np.isnan([empty.with_hand(), empty.person_size, empty.hand_size, empty.still]).all()


def test_a_wrist_out_of_the_picture():
    given = sequence()
    wrist = H68.joints.index("right_wrist")
    given.points[:, 4:7, wrist, 1] = 230.0
    given.points[:, 7:9, wrist, 2] = 0  # missing is not outside
    found = trace_of(given, H68)
    assert np.flatnonzero(found.outside[1]).tolist() == [4, 5, 6]
    assert not found.outside[0].any()


def test_points_that_stand_still():
    given = sequence()
    given.points[:, 1:11] = given.points[:, :1]
    assert trace_of(given, H68).still == 10 / 19


def test_jumps_and_company_come_from_the_tracks():
    tracks = (
        Track(0, 9, 2, "largest", 0.9, 0.9, False),
        Track(10, 19, 1, "alone", 0.9, 0.9, True),
    )
    found = trace_of(sequence(tracks=tracks), H68)
    assert (found.people, found.jumps.tolist()) == (2, [10])
    assert trace_of(sequence(persons=3), H68).people == 3


def test_a_jump_is_found_where_nobody_wrote_tracks():
    given = sequence(frames=40, width=2000, height=1000)
    given.points[:, 25:, :, 0] += 900
    assert trace_of(given, H68).jumps.tolist() == [25]


def test_keypoints_in_metres_have_no_size_and_no_outside():
    flat = sequence()
    points = np.insert(flat.points, 2, 1.5, axis=-1)
    found = trace_of(Sequence(points, flat.present, "h68", 0, 0, 25.0), H68)
    assert np.isnan([found.person_size, found.hand_size]).all()
    assert not found.outside.any() and found.with_hand() == 1


def test_a_layout_without_hands():
    layout = get_layout("coco17")
    points = np.random.default_rng(0).uniform(10, 90, (1, 5, 17, 3)).astype(np.float32)
    points[..., 2] = 0.9
    found = trace_of(Sequence(points, np.ones(5, bool), "coco17", 100, 100, 25.0), layout)
    assert found.hands is None and np.isnan(found.with_hand())
