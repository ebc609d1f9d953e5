import numpy as np
import pytest

from microgesture.saliency.boxes import (
    crop_units,
    locate,
    motion_extent,
    square_around,
    weighted_quantiles,
    whole_frame,
)


def standing_person(frames=30):
    """Joints at the corners (100, 100) .. (200, 400) that stand, and a hand at (250, 300)."""
    points = np.zeros((1, frames, 5, 3))
    points[0, :, :, :2] = [[100, 100], [200, 100], [100, 400], [200, 400], [250, 300]]
    points[..., 2] = 0.9
    return points


def waving_person(frames=30):
    points = standing_person(frames)
    points[0, :, 4, 0] += 20 * np.sin(np.arange(frames))
    return points


def seen(points):
    return np.ones(points.shape[1], dtype=bool)


def test_box_of_the_person_by_hand():
    points = standing_person()
    found = locate(points, seen(points), 640, 480, motion_weight=0)
    # x 100..250, y 100..400: centre (175, 250), side 300 x 1.25.
    assert found.box == (-12.5, 62.5, 362.5, 437.5)
    assert found.person_frames == 30
    assert (found.motion == 0).all() and found.motion.shape == (30,)


def test_unsure_and_outside_joints_do_not_count():
    points = standing_person()
    expected = locate(points, seen(points), 640, 480).box
    points = np.concatenate([points, np.zeros((1, 30, 3, 3))], axis=2)
    points[0, :, 5] = (600, 20, 0.3)
    points[0, :, 6] = (2.1e9, -7, 1.0)
    points[0, :, 7] = (np.nan, 5, 1.0)
    found = locate(points, seen(points), 640, 480)
    assert found.box == expected
    assert np.isfinite(found.motion).all()


def test_frames_without_the_person_do_not_count():
    points = standing_person()
    points[0, 20:] = (5, 5, 0.9)
    present = np.arange(30) < 20
    found = locate(points, present, 640, 480, motion_weight=0)
    assert found.box == (-12.5, 62.5, 362.5, 437.5)
    assert found.person_frames == 20


def test_nobody_gives_the_whole_frame():
    points = standing_person()
    for found in (
        locate(points, np.zeros(30, dtype=bool), 640, 480),
        locate(np.zeros_like(points), seen(points), 640, 480),
    ):
        assert found.box == (0, -80, 640, 560)
        assert found.person_frames == 0
        assert found.motion.shape == (30,) and (found.motion == 0).all()


def test_switched_off_it_keeps_the_whole_frame_and_the_motion():
    points = waving_person()
    off, on = (locate(points, seen(points), 640, 480, enabled=value) for value in (False, True))
    assert off.box == (0, -80, 640, 560)
    assert off.person_frames == 30
    np.testing.assert_array_equal(off.motion, on.motion)


def test_the_box_tightens_on_what_moves():
    points = waving_person()
    boxes = [
        locate(points, seen(points), 640, 480, motion_weight=weight, minimum_share=0.4).box
        for weight in (0, 0.5, 1)
    ]
    sides = [box[2] - box[0] for box in boxes]
    assert sides[0] == pytest.approx(375) and sides[0] > sides[1] > sides[2]
    # Never below the minimum share of the person's square, padded.
    assert sides[2] == pytest.approx(0.4 * 300 * 1.25)
    x0, y0, x1, y1 = boxes[2]
    assert x0 < 230 and x1 > 270 and y0 < 300 < y1
    assert (y0 + y1) / 2 == pytest.approx(300)


def test_a_still_person_keeps_the_persons_box():
    points = standing_person()
    assert (
        locate(points, seen(points), 640, 480, motion_weight=1).box
        == locate(points, seen(points), 640, 480, motion_weight=0).box
    )


def test_motion_energy_is_in_sides_of_the_person():
    points = standing_person(2)
    points[0, 1, 4, 0] += 30
    found = locate(points, seen(points), 640, 480)
    # x 100..280, y 100..400: side 300; one of five joints moves 30 pixels with score 0.9.
    np.testing.assert_allclose(found.motion, [30 * 0.9 / 5 / 300] * 2, rtol=1e-6)


def test_a_lone_joint_gets_a_box_with_an_extent():
    points = np.zeros((1, 3, 5, 3))
    points[0, :, 2] = (320, 240, 0.8)
    box = locate(points, seen(points), 640, 480).box
    assert box[2] - box[0] == pytest.approx(640 / 8 * 1.25)


def test_metres_without_a_frame():
    points = np.concatenate([standing_person()[..., :2] / 100, np.ones((1, 30, 5, 2))], axis=-1)
    box = locate(points, seen(points), 0, 0, motion_weight=0).box
    np.testing.assert_allclose(box, [-0.125, 0.625, 3.625, 4.375])


def test_shares_are_checked():
    points = standing_person()
    with pytest.raises(ValueError, match="motion_weight"):
        locate(points, seen(points), 640, 480, motion_weight=1.5)


def test_weighted_quantiles():
    values = np.array([3.0, 1.0, 2.0, 4.0])
    assert weighted_quantiles(values, np.ones(4), 0.25) == (1.0, 3.0)
    assert weighted_quantiles(values, np.array([0, 0, 1.0, 0]), 0.05) == (2.0, 2.0)
    assert weighted_quantiles(values, np.array([100.0, 1, 1, 1]), 0.05) == (3.0, 3.0)


def test_motion_extent():
    assert motion_extent(standing_person()) is None
    extent = motion_extent(waving_person())
    assert extent[1] == extent[3] == 300
    assert 225 < extent[0] < 240 and 260 < extent[2] < 275


def test_squares():
    assert square_around((0, 0, 10, 20), 0.5) == (-10, -5, 20, 25)
    assert square_around((5, 5, 5, 5), 0.25, smallest=4) == (3, 3, 7, 7)
    assert whole_frame(640, 480) == (0, -80, 640, 560)
    assert whole_frame(0, 0) == (0, 0, 1, 1)


def test_crop_units():
    points = np.array([[10.0, 20, 0.5], [110, 220, 1.0], [0, 0, 0]])
    np.testing.assert_allclose(
        crop_units(points, (10, 20, 210, 220)), [[0, 0, 0.5], [0.5, 1, 1], [0, 0, 0]]
    )
    assert points[0, 0] == 10


def test_a_box_without_extent_gives_finite_points():
    points = np.array([[[[5.0, 5.0, 0.5], [0, 0, 0]]]])
    moved = crop_units(points, (5, 5, 5, 5))
    assert np.isfinite(moved).all() and moved.dtype == np.float32
