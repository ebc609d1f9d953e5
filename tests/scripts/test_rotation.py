"""The pooled table of two folds against one that was counted by hand."""

import numpy as np
import pandas as pd
import pytest

from microgesture.metrics.rotation import pooled_scores
from microgesture.metrics.scored_clips import scored_clip_table
from scripts.rotation import rotation

# fold -> clip, person, truth, and the vote's probability of class 0
FOLDS = [
    [("a1", "ann", 0, 0.9), ("a2", "ann", 1, 0.6), ("b1", "bob", 0, 0.7)],
    [("c1", "cay", 1, 0.2), ("d1", "dan", 0, 0.4), ("d2", "dan", 1, 0.1)],
]


def fold(rows):
    names = ["clip", "subject", "label", "p"]
    table = pd.DataFrame(rows, columns=names).assign(video="v", start=0, end=1)
    sure = table["p"].to_numpy()
    half = np.full((len(table), 2), 0.5)
    return scored_clip_table(
        table, {("joint", "after"): half, ("ensemble", "after"): np.column_stack([sure, 1 - sure])}
    )


def test_pooled_clips_of_all_folds():
    table = pooled_scores([fold(rows) for rows in FOLDS]).set_index("system")
    assert table["clips"].tolist() == [6, 6] and table["groups"].tolist() == [4, 4]
    assert table.loc["ensemble", "top1"] == pytest.approx(4 / 6)  # a2 and d1 are wrong
    assert table.loc["joint", "top1"] == pytest.approx(3 / 6)  # ties go to class 0
    assert table.loc["ensemble", "top1_low"] < 4 / 6 < table.loc["ensemble", "top1_high"]


def test_a_clip_is_tested_once():
    with pytest.raises(ValueError, match="'a1' twice"):
        pooled_scores([fold(FOLDS[0]), fold(FOLDS[0])])


def test_two_tables(tmp_path):
    clips, scores = [], []
    for number, rows in enumerate(FOLDS):
        clips.append(tmp_path / f"{number}.parquet")
        scores.append(tmp_path / f"{number}.tsv")
        fold(rows).to_parquet(clips[-1])
        one = pooled_scores([fold(rows)]).assign(mode="inductive", seed=0)
        one.to_csv(scores[-1], sep="\t", index=False)
    rotation(clips, scores, tmp_path / "pooled.tsv", tmp_path / "folds.tsv")
    pooled = pd.read_csv(tmp_path / "pooled.tsv", sep="\t")
    assert set(pooled["folds"]) == {2} and set(pooled["mode"]) == {"inductive"}
    folds = pd.read_csv(tmp_path / "folds.tsv", sep="\t")
    assert folds["fold"].tolist() == [0, 0, 1, 1]
