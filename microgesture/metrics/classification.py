"""Classification metrics as functions of a confusion matrix, one clip counting once.

Definitions, and what happens with a class that no clip of the test set has:

- top-1 accuracy: share of clips whose most probable class is the true one (= micro-F1, as every
  clip has exactly one label and one prediction).
- mean-class accuracy: mean recall over the classes **with test clips**; a class without any has no
  recall and does not count.
- macro-F1: mean F1 over the classes **of the whole test set's truth**, whatever a system predicts
  and whichever people are looked at, so that all systems are averages over the same classes. A
  class of that set that is neither there nor predicted counts as 0.

The functions take confusion matrices of shape (..., K, L), rows = truth, columns = prediction; L is
K, or K + 1 with a last column for clips without a prediction. Without any clip the result is NaN.
"""

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support


def predicted_labels(probabilities: np.ndarray) -> np.ndarray:
    """The most probable class per row (N, K) -> (N,) int64; the first of equals."""
    return np.asarray(probabilities).argmax(axis=1).astype(np.int64)


def confusion_counts(labels: np.ndarray, predictions: np.ndarray, num_classes: int) -> np.ndarray:
    """(K, K) int64 counts, rows = truth, columns = prediction.

    Raises ValueError for labels outside 0..K-1 (an unlabelled clip has no place here).
    """
    labels = checked_labels(labels, num_classes)
    predictions = checked_labels(predictions, num_classes)
    if not len(labels):
        return np.zeros((num_classes, num_classes), dtype=np.int64)
    return confusion_matrix(labels, predictions, labels=np.arange(num_classes))


def top_k_hits(labels: np.ndarray, probabilities: np.ndarray, k: int) -> np.ndarray:
    """(N,) bool: the true class is among the `k` most probable ones; of equals the first counts.

    With K <= k classes every clip is a hit.
    """
    probabilities = np.asarray(probabilities)
    labels = checked_labels(labels, probabilities.shape[1])
    ranked = np.argsort(-probabilities, axis=1, kind="stable")[:, :k]
    return (ranked == labels[:, None]).any(axis=1)


def log_losses(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """(N,) float64: minus the natural logarithm of the true class's probability.

    A probability of 0 counts as 1e-12, so that one clip costs at most 27.6.
    """
    probabilities = np.asarray(probabilities, dtype=np.float64)
    labels = checked_labels(labels, probabilities.shape[1])
    return -np.log(np.clip(probabilities[np.arange(len(labels)), labels], 1e-12, 1.0))


def top1_accuracy(confusion: np.ndarray) -> np.ndarray:
    """Share of correct clips, (..., K, L) -> (...)."""
    confusion = np.asarray(confusion, dtype=np.float64)
    return _ratio(_diagonal(confusion).sum(-1), confusion.sum((-2, -1)))


def micro_f1(confusion: np.ndarray) -> np.ndarray:
    """F1 of the pooled counts. With one label and one prediction a clip it equals top-1."""
    confusion = np.asarray(confusion, dtype=np.float64)
    hits = _diagonal(confusion).sum(-1)
    answered = confusion.sum(-2)[..., : confusion.shape[-2]].sum(-1)
    return _ratio(2 * hits, confusion.sum((-2, -1)) + answered)


def macro_f1(confusion: np.ndarray, classes: np.ndarray | None = None) -> np.ndarray:
    """Mean F1 over `classes`, bool (K,), (..., K, L) -> (...).

    By default the classes that the truth of any of the matrices holds. NaN where a matrix has no
    clip.
    """
    confusion = np.asarray(confusion, dtype=np.float64)
    num_classes = confusion.shape[-2]
    clips = confusion.sum(-1)
    if classes is None:
        classes = clips.reshape(-1, num_classes).sum(0) > 0
    occurrences = clips + confusion.sum(-2)[..., :num_classes]  # 2 TP + FN + FP
    hits = 2 * _diagonal(confusion)
    shares = np.divide(hits, occurrences, out=np.zeros_like(hits), where=occurrences > 0)
    total = np.where(clips.sum(-1) > 0, shares[..., classes].sum(-1), np.nan)
    return total / max(int(np.sum(classes)), 1)


def mean_class_accuracy(confusion: np.ndarray) -> np.ndarray:
    """Mean recall over the classes with clips, (..., K, L) -> (...)."""
    confusion = np.asarray(confusion, dtype=np.float64)
    return _mean_where_counted(_diagonal(confusion), confusion.sum(-1))


def per_class_scores(labels: np.ndarray, predictions: np.ndarray, names: list[str]) -> pd.DataFrame:
    """One row per class: label, name, support, predicted, precision, recall, f1.

    support = clips of the class, predicted = clips called so. Precision is NaN where a class was
    never predicted, recall where it has no clip, F1 where it does neither occur nor is predicted.
    """
    classes = np.arange(len(names))
    labels, predictions = (
        checked_labels(labels, len(names)),
        checked_labels(predictions, len(names)),
    )
    support = np.bincount(labels, minlength=len(names))
    predicted = np.bincount(predictions, minlength=len(names))
    if len(labels):
        precision, recall, f1, _ = precision_recall_fscore_support(
            labels, predictions, labels=classes, zero_division=np.nan
        )
    else:
        precision = recall = f1 = np.full(len(names), np.nan)
    return pd.DataFrame(
        {
            "label": classes,
            "name": names,
            "support": support,
            "predicted": predicted,
            "precision": np.where(predicted > 0, precision, np.nan),
            "recall": np.where(support > 0, recall, np.nan),
            "f1": np.where(support + predicted > 0, f1, np.nan),
        }
    )


def checked_labels(labels: np.ndarray, num_classes: int) -> np.ndarray:
    """The labels as int64. Raises ValueError for one outside 0..num_classes - 1."""
    labels = np.asarray(labels, dtype=np.int64)
    outside = labels[(labels < 0) | (labels >= num_classes)]
    if len(outside):
        raise ValueError(f"label {outside[0]} is outside 0..{num_classes - 1}")
    return labels


def _diagonal(confusion: np.ndarray) -> np.ndarray:
    return np.diagonal(confusion, axis1=-2, axis2=-1)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.full(np.shape(below), np.nan), where=below > 0)


def _mean_where_counted(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    shares = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    return _ratio(shares.sum(-1), (below > 0).sum(-1).astype(np.float64))
