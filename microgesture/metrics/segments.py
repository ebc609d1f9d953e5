"""Scores of segments in untrimmed videos: added up per person, so that each can be left out.

F1 = 2 x hits / (predictions + truths), counts pooled over all videos (the MiGA challenge's rule at
IoU > .3). By the organisers' matching, hits are truths found, and precision and recall are hits /
predictions, at most 1, and hits / truths; see `metrics.segment_matching`. Macro F1 over classes:
mean over those that occur in truth or prediction.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from microgesture.metrics.classification import macro_f1, mean_class_accuracy
from microgesture.metrics.edit_score import edit_score
from microgesture.metrics.intervals import interval, paired_difference
from microgesture.metrics.segment_matching import match_segments, truths_found

THRESHOLDS = (0.1, 0.3, 0.5, 0.7)
LEVELS = 101  # of a curve over confidences
WITH_INTERVAL = ("f1_0.3", "f1_0.5", "frame_macro_f1")


@dataclass(frozen=True)
class SegmentSums:
    """What the scores need, added up over videos; leading axes are people or weightings.

    clips (...,): true segments, or videos where these are more. predicted, truth (..., K): segments
    by class. hits (..., I, K) one to one and found (..., I, K) by the organisers' rule, I
    thresholds of IoU. confusion (..., K + 1, K + 1): frames, rows = truth, background last. edits
    (..., 2): sum of edit scores and number of videos. errors (..., 3): sum of absolute onset and
    offset errors in ms, and the number of pairs. All float64. `weighted`, `without_each` and
    `of_groups` are what intervals over people ask for.
    """

    clips: np.ndarray
    predicted: np.ndarray
    truth: np.ndarray
    hits: np.ndarray
    found: np.ndarray
    confusion: np.ndarray
    edits: np.ndarray
    errors: np.ndarray

    def of_groups(self, chosen: np.ndarray) -> "SegmentSums":
        """The sums of some people only; chosen: bool or int (G',)."""
        return SegmentSums(**{name: own[chosen] for name, own in vars(self).items()})

    def without_each(self) -> "SegmentSums":
        """The sums of everybody but one, each person left out in turn; leading axis as before."""
        return SegmentSums(**{name: own.sum(axis=0) - own for name, own in vars(self).items()})

    def weighted(self, weights: np.ndarray) -> "SegmentSums":
        """Sums of people, each taken `weights` (B, G) times -> leading axis B."""
        return SegmentSums(
            **{name: np.tensordot(weights, own, axes=(1, 0)) for name, own in vars(self).items()}
        )


Metric = Callable[[SegmentSums], np.ndarray]


def collect_segment_sums(
    predicted: pd.DataFrame,
    truth: pd.DataFrame,
    videos: pd.DataFrame,
    frames: dict[str, tuple[np.ndarray, np.ndarray]],
    num_classes: int,
) -> SegmentSums:
    """Sums per group, groups in sorted order.

    predicted, truth: video, start, end, label (0..K-1); videos: video, group, fps, all scored
    videos, also those in which nothing happens; frames: video -> (true, predicted) labels of its
    frames, int (T,), K = background, -1 = unknown (left out). A video in which nothing happens
    has an edit score of 1 where nothing is predicted. Raises ValueError for a segment of a video
    that is not scored.
    """
    known = set(videos["video"])
    for name, table in (("predicted", predicted), ("true", truth)):
        strange = set(table["video"]) - known
        if strange:
            raise ValueError(f"{name} segments of video {min(strange)!r}, which is not scored")
    predicted, truth = predicted.reset_index(drop=True), truth.reset_index(drop=True)
    groups = sorted(set(videos["group"]))
    place = {group: number for number, group in enumerate(groups)}
    group_of = {row.video: place[row.group] for row in videos.itertuples()}
    rate = dict(zip(videos["video"], videos["fps"]))
    shape = (len(groups), len(THRESHOLDS), num_classes)
    hits, found = np.zeros(shape), np.zeros(shape)
    ours, theirs = (np.zeros((len(groups), num_classes)) for _ in range(2))
    own_group = predicted["video"].map(group_of).to_numpy(dtype=np.int64)
    true_group = truth["video"].map(group_of).to_numpy(dtype=np.int64)
    own_label, true_label = (t["label"].to_numpy(dtype=np.int64) for t in (predicted, truth))
    np.add.at(ours, (own_group, own_label), 1)
    np.add.at(theirs, (true_group, true_label), 1)
    errors = np.zeros((len(groups), 3))
    for number, threshold in enumerate(THRESHOLDS):
        match = match_segments(predicted, truth, threshold)
        right = np.flatnonzero(match >= 0)
        np.add.at(hits[:, number], (own_group[right], own_label[right]), 1)
        seen = truths_found(predicted, truth, threshold)
        np.add.at(found[:, number], (true_group[seen], true_label[seen]), 1)
        if threshold == 0.3:
            pairs = onset_offset_errors(predicted, truth, match, rate)
            np.add.at(errors, own_group[right], np.column_stack([pairs, np.ones(len(pairs))]))
    confusion = np.zeros((len(groups), num_classes + 1, num_classes + 1))
    edits = np.zeros((len(groups), 2))
    for video in videos["video"]:
        true, given = (np.asarray(labels) for labels in frames[video])
        judged = true >= 0
        np.add.at(confusion[group_of[video]], (true[judged], given[judged]), 1)
        sequences = (
            table.loc[table["video"] == video].sort_values("start")["label"].to_numpy()
            for table in (predicted, truth)
        )
        edits[group_of[video]] += edit_score(*sequences), 1
    clips = np.maximum(theirs.sum(axis=1), edits[:, 1])
    return SegmentSums(clips, ours, theirs, hits, found, confusion, edits, errors)


def onset_offset_errors(
    predicted: pd.DataFrame, truth: pd.DataFrame, match: np.ndarray, fps: dict[str, float]
) -> np.ndarray:
    """float64 (pairs, 2): absolute error of the first and of the last frame in ms, of the predicted
    segments with a match, in their order. match: from `match_segments`."""
    rows = np.flatnonzero(match >= 0)
    mine, other = predicted.iloc[rows], truth.iloc[match[rows]]
    frame = 1000 / mine["video"].map(fps).to_numpy(dtype=np.float64)
    return np.column_stack(
        [
            np.abs(mine[name].to_numpy() - other[name].to_numpy()) * frame
            for name in ("start", "end")
        ]
    ).reshape(-1, 2)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.full(np.shape(below), np.nan), where=below > 0)


