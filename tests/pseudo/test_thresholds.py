import numpy as np
import pytest

from microgesture.pseudo.thresholds import confident_counts, curriculum_thresholds


def row(label, confidence, classes=3):
    values = np.full(classes, (1 - confidence) / (classes - 1))
    values[label] = confidence
    return values


# Confident (>= .9): four clips of class 0, two of class 1, none of class 2.
PROBABILITIES = np.array(
    [row(0, 0.95)] * 4 + [row(1, 0.9), row(1, 0.99), row(1, 0.89), row(2, 0.6), row(0, 0.5)]
)


def test_counts():
    assert confident_counts(PROBABILITIES, 0.9).tolist() == [4, 2, 0]


def test_thresholds_by_hand():
    # b = 1, 1/2, 0: tau * 1 / 1 = .9; tau * .5 / 1.5 = .3; 0.
    np.testing.assert_allclose(curriculum_thresholds(PROBABILITIES, 0.9), [0.9, 0.3, 0])


def test_floor():
    np.testing.assert_allclose(curriculum_thresholds(PROBABILITIES, 0.9, 0.4), [0.9, 0.4, 0.4])
    # A floor never lifts a threshold over tau.
    assert curriculum_thresholds(PROBABILITIES, 0.9, 0.95).max() == pytest.approx(0.9)


def test_nobody_confident_keeps_tau():
    np.testing.assert_allclose(curriculum_thresholds(PROBABILITIES, 0.999), 0.999)
    np.testing.assert_allclose(curriculum_thresholds(np.empty((0, 3)), 0.9), 0.9)
