import numpy as np
import pytest
from scipy import stats

from microgesture.metrics.intervals import (
    bounds_of_share,
    difference_over_seeds,
    holm,
    interval,
    jackknife_variance,
    left_out_scores,
    paired_difference,
)
from microgesture.metrics.sums import METRICS, collect_sums, score

TOP1 = METRICS["top1"]


def sums(right, groups):
    right = np.asarray(right, bool)
    values = np.where(right[:, None], [[0.9, 0.1]], [[0.1, 0.9]])
    return collect_sums(np.zeros(len(right), int), values, np.asarray(groups))


@pytest.fixture
def clips():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 4, 120)
    logits = generator.normal(size=(120, 4)) + 1.5 * np.eye(4)[labels]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return labels, probabilities, generator.integers(0, 8, 120)


def test_leaving_a_person_out_equals_scoring_the_others(clips):
    labels, probabilities, groups = clips
    for name, metric in METRICS.items():
        if name == "top5":
            continue
        found = left_out_scores(collect_sums(labels, probabilities, groups), metric)
        for person in range(8):
            rest = groups != person
            other = collect_sums(labels[rest], probabilities[rest], groups[rest])
            assert found[person] == pytest.approx(score(other, metric)), name


def test_jackknife_of_a_mean_is_its_usual_variance():
    values = np.array([0.2, 0.5, 0.9, 0.4])
    left_out = (values.sum() - values) / 3
    assert jackknife_variance(left_out) == pytest.approx(values.var(ddof=1) / 4)


def test_bounds_solve_their_equation():
    value, variance, freedom = 0.7, 0.004, 7
    quantile = stats.t.ppf(0.975, freedom)
    for bound in bounds_of_share(value, variance, 100, freedom):
        per_room = variance / (value * (1 - value))
        assert (value - bound) ** 2 == pytest.approx(quantile**2 * per_room * bound * (1 - bound))
    # With a normal quantile and independent clips it is Wilson's interval.
    low, high = bounds_of_share(0.3, 0.3 * 0.7 / 50, 50, 1e9)
    wilson = stats.binomtest(15, 50).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((wilson.low, wilson.high), abs=1e-6)


def test_all_right_is_not_certain():
    low, high = interval(sums([1] * 40, np.repeat(range(4), 10)), TOP1)
    assert high == 1
    quantile = stats.t.ppf(0.975, 3) ** 2
    assert low == pytest.approx(1 / (1 + quantile / 40))
    # People who are all alike by chance: as independent clips, not a point.
    low, high = interval(sums([1, 0, 1, 0], ["a", "a", "b", "b"]), TOP1)
    assert 0 <= low < 0.3 and 0.7 < high <= 1


def test_clips_of_one_person_are_no_independent_draws():
    # Ten people with 30 clips each; a person's clips are all right or all wrong.
    right = np.repeat(np.arange(10), 30) < 6
    low, high = interval(sums(right, np.repeat(np.arange(10), 30)), TOP1)
    narrow_low, narrow_high = interval(sums(right, np.arange(300)), TOP1)
    # Standard errors sqrt(.6 * .4 / 9) = .163 against sqrt(.6 * .4 / 299) = .028.
    assert high - low > 4 * (narrow_high - narrow_low)


def test_one_person_gives_no_interval(clips):
    labels, probabilities, _ = clips
    assert np.isnan(interval(collect_sums(labels, probabilities, np.zeros(120)), TOP1)).all()


def test_a_paired_difference_is_narrower_than_two_intervals(clips):
    labels, probabilities, groups = clips
    better = probabilities.copy()
    mended = np.flatnonzero(probabilities.argmax(axis=1) != labels)[:6]
    better[mended] = np.eye(4)[labels[mended]]
    first = collect_sums(labels, better, groups)
    second = collect_sums(labels, probabilities, groups)
    difference, low, high = paired_difference(first, second, TOP1)
    assert difference == pytest.approx(6 / 120)
    assert low < difference < high
    single = interval(second, TOP1)
    assert high - low < single[1] - single[0]
    assert paired_difference(second, first, TOP1) == pytest.approx((-difference, -high, -low))
    assert paired_difference(first, first, TOP1) == (0, 0, 0)