def pooled_f1(place: int, kind: str = "hits") -> Metric:
    """F1 at THRESHOLDS[place], counts pooled over classes; kind: hits (one to one) or found."""

    def f1(sums: SegmentSums) -> np.ndarray:
        predictions, truths = sums.predicted.sum(-1), sums.truth.sum(-1)
        if kind == "hits":
            return _ratio(2 * sums.hits[..., place, :].sum(-1), predictions + truths)
        return _f1(*precision_recall(sums.found[..., place, :].sum(-1), predictions, truths))

    return f1


def precision_recall(hits, predictions, truths) -> tuple[np.ndarray, np.ndarray]:
    """Precision (at most 1, NaN without a prediction) and recall (NaN without a truth)."""
    return np.minimum(_ratio(hits, predictions), 1), _ratio(hits, truths)


def _f1(precision: np.ndarray, recall: np.ndarray) -> np.ndarray:
    precision = np.where(np.isnan(precision) & ~np.isnan(recall), 0, precision)
    recall = np.where(np.isnan(recall) & ~np.isnan(precision), 0, recall)
    total = precision + recall
    harmonic = _ratio(2 * precision * recall, total)
    return np.where(total == 0, 0.0, harmonic)


def class_mean_f1(place: int) -> Metric:
    """Mean over classes of F1 at THRESHOLDS[place], one to one."""

    def f1(sums: SegmentSums) -> np.ndarray:
        below = sums.predicted + sums.truth
        each = _ratio(2 * sums.hits[..., place, :], below)
        counted = below > 0
        return _ratio(np.where(counted, each, 0).sum(-1), counted.sum(-1).astype(np.float64))

    return f1


