import numpy as np
import pytest

from microgesture.metrics.intervals import (
    difference_over_seeds,
    interval,
    left_out_scores,
    share_over_seeds,
)
from microgesture.metrics.label_efficiency import Point, label_efficiency_table
from microgesture.metrics.sums import METRICS, collect_sums, score

LABELS = np.tile([0, 1, 2], 20)
GROUPS = np.repeat([f"p{n}" for n in range(6)], 10)


def sums(right, seed):
    """A system that is right on a share of the clips."""
    generator = np.random.default_rng(seed)
    answers = np.where(generator.random(60) < right, LABELS, (LABELS + 1) % 3)
    return collect_sums(LABELS, np.eye(3)[answers] * 0.9 + 0.03, GROUPS)


def test_rows_by_their_definition():
    systems = {
        Point("full", 10, "ensemble"): [sums(0.5, seed) for seed in (0, 1)],
        Point("full", 100, "ensemble"): [sums(0.9, seed) for seed in (2, 3)],
        Point("other", 10, "ensemble"): [sums(0.8, seed) for seed in (4, 5)],
        Point("other", 10, "more"): [sums(0.8, 6), sums(0.8, 7)],
    }
    table = label_efficiency_table(systems, {10: [7, 9], 100: [80, 80]}, "full")
    assert table["labelled_clips"].tolist() == [8, 80, 8, 8]
    assert table["seeds"].tolist() == [2] * 4 and (table["clips"] == 60).all()
    top1 = METRICS["top1"]
    for row, own in zip(table.itertuples(), systems.values()):
        each = [score(one, top1) for one in own]
        assert row.top1 == pytest.approx(np.mean(each))
        assert row.top1_spread == pytest.approx(abs(each[0] - each[1]) / np.sqrt(2))
        assert row.top1_low < row.top1 < row.top1_high
    own, other = systems[Point("other", 10, "ensemble")], systems[Point("full", 10, "ensemble")]
    expected = difference_over_seeds(own, other, top1)
    found = table.loc[
        2, ["top1_difference", "top1_difference_low", "top1_difference_high", "top1_p"]
    ]
    assert found.tolist() == pytest.approx(list(expected))  # one comparison: nothing to adjust
    assert table.loc[[0, 1, 3], "top1_difference"].isna().all()


def test_the_interval_over_seeds():
    top1 = METRICS["top1"]
    one = sums(0.6, 0)
    value, low, high = share_over_seeds([one], top1)
    assert (low, high) == pytest.approx(interval(one, top1))
    # By hand: the same system in both seeds: nothing of seeds, the people's variance alone.
    assert share_over_seeds([one, one], top1) == pytest.approx((value, low, high))
    # Seeds that differ widen it: variance of people plus seeds, less what they share.
    own = [sums(0.9, 1), sums(0.3, 2), sums(0.6, 3)]
    left = np.array([left_out_scores(each, top1) for each in own])
    jackknife = lambda row: 5 / 6 * ((row - row.mean()) ** 2).sum()  # noqa: E731
    people = jackknife(left.mean(axis=0))
    shared = np.mean([jackknife(row) for row in left - left.mean(axis=0)]) / 2
    seeds = np.var([score(each, top1) for each in own], ddof=1) / 3 - shared
    assert seeds > 3 * people
    mean, low, high = share_over_seeds(own, top1)
    assert high - low > 2 * np.sqrt(people + seeds) and low < mean < high
    assert np.isnan(share_over_seeds([sums(0.5, 0).of_groups(np.array([0]))], top1)[1])
