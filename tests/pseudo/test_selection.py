import json

import numpy as np
import pandas as pd

from microgesture.pseudo.selection import no_pseudo_labels, select_pseudo_labels


def row(label, confidence):
    values = np.full(3, (1 - confidence) / 2)
    values[label] = confidence
    return values


CLIPS = np.array(["c1", "c2", "c3", "c4", "c5", "c6"], dtype=object)
FIRST = np.array([row(0, 0.98), row(0, 0.92), row(1, 0.99), row(1, 0.6), row(2, 0.5), row(0, 0.7)])
SECOND = np.array([row(0, 0.94), row(0, 0.98), row(2, 0.4), row(1, 0.5), row(2, 0.7), row(0, 0.5)])
# Means: c1 .96 (0), c2 .95 (0), c3: teachers differ, c4 .55 (1), c5 .6 (2), c6 .6 (0).
# Confident at .9: class 0 twice, classes 1 and 2 never -> thresholds .9, 0, 0.


def test_selection_by_hand():
    chosen = select_pseudo_labels(CLIPS, np.stack([FIRST, SECOND]), ["joint", "rgb"], 0.9)
    table = chosen.table
    assert table["clip"].tolist() == ["c1", "c2", "c4", "c5"]
    assert table["label"].tolist() == [0, 0, 1, 2]
    np.testing.assert_allclose(table["confidence"], [0.96, 0.95, 0.55, 0.6])
    assert set(table["teachers"]) == {"joint+rgb"}
    report = chosen.report
    assert report["selected"] == 4
    assert report["target_clips"] == 6
    assert report["teachers_agree"] == 5 / 6
    assert report["agreement_by_pair"] == {"joint+rgb": 5 / 6}
    assert [entry["selected"] for entry in report["classes"]] == [2, 1, 1]
    assert [entry["confident"] for entry in report["classes"]] == [2, 0, 0]
    assert [entry["agreed"] for entry in report["classes"]] == [3, 1, 1]
    json.dumps(report)  # plain numbers only


def test_a_threshold_that_equals_the_confidence_lets_it_in():
    probabilities = np.array([[[0.75, 0.25], [0.75, 0.25]]])
    chosen = select_pseudo_labels(np.array(["a", "b"]), probabilities, ["rgb"], 0.75)
    assert chosen.table["clip"].tolist() == ["a", "b"]


def test_the_cap_keeps_the_surest():
    chosen = select_pseudo_labels(CLIPS, np.stack([FIRST, SECOND]), ["a", "b"], 0.9, 1)
    assert chosen.table["clip"].tolist() == ["c1", "c4", "c5"]
    assert chosen.report["classes"][0]["over_threshold"] == 2
    # Equal confidences: the first id, whatever the order of the rows.
    same = np.array([[row(0, 0.95)] * 3])
    chosen = select_pseudo_labels(np.array(["z", "b", "k"]), same, ["a"], 0.9, 1)
    assert chosen.table["clip"].tolist() == ["b"]


def test_all_teachers_must_agree():
    third = np.array([row(1, 0.9)] * 6)
    chosen = select_pseudo_labels(CLIPS, np.stack([FIRST, SECOND, third]), ["a", "b", "c"], 0.9)
    # Only c4 has class 1 from all three; mean (.6 + .5 + .9) / 3; no clip's mean is confident,
    # so every class keeps .9 and even c4 stays out.
    assert len(chosen.table) == 0
    lower = select_pseudo_labels(CLIPS, np.stack([FIRST, SECOND, third]), ["a", "b", "c"], 0.66)
    assert lower.table["clip"].tolist() == ["c4"]


def test_nothing_found_is_an_empty_table_that_says_so():
    unsure = np.full((2, 6, 3), 1 / 3)
    chosen = select_pseudo_labels(CLIPS, unsure, ["a", "b"], 0.9)
    empty = no_pseudo_labels()
    pd.testing.assert_frame_equal(chosen.table, empty)
    assert empty.columns.tolist() == ["clip", "label", "confidence", "teachers"]
    assert chosen.report["message"].startswith("no pseudo-label: the teachers agree on 6 of 6")
    assert chosen.report["mean_confidence"] is None
    none = select_pseudo_labels(np.array([]), np.empty((2, 0, 3)), ["a", "b"], 0.9)
    pd.testing.assert_frame_equal(none.table, empty)
    assert none.report["message"].startswith("no target clip")
    json.dumps(none.report)
