"""How far would a score move with other people? The bootstrap over subjects.

Clips of one person resemble each other, so clips are no independent draws: whole subjects (whole
videos where the subject is unknown) are drawn with replacement, as many as there are, and the score
is computed anew (cluster bootstrap; Field and Welsh 2007). The interval holds the middle 95 % of
the scores (percentile interval).

Every metric of this room depends on sums over clips only (confusion counts, top-5 hits, log losses,
reliability bins). `collect_sums` adds them up per subject once; a resample is then a weighted sum,
exactly the same as drawing the clips again, and a thousand of them are one matrix product.

With fewer than ten subjects or so such intervals are too narrow; with one there is none (NaN).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from microgesture.metrics.calibration import BINS, bin_of_confidence, bin_terms, calibration_error
from microgesture.metrics.classification import (
    confusion_counts,
    log_losses,
    macro_f1,
    mean_class_accuracy,
    predicted_labels,
    top1_accuracy,
    top_k_hits,
)

RESAMPLES = 1000
_CHUNK = 128  # resamples at once: bounds the memory of (chunk, K, K)


@dataclass(frozen=True)
class Sums:
    """What the metrics need, added up over clips; leading axes are groups or resamples.

    clips (...,), confusion (..., K, K), hits (...,) of top-5, losses (...,) natural logarithm,
    bins (..., 15, 3) as in `microgesture.metrics.calibration.binned`; all float64.
    """

    clips: np.ndarray
    confusion: np.ndarray
    hits: np.ndarray
    losses: np.ndarray
    bins: np.ndarray

    def weighted(self, weights: np.ndarray) -> "Sums":
        """Sums of whole groups, each taken `weights` (B, G) times -> leading axis B."""
        return Sums(
            *(
                np.tensordot(weights, values, axes=(1, 0))
                for values in (self.clips, self.confusion, self.hits, self.losses, self.bins)
            )
        )


Metric = Callable[[Sums], np.ndarray]


def _mean(total: np.ndarray, clips: np.ndarray) -> np.ndarray:
    return np.divide(total, clips, out=np.full(np.shape(clips), np.nan), where=clips > 0)


METRICS: dict[str, Metric] = {
    "top1": lambda sums: top1_accuracy(sums.confusion),
    "top5": lambda sums: _mean(sums.hits, sums.clips),
    "macro_f1": lambda sums: macro_f1(sums.confusion),
    "mean_class_accuracy": lambda sums: mean_class_accuracy(sums.confusion),
    "ece": lambda sums: calibration_error(sums.bins),
    "nll": lambda sums: _mean(sums.losses, sums.clips),
}


def collect_sums(labels: np.ndarray, probabilities: np.ndarray, groups: np.ndarray) -> Sums:
    """Sums per group, groups in sorted order.

    labels (N,) int 0..K-1, probabilities (N, K), groups (N,) any sortable ids (subject or video).
    """
    probabilities = np.asarray(probabilities, dtype=np.float64)
    labels = np.asarray(labels, dtype=np.int64)
    num_classes = probabilities.shape[1]
    names, places = np.unique(np.asarray(groups), return_inverse=True)
    predictions = predicted_labels(probabilities)
    confusion = np.zeros((len(names), num_classes, num_classes))
    for group in range(len(names)):
        rows = places == group
        confusion[group] = confusion_counts(labels[rows], predictions[rows], num_classes)
    bins = np.zeros((len(names), BINS, 3))
    confidence_bins = bin_of_confidence(probabilities.max(axis=1))
    np.add.at(bins, (places, confidence_bins), bin_terms(labels, probabilities))

    def per_group(values: np.ndarray) -> np.ndarray:
        return np.bincount(places, weights=values, minlength=len(names)).astype(np.float64)

    return Sums(
        clips=per_group(np.ones(len(labels))),
        confusion=confusion,
        hits=per_group(top_k_hits(labels, probabilities, 5)),
        losses=per_group(log_losses(labels, probabilities)),
        bins=bins,
    )


def draw_weights(num_groups: int, resamples: int = RESAMPLES, seed: int = 0) -> np.ndarray:
    """(resamples, G) float64: how often each group is drawn; every row adds up to G.

    The same seed gives the same draws, so that systems scored on the same clips can be compared
    resample by resample.
    """
    generator = np.random.default_rng(seed)
    shares = np.full(num_groups, 1.0 / num_groups)
    return generator.multinomial(num_groups, shares, size=resamples).astype(np.float64)


def resampled_scores(sums: Sums, metric: Metric, weights: np.ndarray) -> np.ndarray:
    """The metric in every resample, (B,) float64; NaN where a resample has no clip."""
    parts = [
        metric(sums.weighted(weights[first : first + _CHUNK]))
        for first in range(0, len(weights), _CHUNK)
    ]
    return np.concatenate(parts)


def score(sums: Sums, metric: Metric) -> float:
    """The metric over all groups together."""
    return float(metric(sums.weighted(np.ones((1, len(sums.clips)))))[0])


def bootstrap_interval(
    sums: Sums,
    metric: Metric,
    resamples: int = RESAMPLES,
    seed: int = 0,
    level: float = 0.95,
) -> tuple[float, float]:
    """Percentile interval of a metric over resampled groups; (NaN, NaN) with fewer than two."""
    if len(sums.clips) < 2:
        return float("nan"), float("nan")
    weights = draw_weights(len(sums.clips), resamples, seed)
    return _middle(resampled_scores(sums, metric, weights), level)


def paired_difference(
    first: Sums,
    second: Sums,
    metric: Metric,
    resamples: int = RESAMPLES,
    seed: int = 0,
    level: float = 0.95,
) -> tuple[float, float, float]:
    """(difference, low, high) of metric(first) - metric(second), both on the same resamples.

    Both must come from the same clips and groups. What the systems share (hard subjects, easy
    subjects) cancels, so this interval is much narrower than two single ones suggest.
    """
    if not np.array_equal(first.clips, second.clips):
        raise ValueError("the two systems were not scored on the same clips and groups")
    difference = score(first, metric) - score(second, metric)
    if len(first.clips) < 2:
        return difference, float("nan"), float("nan")
    weights = draw_weights(len(first.clips), resamples, seed)
    differences = resampled_scores(first, metric, weights) - resampled_scores(
        second, metric, weights
    )
    return difference, *_middle(differences, level)


def _middle(values: np.ndarray, level: float) -> tuple[float, float]:
    values = values[np.isfinite(values)]
    if not len(values):
        return float("nan"), float("nan")
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
