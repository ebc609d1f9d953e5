"""One table over all systems, and how good the pseudo-labels were."""

import numpy as np
import pandas as pd

from microgesture.metrics.bootstrap import (
    METRICS,
    bootstrap_interval,
    collect_sums,
    paired_difference,
    score,
)

WITH_INTERVAL = ("top1", "macro_f1", "mean_class_accuracy")


def score_table(
    systems: dict[str, np.ndarray],
    labels: np.ndarray,
    groups: np.ndarray,
    reference: str | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Scores of every system on the same clips, in the order given.

    systems: name -> calibrated probabilities (N, K); labels (N,) int; groups (N,) subject or video
    of each clip; reference: the system that all others are compared with, clip by clip.
    Columns: system, clips, groups, top1, top1_low, top1_high, top5, macro_f1 (+ interval),
    mean_class_accuracy (+ interval), ece, nll, and with a reference top1_difference (+ interval):
    reference minus system on the same resamples. Intervals hold 95 %, over resampled groups.
    """
    sums = {name: collect_sums(labels, values, groups) for name, values in systems.items()}
    rows = []
    for name, own in sums.items():
        row = {"system": name, "clips": len(labels), "groups": len(own.clips)}
        for metric, function in METRICS.items():
            row[metric] = score(own, function)
            if metric in WITH_INTERVAL:
                low, high = bootstrap_interval(own, function, seed=seed)
                row |= {f"{metric}_low": low, f"{metric}_high": high}
        if reference is not None:
            gap, low, high = paired_difference(sums[reference], own, METRICS["top1"], seed=seed)
            row |= {"top1_difference": gap}
            row |= {"top1_difference_low": low, "top1_difference_high": high}
        rows.append(row)
    return pd.DataFrame(rows)


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
