import numpy as np
import pytest

from microgesture.datasets.body_units import to_body_units
from microgesture.datasets.facing import facing_rotation
from microgesture.pose.layouts import get_layout


def test_body_units():
    layout = get_layout("msr20")
    generator = np.random.default_rng(0)
    body = generator.normal(size=(layout.num_joints, 3))
    points = np.concatenate([body, np.ones((layout.num_joints, 1))], axis=1)
    points = np.stack([points * 0, points, points])[None]  # nobody in the first frame
    present = np.array([False, True, True])
    moved = to_body_units(points, present, layout)
    assert not moved[0, 0].any()
    np.testing.assert_allclose(moved[0, 1, layout.center], [0, 0, 0, 1], atol=1e-6)
    # Neither the place nor the size of the body matters.
    other = points.copy()
    other[0, 1:, :, :3] = 3.7 * other[0, 1:, :, :3] + [1, -2, 5]
    np.testing.assert_allclose(to_body_units(other, present, layout), moved, atol=1e-5)

    # The longest way through the skeleton, by brute force over all pairs of joints, is 2.
    def chain(joint):
        way = [joint]
        while layout.parents[way[-1]] != way[-1]:
            way.append(layout.parents[way[-1]])
        return way

    def length(a, b):
        bones = set(chain(a)) ^ set(chain(b))
        return sum(
            np.linalg.norm(moved[0, 1, j, :3] - moved[0, 1, layout.parents[j], :3]) for j in bones
        )

    joints = range(layout.num_joints)
    assert max(length(a, b) for a in joints for b in joints) == pytest.approx(2, rel=1e-5)


def test_body_units_of_nobody():
    points = np.zeros((1, 3, 20, 4))
    assert not to_body_units(points, np.zeros(3, bool), get_layout("msr20")).any()


def test_facing_turns_body_units_once_and_for_all_frames():
    layout = get_layout("msr20")
    generator = np.random.default_rng(1)
    points = np.concatenate([generator.normal(size=(1, 4, 20, 3)), np.ones((1, 4, 20, 1))], axis=-1)
    points[0, 2, 7] = 0  # missing
    present = np.ones(4, bool)
    plain = to_body_units(points, present, layout)
    turned = to_body_units(points, present, layout, facing=True)
    rotation = facing_rotation(points, layout)
    assert abs(rotation[0, 0]) < 0.99  # there is something to turn
    np.testing.assert_allclose(turned[..., :3], plain[..., :3] @ rotation.T, atol=1e-6)
    np.testing.assert_array_equal(turned[..., 3], plain[..., 3])
    # A clip that was recorded from another side looks the same.
    cos, sin = np.cos(0.8), np.sin(0.8)
    other = points.copy()
    other[..., :3] = points[..., :3] @ np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]).T
    np.testing.assert_allclose(
        to_body_units(other, present, layout, facing=True), turned, atol=1e-5
    )
