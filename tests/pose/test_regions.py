"""Regions of the picture."""

import numpy as np

from microgesture.pose.regions import cut_region, move_into_picture, region_pixels


def test_pixels_of_a_region():
    assert region_pixels((0, 0, 0.5, 1), 641, 480) == (0, 0, 320, 480)
    assert region_pixels((0.5, 0.25, 1, 0.75), 640, 480) == (320, 120, 640, 360)
    assert region_pixels((0.999, 0, 1, 0.0001), 100, 100) == (99, 0, 100, 1)


def test_points_found_in_the_part_lie_on_the_same_things_in_the_whole():
    frames = np.zeros((2, 40, 60, 3), np.uint8)
    frames[:, 25, 45] = 255
    region = (0.5, 0.5, 1, 1)
    (part,) = cut_region([frames], region)
    assert part.shape == (2, 20, 30, 3)
    rows, columns = np.nonzero(part[0, ..., 0])
    points = np.array([[[columns[0], rows[0], 0.9], [0, 0, 0]]], np.float32)
    moved = move_into_picture(points, region, 60, 40)
    np.testing.assert_allclose(moved, [[[45, 25, 0.9], [0, 0, 0]]])


def test_no_region_changes_nothing():
    frames = np.zeros((2, 4, 6, 3), np.uint8)
    assert next(cut_region([frames], None)) is frames
    points = np.ones((1, 2, 3), np.float32)
    assert move_into_picture(points, None, 6, 4) is points
