"""Where the hands are, for bodies made by hand: shoulders 100 pixels apart, nose 70 above them."""

import numpy as np

from bench.footage_hands import CHEST, FACE, REST, UNCLEAR, label_windows, place_of_hands
from microgesture.pose.layouts import get_layout
from microgesture.stores.sequences import Sequence

LAYOUT = get_layout("coco_wholebody133")


def places(left, right, frames=2):
    """The labels of a body whose hands are at (x, y); None = not found, wrist neither."""
    points = np.zeros((1, frames, LAYOUT.num_joints, 3), np.float32)
    for name, spot in (
        ("nose", (200, 30)),
        ("left_shoulder", (250, 100)),
        ("right_shoulder", (150, 100)),
    ):
        points[:, :, LAYOUT.joints.index(name)] = (*spot, 0.9)
    for side, spot in (("left", left), ("right", right)):
        if spot:
            points[:, :, list(LAYOUT.parts[f"{side}_hand"])] = (*spot, 0.8)
            points[:, :, LAYOUT.joints.index(f"{side}_wrist")] = (*spot, 0.8)
    sequence = Sequence(points, np.ones(frames, bool), LAYOUT.name, 400, 400, 30.0)
    return place_of_hands(sequence).tolist()


def test_the_higher_hand_decides():
    hanging = (260, 260)
    assert places(hanging, (140, 260)) == [REST, REST]
    assert places(hanging, (190, 180)) == [CHEST, CHEST]
    assert places((210, 60), (190, 180)) == [FACE, FACE]


def test_between_the_places_nothing_is_said():
    assert places((260, 235), (140, 260)) == [UNCLEAR, UNCLEAR]  # neither low nor before the chest
    assert places((390, 120), (140, 260)) == [UNCLEAR, UNCLEAR]  # stretched out
    assert places(None, (140, 260)) == [UNCLEAR, UNCLEAR]  # the other may be anywhere


def test_a_body_that_is_not_seen_has_no_label():
    points = np.zeros((1, 3, LAYOUT.num_joints, 3), np.float32)
    sequence = Sequence(points, np.zeros(3, bool), LAYOUT.name, 400, 400, 30.0)
    assert place_of_hands(sequence).tolist() == [UNCLEAR] * 3


def test_windows_need_three_of_four_frames():
    frames = np.array([FACE] * 6 + [UNCLEAR] * 2 + [CHEST] * 5 + [FACE] * 3)
    assert label_windows(frames) == [(0, 7, FACE)]  # 4 to 11: 2 face and 4 chest; 8 to 15: 5 and 3
    assert label_windows(np.full(7, REST)) == []
