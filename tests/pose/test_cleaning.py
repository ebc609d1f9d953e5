"""Cleaning on sequences whose right answer is known."""

import numpy as np
import pytest

from microgesture.pose.cleaning import (
    CleaningSettings,
    believable,
    body_size,
    clean_and_count,
    clean_sequence,
    far_from_median,
    fill_gaps,
    smooth,
    summary,
)
from microgesture.stores.sequences import Sequence

PLAIN = CleaningSettings(smoothing="none")


def moving(frames=30, dimensions=2, joints=17):
    """A body of 17 points, about 100 units tall, moving along a parabola."""
    rng = np.random.default_rng(0)
    rest = rng.uniform(50, 150, (joints, dimensions))
    time = np.arange(frames)[:, None, None] / frames
    points = np.ones((1, frames, joints, dimensions + 1), np.float32)
    points[0, ..., :-1] = rest + 20 * time + 15 * time**2
    points[..., -1] = 0.8
    return points


def sequence(points, present=None, layout="coco17", size=(320, 240)):
    present = np.ones(points.shape[1], bool) if present is None else present
    return Sequence(points, present, layout, *size, 25.0)


def test_good_points_are_left_alone():
    points = moving()
    out = clean_sequence(sequence(points), "coco17", CleaningSettings())
    np.testing.assert_allclose(out.points, points, atol=1e-3)  # a parabola passes the smoothing


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 2.1e9, -1e6])
def test_absurd_values_go_and_the_gap_is_bridged(dimensions, bad):
    points = moving(dimensions=dimensions)
    expected = points[0, 10, 3, :-1].copy()
    points[0, 10, 3, 1] = bad
    size = (320, 240) if dimensions == 2 else (0, 0)
    out = clean_sequence(sequence(points, size=size), "coco17", PLAIN)
    np.testing.assert_allclose(out.points[0, 10, 3, :-1], expected, atol=0.1)
    assert out.points[0, 10, 3, -1] == pytest.approx(0.4)
    untouched = np.ones((30, 17), bool)
    untouched[10, 3] = False
    np.testing.assert_array_equal(out.points[0][untouched], points[0][untouched])


def test_leaps_of_one_or_two_frames_are_found_and_steady_motion_is_not():
    points = moving()
    points[0, 5, 2, 0] += 60
    points[0, 14:16, 7, :2] -= 50
    leaps = far_from_median(points, 5, 0.15 * body_size(points))
    assert set(zip(*np.nonzero(leaps[0]))) == {(5, 2), (14, 7), (15, 7)}


def test_a_fast_hand_is_not_a_leap():
    points = moving()
    points[0, 10:, 9, 0] += np.minimum(np.arange(20), 6) * 12  # 12 pixels a frame, then it stays
    assert not far_from_median(points, 5, 0.15 * body_size(points)).any()


def test_short_gaps_are_filled_by_lines_and_long_ones_stay():
    points = moving()
    truth = points.copy()
    points[0, 4:7, 0] = 0
    points[0, 10:20, 1] = 0
    points[0, :3, 2] = 0  # no point before: stays
    points[0, 25:, 3] = 0  # no point after: stays
    filled, count = fill_gaps(points, np.ones(30, bool), 8, 0.5)
    assert count == 3
    line = truth[0, 3, 0, :2] + (truth[0, 7, 0, :2] - truth[0, 3, 0, :2]) * 0.5
    np.testing.assert_allclose(filled[0, 5, 0], [*line, 0.4], rtol=1e-5)
    assert not filled[0, 10:20, 1].any() and not filled[0, :3, 2].any()
    assert not filled[0, 25:, 3].any()


def test_nothing_is_filled_where_there_is_no_person():
    points = moving()
    present = np.ones(30, bool)
    present[8] = False
    out = clean_sequence(sequence(points, present), "coco17", CleaningSettings())
    assert not out.points[0, 8].any() and out.points[0, 7].all() and out.points[0, 9].all()


def test_a_sequence_without_a_person_stays_empty():
    points = np.zeros((1, 6, 17, 3), np.float32)
    out = clean_sequence(sequence(points, np.zeros(6, bool)), "h68", CleaningSettings())
    assert out.points.shape == (1, 6, 68, 3) and not out.points.any()


@pytest.mark.parametrize("frames", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("method", ["none", "median", "savitzky_golay"])
def test_short_sequences(frames, method):
    points = moving(frames=max(frames, 1))[:, :frames]
    out = clean_sequence(sequence(points), "coco17", CleaningSettings(smoothing=method))
    assert out.points.shape == points.shape and np.isfinite(out.points).all()


def test_smoothing_lowers_noise_and_mixes_nothing_with_missing_points():
    clean = moving(frames=200)
    noise = np.random.default_rng(1).normal(0, 1, clean[..., :2].shape)
    noisy = clean.copy()
    noisy[..., :2] += noise
    noisy[0, 50, 4] = 0
    for method, reach, gain in (("savitzky_golay", 2, 0.75), ("median", 1, 0.75)):
        out = smooth(noisy, method)
        before = np.abs(noisy[0, 60:-5, 4, :2] - clean[0, 60:-5, 4, :2]).mean()
        after = np.abs(out[0, 60:-5, 4, :2] - clean[0, 60:-5, 4, :2]).mean()
        assert after < gain * before
        near = slice(50 - reach, 51 + reach)
        np.testing.assert_array_equal(out[0, near, 4], noisy[0, near, 4])
        np.testing.assert_array_equal(out[..., 2], noisy[..., 2])


def test_uncertain_points_are_missing():
    points = moving()
    points[0, :, 5, 2] = 0.04
    out = clean_sequence(sequence(points), "coco17", PLAIN)
    assert not out.points[0, :, 5].any()


def test_believable_without_a_frame_size_uses_the_spread():
    points = moving(dimensions=3)
    points[0, 2, 1, 2] = 1e4
    assert not believable(points, 0, 0, 0.5)[0, 2, 1]
    assert believable(points, 0, 0, 0.5).sum() == points[..., 0].size - 1


def test_the_layout_is_converted():
    points = moving(joints=133)
    out = clean_sequence(sequence(points, layout="coco_wholebody133"), "h68", PLAIN)
    assert out.layout == "h68" and out.points.shape[2] == 68
    np.testing.assert_allclose(
        out.points[0, :, 18, :2], points[0, :, [5, 6], :2].mean(0), rtol=1e-5
    )


def test_counts_are_summed_over_sequences_with_the_worst_and_single_frames():
    bad = moving()
    bad[0, 10, 3, 0] = 3e8
    bad[0, 20, 5, 0] += 200
    given = {
        "good": sequence(moving()),
        "bad": sequence(bad),
        "single": sequence(moving(frames=1)),
        "empty": sequence(moving() * 0, present=np.zeros(30, bool)),
    }
    counts = {
        name: clean_and_count(each, "coco17", CleaningSettings())[1] for name, each in given.items()
    }
    assert (counts["bad"].absurd, counts["bad"].leaping, counts["bad"].filled) == (1, 1, 2)
    lines = summary(counts)
    assert lines[0] == "4 sequences, 1547 points"  # 17 joints x (30 + 30 + 1 + 30) frames
    assert "1 points absurd (0.06%) in 1 sequences, most in bad: 1" in lines
    assert "1 sequences hold a single frame (first: single)" in lines
    assert "1 sequences show nobody (first: empty)" in lines
    assert summary({"good": counts["good"]}) == ["1 sequences, 510 points"]
