"""Scores over the number of labels: how many clips must be annotated.

A point of a curve is a system of a variant with a share of the labels, over seeds; all points are
scored on the same test clips. A variant is compared with the configuration itself at the same
share, seed by seed on the same clips (`microgesture.metrics.variants`).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from microgesture.metrics.groups import SUBJECT
from microgesture.metrics.intervals import difference_over_seeds, holm, share_over_seeds
from microgesture.metrics.score_table import remark
from microgesture.metrics.sums import METRICS, Sums, score
from microgesture.metrics.variants import COMPARED

ENSEMBLE = "ensemble"


class Point(NamedTuple):
    """A place on a curve. share: per cent of the labels; system: ensemble, or a network's name."""

    variant: str
    share: int
    system: str


def label_efficiency_table(
    points: Mapping[Point, list[Sums]],
    labelled: Mapping[int, list[int]],
    whole: str,
    kind: str = SUBJECT,
) -> pd.DataFrame:
    """One row a point, in the order given.

    points: sums of every seed, all on the same clips; labelled: share -> labelled training clips of
    every seed; whole: the variant that others are compared with; kind: of the groups. Columns:
    variant, share, system, seeds, labelled_clips (mean over seeds), clips, groups, group_kind, and
    for top1, macro_f1 and mean_class_accuracy: mean over seeds, `_spread` (standard deviation over
    seeds), `_low` and `_high` (95 % interval over people and seeds), `_difference` from `whole`
    with `_difference_low`, `_difference_high` and `_p` (adjusted over the table; all NaN for
    `whole` itself, and where it has no such system). Last: remark.
    """
    rows = []
    for point, own in points.items():
        first, other = own[0], points.get(point._replace(variant=whole))
        row = {
            **point._asdict(),
            "seeds": len(own),
            "labelled_clips": float(np.mean(labelled[point.share])),
            "clips": int(first.clips.sum()),
            "groups": len(first.clips),
            "group_kind": kind,
        }
        for metric in COMPARED:
            function = METRICS[metric]
            values = np.array([score(sums, function) for sums in own])
            mean, low, high = share_over_seeds(own, function)
            spread = float(values.std(ddof=1)) if len(values) > 1 else float("nan")
            row |= {metric: mean, f"{metric}_spread": spread}
            row |= {f"{metric}_low": low, f"{metric}_high": high}
            compared = [float("nan")] * 4
            if point.variant != whole and other is not None:
                compared = difference_over_seeds(own, other, function)
            for end, value in zip(("", "_low", "_high"), compared):
                row[f"{metric}_difference{end}"] = value
            row[f"{metric}_p"] = compared[3]
        rows.append({**row, "remark": remark(row["groups"], kind)})
    table = pd.DataFrame(rows)
    for metric in COMPARED if rows else ():
        table[f"{metric}_p"] = holm(table[f"{metric}_p"].to_numpy(float))
    return table


def without_lone_vote(table: pd.DataFrame) -> pd.DataFrame:
    """The rows to show: a vote of one network is that network, and left out."""
    lone = table["system"].nunique() == 2
    return table[table["system"] != ENSEMBLE] if lone else table
