"""Is a confidence of 0.8 right in 80 % of the cases? Reliability bins and their summary.

Expected calibration error after Guo et al. (2017, "On Calibration of Modern Neural Networks"):
the clips are sorted by the probability of their predicted class into equal-width bins
(m/M, (m+1)/M], m = 0..M-1 (M = 15, a confidence of 0 goes to the first), and
ECE = sum over bins of (clips in the bin / all clips) * |accuracy - mean confidence of the bin|.
"""

import numpy as np
import pandas as pd

BINS = 15


def bin_of_confidence(confidences: np.ndarray, bins: int = BINS) -> np.ndarray:
    """Bin number 0..bins-1 of each confidence in [0, 1]."""
    edges = np.linspace(0.0, 1.0, bins + 1)
    places = np.searchsorted(edges, np.asarray(confidences, dtype=np.float64), side="left") - 1
    return np.clip(places, 0, bins - 1)


def bin_terms(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """(N, 3) one row per clip: 1, confidence, 1 if correct; added up per bin by `binned`."""
    probabilities = np.asarray(probabilities, dtype=np.float64)
    correct = probabilities.argmax(axis=1) == np.asarray(labels)
    return np.stack([np.ones(len(correct)), probabilities.max(axis=1), correct], axis=1)


def calibration_error(sums: np.ndarray) -> np.ndarray:
    """ECE from binned sums (..., bins, 3) of clips, confidence and hits -> (...); NaN if empty."""
    sums = np.asarray(sums, dtype=np.float64)
    total = sums[..., 0].sum(-1)
    gaps = np.abs(sums[..., 2] - sums[..., 1]).sum(-1)  # clips * |accuracy - confidence|
    return np.divide(gaps, total, out=np.full(np.shape(total), np.nan), where=total > 0)


def binned(labels: np.ndarray, probabilities: np.ndarray, bins: int = BINS) -> np.ndarray:
    """(bins, 3): clips, sum of confidences and number of hits in each bin."""
    sums = np.zeros((bins, 3))
    if len(labels):
        places = bin_of_confidence(np.asarray(probabilities).max(axis=1), bins)
        np.add.at(sums, places, bin_terms(labels, probabilities))
    return sums


def expected_calibration_error(
    labels: np.ndarray, probabilities: np.ndarray, bins: int = BINS
) -> float:
    """ECE of probabilities (N, K) for true labels (N,); 0 is perfect, NaN without clips."""
    return float(calibration_error(binned(labels, probabilities, bins)))


def reliability_table(
    labels: np.ndarray, probabilities: np.ndarray, bins: int = BINS
) -> pd.DataFrame:
    """One row per bin: low, high, clips, confidence (mean) and accuracy, NaN in an empty bin."""
    sums = binned(labels, probabilities, bins)
    edges = np.linspace(0.0, 1.0, bins + 1)
    with np.errstate(invalid="ignore"):
        confidence, accuracy = sums[:, 1] / sums[:, 0], sums[:, 2] / sums[:, 0]
    return pd.DataFrame(
        {
            "low": edges[:-1],
            "high": edges[1:],
            "clips": sums[:, 0].astype(np.int64),
            "confidence": confidence,
            "accuracy": accuracy,
        }
    )