SEGMENT_METRICS: dict[str, Metric] = {
    **{f"f1_{threshold}": pooled_f1(place) for place, threshold in enumerate(THRESHOLDS)},
    "f1_0.3_organisers": pooled_f1(THRESHOLDS.index(0.3), "found"),
    "class_mean_f1_0.3": class_mean_f1(THRESHOLDS.index(0.3)),
    "frame_macro_f1": lambda sums: macro_f1(sums.confusion),
    "frame_balanced_accuracy": lambda sums: mean_class_accuracy(sums.confusion),
    "edit": lambda sums: _ratio(sums.edits[..., 0], sums.edits[..., 1]),
    "onset_ms": lambda sums: _ratio(sums.errors[..., 0], sums.errors[..., 2]),
    "offset_ms": lambda sums: _ratio(sums.errors[..., 1], sums.errors[..., 2]),
}


def segment_score(sums: SegmentSums, metric: Metric) -> float:
    """The metric over all people together."""
    return float(metric(sums.weighted(np.ones((1, len(sums.clips)))))[0])


def segment_score_table(
    systems: dict[str, SegmentSums], reference: str | None = None
) -> pd.DataFrame:
    """One row per system: segments (predicted), truths, groups, every metric, and 95 % intervals
    (`_low`, `_high`) over groups of those in WITH_INTERVAL (`metrics.intervals`); with a
    reference f1_0.3_difference (+ interval): system minus reference over the same groups."""
    rows = []
    for name, sums in systems.items():
        row = {"system": name, "segments": int(sums.predicted.sum())}
        row |= {"truths": int(sums.truth.sum()), "groups": len(sums.clips)}
        for key, metric in SEGMENT_METRICS.items():
            row[key] = segment_score(sums, metric)
            if key in WITH_INTERVAL:
                low, high = interval(sums, metric)
                row |= {f"{key}_low": low, f"{key}_high": high}
        if reference is not None:
            gap, low, high = paired_difference(sums, systems[reference], SEGMENT_METRICS["f1_0.3"])
            row |= {"f1_0.3_difference": gap}
            row |= {"f1_0.3_difference_low": low, "f1_0.3_difference_high": high}
        rows.append(row)
    return pd.DataFrame(rows)


def per_class_segments(sums: SegmentSums, names: list[str], threshold: float = 0.3) -> pd.DataFrame:
    """One row per class: label, name, truths, predicted, hits, precision, recall, f1 (one to one).
    NaN where there is nothing to divide by."""
    place = THRESHOLDS.index(threshold)
    truths, given = sums.truth.sum(axis=0), sums.predicted.sum(axis=0)
    hits = sums.hits[:, place].sum(axis=0)
    precision, recall = precision_recall(hits, given, truths)
    return pd.DataFrame(
        {
            "label": np.arange(len(names)),
            "name": names,
            "truths": truths.astype(np.int64),
            "predicted": given.astype(np.int64),
            "hits": hits.astype(np.int64),
            "precision": precision,
            "recall": recall,
            "f1": _ratio(2 * hits, given + truths),
        }
    )


def confidence_curve(
    predicted: pd.DataFrame, truth: pd.DataFrame, threshold: float = 0.3
) -> pd.DataFrame:
    """What remains when only segments of at least some confidence are kept, one to one.

    predicted with `confidence`. One row per level, ascending, each the lowest confidence that is
    kept: confidence, segments, precision, recall, f1. Levels are the confidences that occur, at
    most LEVELS of them, evenly spread over the segments. Matching is done anew for each.
    """
    rows, levels = [], np.unique(predicted["confidence"].to_numpy())
    if len(levels) > LEVELS:
        levels = levels[np.linspace(0, len(levels) - 1, LEVELS).round().astype(int)]
    for level in levels:
        kept = predicted[predicted["confidence"] >= level].reset_index(drop=True)
        hits = int((match_segments(kept, truth, threshold) >= 0).sum())
        f1 = 2 * hits / (len(kept) + len(truth))
        recall = hits / len(truth) if len(truth) else np.nan
        rows.append((level, len(kept), hits / len(kept), recall, f1))
    return pd.DataFrame(rows, columns=["confidence", "segments", "precision", "recall", "f1"])
