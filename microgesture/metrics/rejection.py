"""The right not to answer: how many errors remain when the unsure ones are called uncertain.

Works for anything that has a confidence and is right or wrong: clips, windows, segments. Coverage
is the share that is answered, error the share of the answered that is wrong (the selective risk of
Geifman and El-Yaniv, NeurIPS 2017). The threshold is chosen on validation.
"""

import numpy as np
import pandas as pd
from scipy.stats import beta

UNCERTAIN = "uncertain"


def coverage_curve(confidence: np.ndarray, right: np.ndarray, level: float = 0.95) -> pd.DataFrame:
    """One row per distinct confidence, descending: threshold, answered, coverage, error,
    error_high.

    confidence (n,), right bool (n,). A row answers everything with a confidence of at least its
    threshold. error_high: one-sided upper bound of the error at `level` (Clopper and Pearson 1934),
    for a threshold chosen from few answers that merely looks good.
    """
    confidence, right = np.asarray(confidence, np.float64), np.asarray(right, bool)
    thresholds, counts = np.unique(confidence, return_counts=True)
    hits = np.array([right[confidence == value].sum() for value in thresholds], np.int64)
    thresholds, counts, hits = thresholds[::-1], counts[::-1].cumsum(), hits[::-1].cumsum()
    wrong = counts - hits
    return pd.DataFrame(
        {
            "threshold": thresholds,
            "answered": counts.astype(np.int64),
            "coverage": counts / max(len(confidence), 1),
            "error": wrong / counts,
            "error_high": np.where(hits == 0, 1.0, beta.ppf(level, wrong + 1, np.maximum(hits, 1))),
        }
    )


def threshold_for_error(curve: pd.DataFrame, error: float, *, safe: bool = True) -> float:
    """The lowest threshold (most answers) whose error is at most `error`; infinity where none is:
    then nothing is answered. safe: the error's upper bound counts, not what was seen.

    curve: from `coverage_curve`. Raises ValueError for an error outside 0..1.
    """
    if not 0 <= error <= 1:
        raise ValueError(f"the wished error must lie in 0 to 1, not {error}")
    good = curve[curve["error_high" if safe else "error"] <= error]
    return float(good["threshold"].min()) if len(good) else float("inf")


def answers(labels: np.ndarray, confidence: np.ndarray, names: list[str], threshold: float):
    """object (n,): the class's name, or "uncertain" below the threshold."""
    words = np.array([names[label] for label in np.asarray(labels, np.int64)], dtype=object)
    words[np.asarray(confidence) < threshold] = UNCERTAIN
    return words
