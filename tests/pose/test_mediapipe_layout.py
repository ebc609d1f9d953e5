"""The maps from MediaPipe's points, against the names and the drawn lines that it ships."""

import numpy as np
import pytest

from microgesture.pose.layouts import get_layout
from microgesture.pose.mediapipe_layout import BODY, FACE, FEET, LAYOUT, wholebody_points

LAYOUT_133 = get_layout(LAYOUT)


def test_body_points_have_the_names_of_their_places():
    landmark = pytest.importorskip("mediapipe").solutions.holistic.PoseLandmark
    names = {name.lower().replace("foot_index", "big_toe"): int(n) for name, n in
             landmark.__members__.items()}  # fmt: skip
    for joint, source in zip(LAYOUT_133.joints[:23], (*BODY, *FEET)):
        assert source == names.get(joint), joint


def test_hand_points_stand_in_the_same_order():
    landmark = pytest.importorskip("mediapipe").solutions.hands.HandLandmark
    fingers = {"index": "forefinger", "middle": "middle_finger", "ring": "ring_finger",
               "pinky": "pinky_finger", "thumb": "thumb", "wrist": "hand_root"}  # fmt: skip
    ours = [joint.removeprefix("left_").rstrip("1234") for joint in LAYOUT_133.joints[91:112]]
    assert ours == [fingers[name.split("_")[0].lower()] for name in landmark.__members__]


@pytest.mark.parametrize(
    ("places", "part"),
    [
        (range(17), "FACE_OVAL"),
        (range(36, 42), "RIGHT_EYE"),
        (range(42, 48), "LEFT_EYE"),
        (range(17, 22), "RIGHT_EYEBROW"),
        (range(22, 27), "LEFT_EYEBROW"),
        (range(48, 68), "LIPS"),
    ],
)
def test_face_points_lie_on_their_part_of_the_mesh(places, part):
    mesh = pytest.importorskip("mediapipe").solutions.face_mesh
    drawn = {point for edge in getattr(mesh, f"FACEMESH_{part}") for point in edge}
    assert {FACE[place] for place in places} <= drawn


def test_face_points_are_all_different():
    assert len(FACE) == 68 == len(set(FACE))


def test_scores_and_missing_parts():
    body = np.zeros((33, 3), np.float32)
    body[:, 0], body[:, 1], body[:, 2] = np.arange(33), 50, 0.9
    hand = np.full((21, 2), 7, np.float32)
    points = wholebody_points(body, hand, 0.6, None, 0.3, None, 0)
    assert points.shape == (133, 3)
    assert points[:5, 0].tolist() == [0, 2, 5, 7, 8] and (points[:17, 2] == np.float32(0.9)).all()
    assert points[LAYOUT_133.joints.index("left_big_toe"), 0] == 31
    for missing in ("left_small_toe", "right_small_toe", "right_hand_root", "face_30"):
        assert not points[LAYOUT_133.joints.index(missing)].any()
    np.testing.assert_allclose(points[91:112], [[7, 7, 0.6]] * 21)


def test_a_point_that_is_not_finite_is_missing():
    body = np.full((33, 3), 0.5, np.float32)
    body[0, 0], body[2, 2] = np.nan, 0
    points = wholebody_points(body, None, 0, None, 0, None, 0)
    assert not points[0].any() and not points[1].any() and points[2].all()
