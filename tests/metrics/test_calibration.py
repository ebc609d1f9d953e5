import numpy as np
import pytest

from microgesture.metrics.calibration import (
    bin_of_confidence,
    expected_calibration_error,
    reliability_table,
)


def test_bins_are_closed_on_the_right():
    confidences = [0.0, 0.01, 1 / 15, 1 / 15 + 1e-9, 0.5, 1.0]
    np.testing.assert_array_equal(bin_of_confidence(confidences), [0, 0, 0, 1, 7, 14])


def test_error_by_hand():
    # Two classes, confidences .95, .95, .65, .55; right: yes, no, yes, yes.
    probabilities = np.array([[0.95, 0.05], [0.95, 0.05], [0.65, 0.35], [0.45, 0.55]])
    labels = np.array([0, 1, 0, 1])
    # Bins of 1/15: .95 -> bin 14 (two clips, accuracy .5), .65 -> bin 9, .55 -> bin 8.
    # ECE = 2/4 * |.5 - .95| + 1/4 * |1 - .65| + 1/4 * |1 - .55| = .225 + .0875 + .1125
    assert expected_calibration_error(labels, probabilities) == pytest.approx(0.425)
    table = reliability_table(labels, probabilities)
    assert table["clips"].tolist() == [0] * 8 + [1, 1, 0, 0, 0, 0, 2]
    assert table["accuracy"][14] == 0.5
    assert table["confidence"][14] == pytest.approx(0.95)
    assert np.isnan(table["accuracy"][0])


def test_honest_confidences_have_a_small_error():
    generator = np.random.default_rng(0)
    confidence = generator.uniform(0.5, 1, 50_000)
    labels = (generator.random(50_000) > confidence).astype(int)
    honest = np.stack([confidence, 1 - confidence], axis=1)
    assert expected_calibration_error(labels, honest) < 0.01
    boastful = np.stack([np.full(50_000, 0.999), np.full(50_000, 0.001)], axis=1)
    # Right in three quarters of the cases.
    assert expected_calibration_error(labels, boastful) == pytest.approx(0.249, abs=0.01)


def test_no_clip_has_no_error():
    assert np.isnan(expected_calibration_error(np.array([]), np.empty((0, 3))))
