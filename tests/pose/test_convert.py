"""Conversion against the index maps that the data sets' documents give."""

import numpy as np
import pytest

from microgesture.pose.convert import convert_points
from microgesture.provenance.errors import BadInput

HALPE_TO_H68 = [*range(26), *range(94, 136)]
NONE, NECK, HIP = "none", "neck", "hip"
WHOLEBODY_TO_H68 = [*range(17), NONE, NECK, HIP, 17, 20, 18, 21, 19, 22, *range(91, 133)]
OPENPOSE_TO_H68 = [
    0, 16, 15, 18, 17, 5, 2, 6, 3, 7, 4, 12, 9, 13, 10, 14, 11, NONE, 1, 8,
    19, 22, 20, 23, 21, 24, *range(95, 137),
]  # fmt: skip


def numbered(joints, frames=2, dimensions=2):
    rng = np.random.default_rng(joints)
    points = rng.uniform(1, 100, (1, frames, joints, dimensions + 1)).astype(np.float32)
    points[..., -1] = rng.uniform(0.1, 1, points.shape[:-1])
    return points


@pytest.mark.parametrize(
    ("source", "joints", "order"),
    [
        ("halpe136", 136, HALPE_TO_H68),
        ("coco_wholebody133", 133, WHOLEBODY_TO_H68),
        ("openpose137", 137, OPENPOSE_TO_H68),
    ],
)
@pytest.mark.parametrize("dimensions", [2, 3])
def test_maps_to_h68(source, joints, order, dimensions):
    points = numbered(joints, dimensions=dimensions)
    out = convert_points(points, source, "h68")
    assert out.shape == (1, 2, 68, dimensions + 1) and out.dtype == np.float32
    middle = {NECK: (5, 6), HIP: (11, 12)}
    for joint, place in enumerate(order):
        if place == NONE:
            expected = np.zeros_like(points[..., 0, :])
        elif place in middle:
            a, b = (points[..., end, :] for end in middle[place])
            expected = (a + b) / 2
            expected[..., -1] = np.minimum(a[..., -1], b[..., -1])
        else:
            expected = points[..., place, :]
        np.testing.assert_allclose(out[..., joint, :], expected, rtol=1e-6, err_msg=str(joint))


def test_a_derived_point_is_missing_if_one_parent_is():
    points = numbered(133)
    points[..., 5, -1] = 0
    out = convert_points(points, "coco_wholebody133", "h68")
    assert not out[..., 18, :].any() and not out[..., 5, :].any() and out[..., 19, 2].all()


def test_what_is_not_finite_is_missing_and_stays_out_of_the_result():
    points = numbered(133)
    points[0, 0, 9, 0] = np.nan
    points[0, 1, 11, 1] = np.inf
    out = convert_points(points, "coco_wholebody133", "h68")
    assert np.isfinite(out).all()
    assert not out[0, 0, 9].any() and not out[0, 1, 19].any() and out[0, 1, 9].all()


def test_the_same_layout_is_a_copy():
    points = numbered(17)
    out = convert_points(points, "coco17", "coco17")
    np.testing.assert_array_equal(out, points)
    assert not np.shares_memory(out, points)


def test_imigue_fingers_come_from_openpose_fingertips():
    points = numbered(137)
    out = convert_points(points, "openpose137", "imigue22")
    np.testing.assert_allclose(out[..., 12, :], points[..., 116 + 4, :], rtol=1e-6)
    np.testing.assert_allclose(out[..., 21, :], points[..., 95 + 20, :], rtol=1e-6)


def test_a_wrong_number_of_joints_is_bad_input():
    with pytest.raises(BadInput, match="not of layout 'halpe136'"):
        convert_points(numbered(133), "halpe136", "h68")
