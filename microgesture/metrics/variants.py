"""The whole system against its variants, over seeds: what each part is worth.

A part's worth is the score of the whole system minus that of the variant without it, seed by seed
on the same clips (paired), so that what makes a seed lucky or a subject hard cancels.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from microgesture.metrics.bootstrap import METRICS, Sums, draw_weights, resampled_scores, score

COMPARED = ("top1", "macro_f1", "mean_class_accuracy")
LEVEL = 0.95
RESAMPLES = 1000


@dataclass(frozen=True)
class Variant:
    """Sums of one variant for every seed, and on the same clips those of what it is compared with
    (the whole system, or another variant)."""

    own: list[Sums]
    other: list[Sums]


def compare_variants(variants: dict[tuple, Variant], seed: int = 0) -> pd.DataFrame:
    """One row a comparison, in the order given; keys begin with (variant, compared with).

    Columns: variant, against, seeds, clips, groups, and for top1, macro_f1 and
    mean_class_accuracy: mean over seeds; `_spread`, the standard deviation over seeds (NaN with
    one); `_difference`, mean of (variant - other), negative where the other is better;
    `_difference_spread` over seeds; `_difference_low`, `_difference_high`, the 95 % interval of
    that mean over resampled subjects (NaN with fewer than two); `_seeds_worse`, seeds in which the
    variant scored lower.
    """
    rows = []
    for (name, against, *_), variant in variants.items():
        first = variant.own[0]
        row = {
            "variant": name,
            "against": against,
            "seeds": len(variant.own),
            "clips": int(first.clips.sum()),
            "groups": len(first.clips),
        }
        for metric in COMPARED:
            row |= {f"{metric}{end}": value for end, value in _compared(variant, metric, seed)}
        rows.append(row)
    return pd.DataFrame(rows)


def _compared(variant: Variant, metric: str, seed: int) -> list[tuple[str, float]]:
    function = METRICS[metric]
    own = np.array([score(sums, function) for sums in variant.own])
    other = np.array([score(sums, function) for sums in variant.other])
    low = high = float("nan")
    groups = len(variant.own[0].clips)
    if groups > 1:
        weights = draw_weights(groups, RESAMPLES, seed)
        drawn = np.mean(
            [
                resampled_scores(mine, function, weights)
                - resampled_scores(theirs, function, weights)
                for mine, theirs in zip(variant.own, variant.other)
            ],
            axis=0,
        )
        low, high = np.nanquantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return [
        ("", own.mean()),
        ("_spread", _spread(own)),
        ("_difference", (own - other).mean()),
        ("_difference_spread", _spread(own - other)),
        ("_difference_low", float(low)),
        ("_difference_high", float(high)),
        ("_seeds_worse", int((own < other).sum())),
    ]


def _spread(values: np.ndarray) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else float("nan")


def spread_over_seeds(scores: list[pd.DataFrame]) -> pd.DataFrame:
    """Mean and standard deviation over seeds of every system's scores.

    scores: one score table a seed (metrics/score_table.py). Columns: system, modality, round,
    seeds, and for every metric its mean and `_spread`.
    """
    table = pd.concat(scores)
    rows = []
    for (system, modality, number), part in table.groupby(
        ["system", "modality", "round"], sort=False, dropna=False
    ):
        row = {"system": system, "modality": modality, "round": number, "seeds": len(part)}
        for metric in METRICS:
            values = part[metric].to_numpy(float)
            row |= {metric: values.mean(), f"{metric}_spread": _spread(values)}
        rows.append(row)
    return pd.DataFrame(rows)
