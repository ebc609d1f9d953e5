import numpy as np

from microgesture.segments.smoothing import gaussian_smoothed, median_smoothed, threshold_labels

PROBABILITIES = np.array([[0.5, 0.2, 0.3], [0.35, 0.25, 0.4], [0.1, 0.3, 0.6]])


def test_thresholds():
    assert threshold_labels(PROBABILITIES).tolist() == [0, 2, 2]
    assert threshold_labels(PROBABILITIES, 0.33).tolist() == [0, 0, 2]
    assert threshold_labels(PROBABILITIES, 0.0).tolist() == [0, 0, 1]
    assert threshold_labels(np.zeros((0, 3)), 0.5).tolist() == []


def blip(length):
    values = np.tile([0.1, 0.9], (21, 1))
    values[10 : 10 + length] = [0.9, 0.1]
    return values


def test_the_median_drops_blips_and_keeps_edges():
    assert (threshold_labels(median_smoothed(blip(2), 5)) == 1).all()
    kept = threshold_labels(median_smoothed(blip(3), 5))
    assert np.flatnonzero(kept == 0).tolist() == [10, 11, 12]
    np.testing.assert_array_equal(median_smoothed(blip(1), 1), blip(1))


def test_the_gaussian_keeps_the_sum():
    smooth = gaussian_smoothed(blip(1), 2.0)
    np.testing.assert_allclose(smooth.sum(axis=1), 1)
    # One frame of 0.8 above the ground, spread as a Gaussian: 0.8 / (2 sqrt(2 pi)) at its middle.
    np.testing.assert_allclose(smooth[10, 0], 0.1 + 0.8 / (2 * np.sqrt(2 * np.pi)), atol=1e-3)
    np.testing.assert_array_equal(gaussian_smoothed(blip(1), 0), blip(1))
    assert gaussian_smoothed(np.zeros((0, 3)), 2.0).shape == (0, 3)
