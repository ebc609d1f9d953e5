"""The whole system against its variants, over seeds: what each part is worth.

A part's worth is the score of the whole system minus that of the variant without it, seed by seed
on the same clips (paired), so that what makes a seed lucky or a subject hard cancels. The interval
asks for other people and other seeds at once (`difference_over_seeds`). Many comparisons find
something by chance: `_p` holds for all comparisons of a table together (Holm 1979).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from microgesture.metrics.groups import SUBJECT
from microgesture.metrics.intervals import difference_over_seeds, holm
from microgesture.metrics.score_table import remark
from microgesture.metrics.sums import METRICS, Sums, score

COMPARED = ("top1", "macro_f1", "mean_class_accuracy")


@dataclass(frozen=True)
class Variant:
    """Sums of one variant for every seed, and on the same clips those of what it is compared with
    (the whole system, or another variant). kind: of the groups (`kind_of_groups`)."""

    own: list[Sums]
    other: list[Sums]
    kind: str = SUBJECT


def compare_variants(variants: dict[tuple, Variant]) -> pd.DataFrame:
    """One row a comparison, in the order given; keys begin with (variant, compared with).

    Columns: variant, against, seeds, clips, groups, group_kind, and for top1, macro_f1 and
    mean_class_accuracy: mean over seeds; `_spread`, the standard deviation over seeds (NaN with
    one); `_difference`, mean of (variant - other), negative where the other is better;
    `_difference_spread` over seeds; `_difference_low`, `_difference_high`, the 95 % interval of
    that mean over people and seeds (NaN with fewer than two groups); `_p`, two-sided, adjusted over
    the table's comparisons (NaN for a system with itself and without an interval);
    `_seeds_worse`, seeds in which the variant scored lower. Last: remark (text, mostly empty).
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
            "group_kind": variant.kind,
        }
        for metric in COMPARED:
            row |= {f"{metric}{end}": value for end, value in _compared(variant, metric)}
            if name == against:
                row[f"{metric}_p"] = float("nan")
        remarks = [remark(row["groups"], variant.kind)]
        if len(variant.own) < 2:
            remarks.append("one seed: the interval is over people alone")
        rows.append({**row, "remark": "; ".join(filter(None, remarks))})
    table = pd.DataFrame(rows)
    for metric in COMPARED if rows else ():
        table[f"{metric}_p"] = holm(table[f"{metric}_p"].to_numpy(float))
    return table


def _compared(variant: Variant, metric: str) -> list[tuple[str, float]]:
    function = METRICS[metric]
    own = np.array([score(sums, function) for sums in variant.own])
    other = np.array([score(sums, function) for sums in variant.other])
    difference, low, high, p = difference_over_seeds(variant.own, variant.other, function)
    return [
        ("", own.mean()),
        ("_spread", _spread(own)),
        ("_difference", difference),
        ("_difference_spread", _spread(own - other)),
        ("_difference_low", low),
        ("_difference_high", high),
        ("_p", p),
        ("_seeds_worse", int((own < other).sum())),
    ]


def _spread(values: np.ndarray) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else float("nan")


def spread_over_seeds(scores: list[pd.DataFrame]) -> pd.DataFrame:
    """Mean and standard deviation over seeds of every system's scores.

    scores: one score table a seed (metrics/score_table.py). Columns: system, modality, round,
    seeds (their number), seed (the seeds themselves, such as "0 1 2"), what the scores stand on
    (mode, clips, missing, groups, group_kind: the first table's), both where the tables say it, and
    for every metric its mean and `_spread`.
    """
    table = pd.concat(scores)
    rows = []
    for (system, modality, number), part in table.groupby(
        ["system", "modality", "round"], sort=False, dropna=False
    ):
        row = {"system": system, "modality": modality, "round": number, "seeds": len(part)}
        if "seed" in part:
            row["seed"] = " ".join(map(str, part["seed"]))
        for column in ("mode", "clips", "missing", "groups", "group_kind"):
            if column in part:
                row[column] = part[column].iloc[0]
        for metric in METRICS:
            values = part[metric].to_numpy(float)
            row |= {metric: values.mean(), f"{metric}_spread": _spread(values)}
        rows.append(row)
    return pd.DataFrame(rows)
