import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score

from microgesture.metrics.calibration import expected_calibration_error
from microgesture.metrics.sums import ACCURACIES, METRICS, collect_sums, score


@pytest.fixture
def clips():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 7, 240)
    logits = generator.normal(size=(240, 7)) + 1.5 * np.eye(7)[labels]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return labels, probabilities, generator.integers(0, 8, 240)


def test_groups_taken_several_times_equal_their_clips_taken_several_times(clips):
    labels, probabilities, groups = clips
    sums = collect_sums(labels, probabilities, groups)
    weights = np.random.default_rng(3).integers(0, 4, (5, 8)).astype(float)
    together = sums.weighted(weights)
    for draw, row in enumerate(weights.astype(int)):
        drawn = np.concatenate(
            [np.flatnonzero(groups == g) for g in range(8) for _ in range(row[g])]
        )
        truth, given = labels[drawn], probabilities[drawn]
        guess = given.argmax(axis=1)
        found = {name: metric(together)[draw] for name, metric in METRICS.items()}
        assert found["top1"] == pytest.approx((guess == truth).mean())
        best = np.argsort(-given, axis=1)[:, :5]
        assert found["top5"] == pytest.approx((best == truth[:, None]).any(axis=1).mean())
        assert found["macro_f1"] == pytest.approx(
            f1_score(truth, guess, average="macro", labels=range(7), zero_division=0)
        )
        assert found["mean_class_accuracy"] == pytest.approx(balanced_accuracy_score(truth, guess))
        assert found["ece"] == pytest.approx(expected_calibration_error(truth, given))
        assert found["nll"] == pytest.approx(-np.log(given[np.arange(len(drawn)), truth]).mean())


def test_five_classes_have_no_top_5(clips):
    labels, probabilities, groups = clips
    assert np.isfinite(score(collect_sums(labels, probabilities, groups), METRICS["top5"]))
    few = collect_sums(labels % 5, probabilities[:, :5], groups)
    assert np.isnan(score(few, METRICS["top5"]))


def test_macro_f1_is_a_mean_over_the_classes_of_the_truth():
    # Classes 0 and 1 are in the truth, 2 is predicted once: F1 of class 0 = 2 / (2 + 1), of 1 = 1.
    labels, guesses = np.array([0, 0, 1]), np.eye(3)[[0, 2, 1]]
    sums = collect_sums(labels, guesses, np.array(["ann", "bob", "bob"]))
    assert score(sums, METRICS["macro_f1"]) == pytest.approx((2 / 3 + 1) / 2)
    # Bob alone: the same two classes, of which class 0 is never found.
    alone = METRICS["macro_f1"](sums.weighted(np.array([[0.0, 1.0]])))[0]
    assert alone == pytest.approx((0 + 1) / 2)
    # Two systems that predict different classes in vain are averages over the same ones.
    other = collect_sums(labels, np.eye(3)[[0, 0, 1]], np.array(["ann", "bob", "bob"]))
    np.testing.assert_array_equal(other.classes, sums.classes)


def test_a_clip_without_prediction_is_wrong():
    labels = np.array([0, 0, 1, 1])
    lost = np.full(2, np.nan)
    values = np.array([[0.9, 0.1], lost, [0.2, 0.8], [0.6, 0.4]])
    sums = collect_sums(labels, values, np.array(["a", "a", "b", "b"]))
    assert score(sums, METRICS["top1"]) == 2 / 4
    assert score(sums, METRICS["mean_class_accuracy"]) == (1 / 2 + 1 / 2) / 2
    # Class 0: 2 * 1 / (2 clips + 2 predictions), class 1: 2 * 1 / (2 + 1).
    assert score(sums, METRICS["macro_f1"]) == pytest.approx((1 / 2 + 2 / 3) / 2)
    # Confidences are those of the three predictions.
    expected = -(np.log(0.9) + np.log(0.8) + np.log(0.4)) / 3
    assert score(sums, METRICS["nll"]) == pytest.approx(expected)
    there = np.array([0, 2, 3])
    assert score(sums, METRICS["ece"]) == pytest.approx(
        expected_calibration_error(labels[there], values[there])
    )
    nothing = collect_sums(labels, np.full((4, 2), np.nan), np.array(["a", "a", "b", "b"]))
    assert score(nothing, ACCURACIES["top1"]) == 0
    assert np.isnan(score(nothing, METRICS["nll"]))


def test_unlabelled_clips_are_refused():
    with pytest.raises(ValueError, match="label -1 is outside"):
        collect_sums(np.array([-1]), np.array([[0.5, 0.5]]), np.array(["a"]))
