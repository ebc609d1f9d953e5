"""Long-tailed classes: loss weights, drawing weights and logit offsets from the class counts."""

import numpy as np

LOWEST, HIGHEST = 0.2, 5.0
EFFECTIVE_BETA = 0.999


def class_weights(counts: np.ndarray, kind: str = "sqrt") -> np.ndarray:
    """Loss weights float64 (K,) from the clips per class (K,).

    none: 1. sqrt: w_c = sqrt(N / (K n_c)). inverse: N / (K n_c). effective_number: (1 - b) /
    (1 - b^n_c) with b = 0.999 (Cui et al. 2019). All are scaled so that sum_c n_c w_c = N, which
    keeps the mean loss weight and so the learning rate, then clipped to [0.2, 5]. A class without
    clips gets the highest weight.
    """
    counts = np.asarray(counts, np.float64)
    total, classes = counts.sum(), len(counts)
    if kind == "none" or total == 0:
        return np.ones(classes)
    safe = np.maximum(counts, 1)
    if kind == "sqrt":
        weights = np.sqrt(total / (classes * safe))
    elif kind == "inverse":
        weights = total / (classes * safe)
    elif kind == "effective_number":
        weights = (1 - EFFECTIVE_BETA) / (1 - EFFECTIVE_BETA**safe)
    else:
        raise ValueError(f"unknown kind of class weights {kind!r}")
    weights = weights * total / np.sum(counts * weights)
    return np.where(counts > 0, np.clip(weights, LOWEST, HIGHEST), HIGHEST)


def balanced_draw_weights(labels: np.ndarray, num_classes: int) -> np.ndarray:
    """float64 (N,): weights under which every class that occurs is drawn equally often."""
    counts = np.bincount(labels, minlength=num_classes)
    return 1.0 / counts[labels]


def log_priors(counts: np.ndarray) -> np.ndarray:
    """Log class frequencies (K,) for logit adjustment (Menon et al. 2021); an empty class counts
    as half a clip, so that it stays finite."""
    counts = np.maximum(np.asarray(counts, np.float64), 0.5)
    return np.log(counts / counts.sum())
