import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import balanced_accuracy_score, f1_score

from microgesture.metrics.bootstrap import (
    METRICS,
    bootstrap_interval,
    collect_sums,
    draw_weights,
    paired_difference,
    resampled_scores,
    score,
)
from microgesture.metrics.calibration import expected_calibration_error


@pytest.fixture
def clips():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 4, 120)
    logits = generator.normal(size=(120, 4)) + 1.5 * np.eye(4)[labels]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return labels, probabilities, generator.integers(0, 8, 120)


def test_a_resample_equals_drawing_the_clips_again(clips):
    labels, probabilities, groups = clips
    sums = collect_sums(labels, probabilities, groups)
    weights = draw_weights(8, resamples=5, seed=3)
    scores = {name: resampled_scores(sums, metric, weights) for name, metric in METRICS.items()}
    for draw, row in enumerate(weights.astype(int)):
        drawn = np.concatenate(
            [np.flatnonzero(groups == g) for g in range(8) for _ in range(row[g])]
        )
        truth, given = labels[drawn], probabilities[drawn]
        guess = given.argmax(axis=1)
        assert scores["top1"][draw] == pytest.approx((guess == truth).mean())
        assert scores["macro_f1"][draw] == pytest.approx(f1_score(truth, guess, average="macro"))
        assert scores["mean_class_accuracy"][draw] == pytest.approx(
            balanced_accuracy_score(truth, guess)
        )
        assert scores["ece"][draw] == pytest.approx(expected_calibration_error(truth, given))
        assert scores["nll"][draw] == pytest.approx(
            -np.log(given[np.arange(len(drawn)), truth]).mean()
        )
        assert scores["top5"][draw] == 1  # four classes


def test_interval_agrees_with_scipy(clips):
    labels, probabilities, _ = clips
    # Each clip its own group: the plain bootstrap of a mean, which scipy has, too.
    sums = collect_sums(labels, probabilities, np.arange(120))
    low, high = bootstrap_interval(sums, METRICS["top1"], resamples=4000)
    hits = (probabilities.argmax(axis=1) == labels).astype(float)
    expected = stats.bootstrap(
        (hits,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    assert low == pytest.approx(expected.low, abs=0.012)
    assert high == pytest.approx(expected.high, abs=0.012)


def test_clips_of_one_person_are_no_independent_draws():
    # Ten people with 30 clips each; a person's clips are all right or all wrong.
    groups = np.repeat(np.arange(10), 30)
    right = groups < 6
    probabilities = np.where(right[:, None], [[0.9, 0.1]], [[0.1, 0.9]])
    labels = np.zeros(300, dtype=int)
    by_person = collect_sums(labels, probabilities, groups)
    by_clip = collect_sums(labels, probabilities, np.arange(300))
    low, high = bootstrap_interval(by_person, METRICS["top1"])
    narrow_low, narrow_high = bootstrap_interval(by_clip, METRICS["top1"])
    # Standard errors sqrt(.6 * .4 / 10) = .155 against sqrt(.6 * .4 / 300) = .028.
    assert high - low > 4 * (narrow_high - narrow_low)


def test_weights_are_whole_draws_and_repeatable():
    weights = draw_weights(7, resamples=50, seed=1)
    assert (weights.sum(axis=1) == 7).all()
    np.testing.assert_array_equal(weights, draw_weights(7, resamples=50, seed=1))
    assert (weights != draw_weights(7, resamples=50, seed=2)).any()


def test_paired_difference_is_narrower_than_two_intervals(clips):
    labels, probabilities, groups = clips
    guesses = probabilities.argmax(axis=1)
    better = probabilities.copy()
    mended = np.flatnonzero(guesses != labels)[:6]
    better[mended] = np.eye(4)[labels[mended]]
    first = collect_sums(labels, better, groups)
    second = collect_sums(labels, probabilities, groups)
    difference, low, high = paired_difference(first, second, METRICS["top1"])
    assert difference == pytest.approx(6 / 120)
    assert 0 <= low < difference < high
    single = bootstrap_interval(second, METRICS["top1"])
    assert high - low < single[1] - single[0]
    assert paired_difference(second, first, METRICS["top1"]) == pytest.approx(
        (-difference, -high, -low)
    )
    assert paired_difference(first, first, METRICS["top1"]) == (0, 0, 0)


def test_other_clips_cannot_be_compared(clips):
    labels, probabilities, groups = clips
    first = collect_sums(labels, probabilities, groups)
    with pytest.raises(ValueError, match="same clips"):
        paired_difference(
            first, collect_sums(labels[:60], probabilities[:60], groups[:60]), METRICS["top1"]
        )


def test_one_person_gives_no_interval(clips):
    labels, probabilities, _ = clips
    sums = collect_sums(labels, probabilities, np.zeros(120))
    assert np.isnan(bootstrap_interval(sums, METRICS["top1"])).all()
    assert score(sums, METRICS["top1"]) > 0.5
