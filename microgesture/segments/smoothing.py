"""The plain decoders: a frame's most probable class, with or without smoothing over time.

Probabilities are float (T, K + 1), background last; labels int64 (T,), K = background.
"""

import numpy as np
from scipy.ndimage import gaussian_filter1d, median_filter


def threshold_labels(probabilities: np.ndarray, threshold: float | None = None) -> np.ndarray:
    """The most probable of all classes; with a threshold the most probable gesture wherever it is
    at least that probable, and background elsewhere (0: always a gesture)."""
    probabilities = np.asarray(probabilities)
    if threshold is None:
        return probabilities.argmax(axis=1).astype(np.int64)
    background = probabilities.shape[1] - 1
    gestures = probabilities[:, :background]
    best = gestures.argmax(axis=1)
    sure = gestures[np.arange(len(best)), best] >= threshold
    return np.where(sure, best, background).astype(np.int64)


def gaussian_smoothed(probabilities: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian mean over time, standard deviation in frames (0: as they are); rows add up to 1."""
    probabilities = np.asarray(probabilities, np.float64)
    if sigma <= 0 or not len(probabilities):
        return probabilities
    return _normalised(gaussian_filter1d(probabilities, sigma, axis=0, mode="nearest"))


def median_smoothed(probabilities: np.ndarray, frames: int) -> np.ndarray:
    """Running median of every class over `frames` frames (made odd; 1: as they are); rows add up
    to 1. A blip shorter than half of them vanishes, an edge stays where it is."""
    probabilities = np.asarray(probabilities, np.float64)
    width = int(frames) | 1
    if width <= 1 or not len(probabilities):
        return probabilities
    return _normalised(median_filter(probabilities, size=(width, 1), mode="nearest"))


def _normalised(values: np.ndarray) -> np.ndarray:
    total = values.sum(axis=1, keepdims=True)
    return np.where(total > 0, values / np.where(total > 0, total, 1), 1 / values.shape[1])
