"""Scores over all folds of a rotation over people."""

import numpy as np
import pandas as pd

from microgesture.metrics.groups import groups_of
from microgesture.metrics.score_table import score_table
from microgesture.metrics.scored_clips import AFTER


def pooled_scores(folds: list[pd.DataFrame]) -> pd.DataFrame:
    """One row per system over the test clips of all folds.

    folds: `scored_clip_table` of every fold; each clip is tested in one of them. The probabilities
    are those behind each fold's own temperatures. A clip without a prediction counts as `missing`.
    Columns: as `score_table`. Raises ValueError for a clip that two folds test.
    """
    table = pd.concat(folds, ignore_index=True)
    table = table[table["stage"] == AFTER]
    columns = [name for name in table.columns if name.startswith("probability_")]
    systems, truth = {}, None
    for system, rows in table.groupby("system", sort=False):
        rows = rows.sort_values("clip", ignore_index=True)
        if rows["clip"].duplicated().any():
            raise ValueError(f"clip {rows['clip'][rows['clip'].duplicated()].iloc[0]!r} twice")
        systems[system] = rows[columns].to_numpy(np.float64)
        truth = rows
    groups = groups_of(truth["subject"].to_numpy(), truth["video"].to_numpy())
    labels = truth["label"].to_numpy(np.int64)
    return score_table(systems, labels, groups, reference=list(systems)[-1])


def fold_table(scores: list[pd.DataFrame]) -> pd.DataFrame:
    """The score tables of the folds one below the other, with the column `fold` in front."""
    tables = [table.assign(fold=fold) for fold, table in enumerate(scores)]
    joined = pd.concat(tables, ignore_index=True)
    return joined[["fold", *(name for name in joined.columns if name != "fold")]]
