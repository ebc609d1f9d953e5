import numpy as np
import pytest

from microgesture.datasets.facing import facing_rotation
from microgesture.pose.layouts import get_layout

LAYOUT = get_layout("msr20")
LEFT, RIGHT = (LAYOUT.joints.index(f"{side}_shoulder") for side in ("left", "right"))
HIPS = [LAYOUT.joints.index(f"{side}_hip") for side in ("left", "right")]


def body(angle, frames=5):
    """A body whose shoulders and hips lie along x, turned about y by `angle` (radians)."""
    points = np.random.default_rng(0).normal(size=(frames, LAYOUT.num_joints, 3))
    for left, right, y in ((LEFT, RIGHT, 1.0), (*HIPS, 0.0)):
        points[:, left], points[:, right] = [-0.5, y, 0.2], [0.5, y, 0.2]
    cos, sin = np.cos(angle), np.sin(angle)
    turned = points.copy()
    turned[..., 0] = cos * points[..., 0] + sin * points[..., 2]
    turned[..., 2] = -sin * points[..., 0] + cos * points[..., 2]
    scores = np.ones((frames, LAYOUT.num_joints, 1))
    return points, np.concatenate([turned, scores], axis=-1)[None]


@pytest.mark.parametrize("angle", [0.0, 0.4, -1.2, 2.5, np.pi])
def test_a_turned_body_is_turned_back(angle):
    straight, turned = body(angle)
    rotation = facing_rotation(turned, LAYOUT)
    np.testing.assert_allclose(turned[0, ..., :3] @ rotation.T, straight, atol=1e-12)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1)


def test_a_quarter_turn_by_hand():
    # The left shoulder lies 1 in front of the right one: right - left = (0, 0, 1) becomes (1, 0, 0).
    points = np.zeros((1, 1, LAYOUT.num_joints, 4))
    points[0, 0, [LEFT, RIGHT], 3] = 1
    points[0, 0, RIGHT, 2] = 1
    rotation = facing_rotation(points, LAYOUT)
    np.testing.assert_allclose(rotation, [[0, 0, 1], [0, 1, 0], [-1, 0, 0]], atol=1e-12)


def test_one_bad_frame_and_missing_shoulders_change_nothing():
    _, turned = body(0.7)
    expected = facing_rotation(turned, LAYOUT)
    turned[0, 1, RIGHT, :3] = [9, -4, 30]  # a leap of the tracker
    turned[0, 3, LEFT] = 0  # missing: score 0
    np.testing.assert_allclose(facing_rotation(turned, LAYOUT), expected, atol=1e-12)
    turned[0, :, LEFT] = 0  # never seen: the hips decide
    np.testing.assert_allclose(facing_rotation(turned, LAYOUT), expected, atol=1e-12)
    turned[0, :, HIPS[1]] = 0
    np.testing.assert_array_equal(facing_rotation(turned, LAYOUT), np.eye(3))
    np.testing.assert_array_equal(facing_rotation(turned * 0, LAYOUT), np.eye(3))


def test_the_first_person_who_is_seen_decides():
    _, turned = body(0.9)
    _, other = body(-0.3)
    both = np.concatenate([turned * 0, turned, other])
    np.testing.assert_allclose(facing_rotation(both, LAYOUT), facing_rotation(turned, LAYOUT))