def test_equal_clips_a_person_are_a_paired_t_test():
    generator = np.random.default_rng(1)
    own, other = generator.random((2, 6, 20)) < np.array([0.7, 0.5])[:, None, None]
    groups = np.repeat(np.arange(6), 20)
    value, low, high, p = difference_over_seeds(
        [sums(own.ravel(), groups)], [sums(other.ravel(), groups)], TOP1
    )
    test = stats.ttest_rel(own.mean(axis=1), other.mean(axis=1))
    assert value == pytest.approx(own.mean() - other.mean())
    assert p == pytest.approx(test.pvalue)
    expected = test.confidence_interval(0.95)
    assert (low, high) == pytest.approx((expected.low, expected.high))


def test_people_and_seeds_by_hand():
    # Two people with four clips, two seeds; right clips of the own system, the other has none.
    #            seed 0  seed 1   mean            left out: the other person's
    # ann           2       4     3/4             seed 0: bob 1/4, ann 2/4
    # bob           1       1     1/4             seed 1: bob 1/4, ann 4/4
    groups = np.repeat(["ann", "bob"], 4)
    own = [sums([1, 1, 0, 0, 1, 0, 0, 0], groups), sums([1, 1, 1, 1, 1, 0, 0, 0], groups)]
    other = [sums([0] * 8, groups)] * 2
    value, low, high, p = difference_over_seeds(own, other, TOP1)
    assert value == pytest.approx(1 / 2)
    people = 1 / 2 * 2 * (1 / 4) ** 2  # (3/4, 1/4) around 1/2
    # Seeds: differences 3/8 and 5/8, variance 1/32, halved; what both make together: left out
    # minus the mean over seeds = (0, -1/4) and (0, 1/4), each 1/2 * 2 * (1/8)^2, divided by S - 1.
    seeds = 1 / 64 - 1 / 64
    assert seeds == 0
    reach = stats.t.ppf(0.975, 1) * np.sqrt(people)
    assert (low, high) == (max(value - reach, -1), min(value + reach, 1))
    assert p == pytest.approx(2 * stats.t.sf(value / np.sqrt(people), 1))


def test_seeds_widen_the_interval():
    generator = np.random.default_rng(2)
    groups = np.repeat(np.arange(20), 20)
    skill = generator.random(400)
    own = [sums(skill < level, groups) for level in (0.4, 0.6, 0.8)]
    other = [sums(skill < 0.5, groups)] * 3
    _, low, high, p = difference_over_seeds(own, other, TOP1)
    # Seeds at 0.4, 0.6 and 0.8: standard error 0.2 / sqrt(3), two degrees of freedom.
    reach = stats.t.ppf(0.975, 2) * 0.2 / np.sqrt(3)
    assert (high - low) / 2 == pytest.approx(reach, rel=0.15)
    assert low < 0 < high and p > 0.1
    _, low, high, _ = difference_over_seeds(own[1:2], other[:1], TOP1)
    assert low > 0  # one seed: over people alone


def test_other_clips_cannot_be_compared(clips):
    labels, probabilities, groups = clips
    first = collect_sums(labels, probabilities, groups)
    fewer = collect_sums(labels[:60], probabilities[:60], groups[:60])
    with pytest.raises(ValueError, match="same clips"):
        paired_difference(first, fewer, TOP1)


def test_people_who_differ_by_the_same_have_no_interval():
    groups = np.repeat(["ann", "bob"], 2)
    first, second = sums([1, 1, 1, 1], groups), sums([1, 0, 1, 0], groups)
    found = difference_over_seeds([first], [second], TOP1)
    assert found[0] == 0.5 and np.isnan(found[1:]).all()


def test_holm_by_hand():
    # .01 * 4, .02 * 3, .03 * 2 -> not below the one before, .9
    found = holm(np.array([0.02, 0.9, np.nan, 0.01, 0.03]))
    np.testing.assert_allclose(found, [0.06, 0.9, np.nan, 0.04, 0.06])
    np.testing.assert_allclose(holm(np.array([0.6, 0.7])), [1, 1])
    assert holm(np.array([])).size == 0
