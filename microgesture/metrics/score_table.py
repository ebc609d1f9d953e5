"""One table over all systems, and how good the pseudo-labels were."""

import numpy as np
import pandas as pd

from microgesture.metrics.groups import kind_of_groups
from microgesture.metrics.intervals import interval, paired_difference
from microgesture.metrics.sums import ACCURACIES, METRICS, Sums, collect_sums, score

WITH_INTERVAL = ("top1", "macro_f1", "mean_class_accuracy")


def score_table(
    systems: dict[str, np.ndarray],
    labels: np.ndarray,
    groups: np.ndarray,
    reference: str | None = None,
) -> pd.DataFrame:
    """Scores of every system on the same clips, in the order given.

    systems: name -> calibrated probabilities (N, K), a row of NaN where a clip has no prediction;
    labels (N,) int; groups (N,) subject or video of each clip (`groups_of`); reference: the system
    that all others are compared with, clip by clip.
    Columns: system, clips (with a prediction), missing (without), groups and group_kind of the
    former, top1, top1_low, top1_high, top5 (NaN with five classes or fewer), macro_f1 (+ interval),
    mean_class_accuracy (+ interval), ece, nll; the same accuracies with every missing clip counted
    wrong: top1_all (+ interval), top5_all, macro_f1_all, mean_class_accuracy_all; with a reference
    top1_difference (+ interval): reference minus system; remark (text, mostly empty). Intervals
    hold 95 %, over groups (`microgesture.metrics.intervals`).
    """
    labels, groups = np.asarray(labels), np.asarray(groups)
    classes = np.bincount(labels, minlength=_num_classes(systems)) > 0
    there = {name: np.isfinite(values).all(axis=1) for name, values in systems.items()}
    rows = []
    for name, values in systems.items():
        seen = there[name]
        own = collect_sums(labels[seen], values[seen], groups[seen], classes)
        whole = collect_sums(labels, values, groups, classes)
        row = {"system": name, "clips": int(seen.sum()), "missing": int((~seen).sum())}
        row |= {"groups": len(own.clips), "group_kind": kind_of_groups(groups[seen])}
        for metric, function in METRICS.items():
            row |= _with_interval(own, metric, metric, function)
        for metric, function in ACCURACIES.items():
            row |= _with_interval(whole, metric, f"{metric}_all", function)
        if reference is not None:
            both = seen & there[reference]
            pair = [
                collect_sums(labels[both], systems[one][both], groups[both], classes)
                for one in (reference, name)
            ]
            gap, low, high = paired_difference(*pair, METRICS["top1"])
            row |= {"top1_difference": gap}
            row |= {"top1_difference_low": low, "top1_difference_high": high}
        rows.append({**row, "remark": remark(row["groups"], row["group_kind"], row["missing"])})
    return pd.DataFrame(rows)


def remark(groups: int, kind: str, missing: int = 0) -> str:
    """What a reader of a row must know: why it has no interval, and how many clips were lost."""
    parts = []
    if groups < 2:
        parts.append(f"{groups} test {kind}: no interval, other people may score quite differently")
    if missing:
        parts.append(f"{missing} clip{'s' * (missing != 1)} without a prediction")
    return "; ".join(parts)


def _num_classes(systems: dict[str, np.ndarray]) -> int:
    return next(iter(systems.values())).shape[1]


def _with_interval(sums: Sums, metric: str, column: str, function) -> dict[str, float]:
    """The score under the name `column`, with its interval where `metric` has one."""
    cells = {column: score(sums, function)}
    if metric in WITH_INTERVAL:
        cells[f"{column}_low"], cells[f"{column}_high"] = interval(sums, function)
    return cells


def pseudo_label_quality(
    rounds: dict[tuple[str, str], pd.DataFrame], truth: pd.DataFrame, targets: int
) -> pd.DataFrame:
    """How many pseudo-labels of each round were right.

    rounds: (modality, round) -> table with clip, label; truth: clip, label of the test clips;
    targets: number of clips that could have been taken. Columns: modality, round, selected,
    with_truth (those whose true label is known: unlabelled clips have none), precision (share of
    with_truth that is right, NaN without any), coverage (selected / targets), classes (selected).
    """
    known = dict(zip(truth["clip"], truth["label"]))
    rows = []
    for (modality, number), table in rounds.items():
        judged = table[table["clip"].isin(list(known))]
        right = [known[clip] == label for clip, label in zip(judged["clip"], judged["label"])]
        rows.append(
            {
                "modality": modality,
                "round": number,
                "selected": len(table),
                "with_truth": len(judged),
                "precision": float(np.mean(right)) if right else float("nan"),
                "coverage": len(table) / targets if targets else float("nan"),
                "classes": table["label"].nunique(),
            }
        )
    columns = ["modality", "round", "selected", "with_truth", "precision", "coverage", "classes"]
    return pd.DataFrame(rows, columns=columns)
