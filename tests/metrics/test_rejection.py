import numpy as np
import pytest
from scipy.stats import binom

from microgesture.metrics.rejection import answers, coverage_curve, threshold_for_error


def test_curve_by_hand():
    curve = coverage_curve([0.9, 0.5, 0.7, 0.5], [True, False, True, True])
    assert curve["threshold"].tolist() == [0.9, 0.7, 0.5]
    assert curve["answered"].tolist() == [1, 2, 4]
    np.testing.assert_allclose(curve["coverage"], [0.25, 0.5, 1])
    np.testing.assert_allclose(curve["error"], [0, 0, 0.25])
    # None wrong of one: an error of .95 still gives that in one case of twenty.
    np.testing.assert_allclose(curve["error_high"][:2], [0.95, 1 - 0.05 ** (1 / 2)])
    # At its bound, one wrong or fewer of four happens in one case of twenty.
    assert binom.cdf(1, 4, curve["error_high"][2]) == pytest.approx(0.05)


def test_threshold_for_a_wished_error():
    curve = coverage_curve([0.9, 0.5, 0.7, 0.5], [True, False, True, True])
    assert threshold_for_error(curve, 0.1, safe=False) == 0.7
    assert threshold_for_error(curve, 0.3, safe=False) == 0.5
    assert threshold_for_error(curve, 0.1) == np.inf  # four answers prove nothing
    with pytest.raises(ValueError, match="0 to 1"):
        threshold_for_error(curve, 5)


def test_all_wrong_and_none():
    assert coverage_curve([0.5, 0.6], [False, False])["error_high"].tolist() == [1, 1]
    empty = coverage_curve([], [])
    assert len(empty) == 0 and threshold_for_error(empty, 0.5) == np.inf


def test_the_bound_holds_on_new_draws():
    generator = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        confidence = generator.uniform(0, 1, 150)
        right = generator.random(150) < confidence
        curve = coverage_curve(confidence, right)
        place = 100  # a fixed number of answers: no choice among bounds
        threshold = curve["threshold"][place]
        true_error = 1 - (1 + threshold) / 2  # mean of 1 - confidence above it
        held += true_error <= curve["error_high"][place]
    assert held >= 180


def test_uncertain_is_an_answer():
    words = answers(np.array([0, 1, 1]), np.array([0.9, 0.4, 0.5]), ["nod", "wave"], 0.5)
    assert words.tolist() == ["nod", "uncertain", "wave"]
