"""What every metric is made of: sums over clips, added up per person.

Every metric of this room depends on sums over clips only (confusion counts, top-5 hits, log losses,
reliability bins). `collect_sums` adds them up per group (a subject, or a video where nobody is
known) once; to leave a person out, or to count one twice, is then a weighted sum, exactly the same
as scoring the clips again.

A clip without a prediction (its video could not be read) is a row of NaN: it counts as wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from microgesture.metrics.calibration import BINS, bin_of_confidence, bin_terms, calibration_error
from microgesture.metrics.classification import (
    checked_labels,
    log_losses,
    macro_f1,
    mean_class_accuracy,
    predicted_labels,
    top1_accuracy,
    top_k_hits,
)

TOP = 5


@dataclass(frozen=True)
class Sums:
    """What the metrics need, added up over clips; leading axes are groups or weightings.

    clips (...,), confusion (..., K, K + 1): rows = truth, columns = prediction, the last one = no
    prediction; hits (...,) of top-5, losses (...,) natural logarithm, bins (..., 15, 3) as in
    `microgesture.metrics.calibration.binned`, both over the clips with a prediction; all float64.
    classes: bool (K,), the classes that macro-F1 is a mean over.
    """

    clips: np.ndarray
    confusion: np.ndarray
    hits: np.ndarray
    losses: np.ndarray
    bins: np.ndarray
    classes: np.ndarray

    def weighted(self, weights: np.ndarray) -> "Sums":
        """Sums of whole groups, each taken `weights` (B, G) times -> leading axis B."""
        return Sums(
            *(
                np.tensordot(weights, values, axes=(1, 0))
                for values in (self.clips, self.confusion, self.hits, self.losses, self.bins)
            ),
            classes=self.classes,
        )

    def without_each(self) -> "Sums":
        """Sums of all groups but one, each left out in turn; leading axis as before."""
        parts = (self.clips, self.confusion, self.hits, self.losses, self.bins)
        return Sums(*(values.sum(axis=0) - values for values in parts), classes=self.classes)

    def of_groups(self, chosen: np.ndarray) -> "Sums":
        """The sums of some groups only; chosen: bool or int (G',)."""
        parts = (self.clips, self.confusion, self.hits, self.losses, self.bins)
        return Sums(*(values[chosen] for values in parts), classes=self.classes)


Metric = Callable[[Sums], np.ndarray]


def _mean(total: np.ndarray, clips: np.ndarray) -> np.ndarray:
    return np.divide(total, clips, out=np.full(np.shape(clips), np.nan), where=clips > 0)


def _top5(sums: Sums) -> np.ndarray:
    """NaN with five classes or fewer: there every clip is a hit."""
    few = len(sums.classes) <= TOP
    return np.full(np.shape(sums.clips), np.nan) if few else _mean(sums.hits, sums.clips)


ACCURACIES: dict[str, Metric] = {
    "top1": lambda sums: top1_accuracy(sums.confusion),
    "top5": _top5,
    "macro_f1": lambda sums: macro_f1(sums.confusion, sums.classes),
    "mean_class_accuracy": lambda sums: mean_class_accuracy(sums.confusion),
}
METRICS: dict[str, Metric] = {
    **ACCURACIES,
    "ece": lambda sums: calibration_error(sums.bins),
    "nll": lambda sums: _mean(sums.losses, sums.bins[..., 0].sum(-1)),
}


def collect_sums(
    labels: np.ndarray,
    probabilities: np.ndarray,
    groups: np.ndarray,
    classes: np.ndarray | None = None,
) -> Sums:
    """Sums per group, groups in sorted order.

    labels (N,) int 0..K-1, probabilities (N, K), a row of NaN = no prediction; groups (N,) any
    sortable ids (subject or video); classes: bool (K,), those of macro-F1, by default the classes
    that `labels` holds. Raises ValueError for labels outside 0..K-1.
    """
    probabilities = np.asarray(probabilities, dtype=np.float64)
    num_classes = probabilities.shape[1]
    labels = checked_labels(labels, num_classes)
    if classes is None:
        classes = np.bincount(labels, minlength=num_classes) > 0
    names, places = np.unique(np.asarray(groups), return_inverse=True)
    there = np.isfinite(probabilities).all(axis=1)
    answers = np.full(len(labels), num_classes)
    answers[there] = predicted_labels(probabilities[there])
    confusion = np.zeros((len(names), num_classes, num_classes + 1))
    np.add.at(confusion, (places, labels, answers), 1.0)

    given, truth, at = probabilities[there], labels[there], places[there]
    bins = np.zeros((len(names), BINS, 3))
    np.add.at(bins, (at, bin_of_confidence(given.max(axis=1))), bin_terms(truth, given))

    def per_group(places: np.ndarray, values: np.ndarray) -> np.ndarray:
        return np.bincount(places, weights=values, minlength=len(names)).astype(np.float64)

    return Sums(
        clips=per_group(places, np.ones(len(labels))),
        confusion=confusion,
        hits=per_group(at, top_k_hits(truth, given, TOP)),
        losses=per_group(at, log_losses(truth, given)),
        bins=bins,
        classes=np.asarray(classes, dtype=bool),
    )


def score(sums: Sums, metric: Metric) -> float:
    """The metric over all groups together."""
    return float(metric(sums.weighted(np.ones((1, len(sums.clips)))))[0])
