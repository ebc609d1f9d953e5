"""Curriculum thresholds: classes that the teachers know less well are let in earlier.

tau_c = tau * b_c / (2 - b_c), b_c = (clips confidently predicted c) / (the largest such number of
any class), after FlexMatch (Zhang et al. 2021, convex mapping). Confident = the probability of the
predicted class is at least tau. The best known class keeps tau, one with half as many confident
clips needs tau / 3, and one without any needs nothing but the teachers' agreement.
"""

import numpy as np


def confident_counts(probabilities: np.ndarray, threshold: float) -> np.ndarray:
    """(K,) int: clips predicted c with probability >= threshold, from (N, K)."""
    probabilities = np.asarray(probabilities)
    confident = probabilities.max(axis=1, initial=0.0) >= threshold
    return np.bincount(
        probabilities[confident].argmax(axis=1), minlength=probabilities.shape[1]
    ).astype(np.int64)


def curriculum_thresholds(
    probabilities: np.ndarray, threshold: float, floor: float = 0.0
) -> np.ndarray:
    """tau_c for every class, (K,) float64 in [floor, threshold].

    probabilities: (N, K) mean of the teachers on the target clips; threshold: tau; floor: no class
    gets a lower threshold. Where not one clip is confident, b_c has no value: nobody has learned
    anything yet, and every class keeps tau.
    """
    counts = confident_counts(probabilities, threshold)
    if counts.max(initial=0) == 0:
        return np.full(len(counts), float(threshold))
    status = counts / counts.max()
    return np.maximum(threshold * status / (2.0 - status), min(floor, threshold))
