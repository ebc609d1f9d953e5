"""Pixels or shares, score or depth, which way round: asked of every sequence."""

import numpy as np
import pytest

from microgesture.pose.plausibility import (
    EXCHANGED_ALL,
    doubts,
    implausible,
    jumps,
    picture_counts,
    score_as_depth,
    shares_of_picture,
    size_exchanged,
)
from microgesture.stores.sequences import Sequence


def points(low, high, dims=2, frames=10, joints=8, seed=0):
    """(1, T, J, dims + 1) spread evenly from low to high, score 0.9."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(low, high, (1, frames, joints, dims))
    return np.concatenate([places, np.full((1, frames, joints, 1), 0.9)], -1).astype(np.float32)


@pytest.mark.parametrize("size", [(1920, 1080), (320, 240), (0, 0)])
@pytest.mark.parametrize(("low", "high"), [(0.2, 0.8), (-1, 1), (-0.5, 0.5), (0.0, 1.2)])
def test_shares_of_the_picture(low, high, size):
    assert "multiply x by its width" in shares_of_picture(points(low, high), *size)


@pytest.mark.parametrize(
    "given",
    [
        points(10, 300),
        points(-40, 40),
        np.zeros((1, 5, 4, 3), np.float32),
        points(0.1, 0.9, dims=3),  # metres
        points([0.1, 100], [0.9, 200]),  # at the edge of the picture
    ],
)
def test_pixels_and_metres_are_no_shares(given):
    assert shares_of_picture(given, 640, 480) is None


def test_one_wrong_point_hides_no_shares():
    given = points(0.2, 0.8, frames=40)
    given[0, 3, 2, :2] = 2.1e9
    assert shares_of_picture(given, 1920, 1080)


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ((100, 50, 0), (900, 700, 1)),
        ((0.1, 0.1, 0.3), (0.9, 0.8, 1)),
        ((-300, -200, 0.9), (300, 200, 1)),
    ],
)
def test_a_score_is_no_depth(low, high):
    assert "it is a score" in score_as_depth(points(low, high, dims=3))


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ((-1, -1, 2), (1, 1, 3)),
        ((-0.5, -1, -0.2), (0.5, 1, 0.2)),
        ((-900, -900, 100), (900, 900, 3000)),
    ],
)
def test_a_depth_is_a_depth(low, high):
    assert score_as_depth(points(low, high, dims=3)) is None


def exchanged(given, width, height, least=0.35):
    return size_exchanged(picture_counts(given, width, height), width, height, least)


def test_width_and_height_exchanged():
    portrait = points((50, 50), (1000, 1800))
    assert "exchanged" in exchanged(portrait, 1920, 1080)
    assert exchanged(portrait, 1080, 1920) is None
    assert exchanged(points((50, 50), (1000, 1000)), 1920, 1080) is None  # fits both
    assert exchanged(points((-900, -900), (4000, 4000)), 1920, 1080) is None  # fits neither
    assert exchanged(points((600, 20), (1800, 1000)), 1080, 1920)


def test_feet_below_the_picture_are_no_exchange_in_one_sequence_of_many():
    given = points((60, 20), (200, 260))  # one in twelve below a picture of 320 x 240
    assert exchanged(given, 320, 240) is None
    fine = points((60, 20), (300, 230), frames=40)
    both = picture_counts(given, 320, 240) + picture_counts(fine, 320, 240)
    assert size_exchanged(both, 320, 240, EXCHANGED_ALL) is None
    assert picture_counts(given, 0, 0).tolist() == [0, 0, 0]
    assert picture_counts(points(0, 50), 60, 40)[0] == 80


def test_all_is_asked_of_a_sequence():
    given = points(0.2, 0.8)
    sequence = Sequence(given, np.ones(10, bool), "coco17", 640, 480, 25.0)
    assert len(implausible(sequence)) == 1
    good = Sequence(points(20, 400), np.ones(10, bool), "coco17", 640, 480, 25.0)
    assert implausible(good) == []


def test_a_body_that_jumps():
    given = points(0, 100, frames=20)
    given[:, 12:, :, 0] += 900
    assert jumps(given).tolist() == [12]
    flicker = points(0, 100, frames=20)
    flicker[:, 7, :, 0] += 900
    assert jumps(flicker).size == 0
    walk = points(0, 100, frames=20)
    walk[..., 0] += 30 * np.arange(20)[:, None]
    assert jumps(walk).size == 0


def test_doubts_are_counted_with_the_first():
    def sequence(values, width=640):
        return Sequence(values, np.ones(values.shape[1], bool), "coco17", width, 480, 25.0)

    single = sequence(points(10, 90, frames=1))
    away = sequence(points(700, 900))
    fine = sequence(points(10, 400))
    lines = doubts([("a", fine), ("b", single), ("c", single), ("d", away)])
    assert lines[0].startswith("2 of 4 sequences hold a single frame") and "first: b" in lines[0]
    assert "1 of 4 sequences have more than half" in lines[1] and "first: d" in lines[1]
    assert doubts([("a", fine)]) == []
