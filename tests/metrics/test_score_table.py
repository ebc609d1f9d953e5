import numpy as np
import pandas as pd
import pytest

from microgesture.metrics.score_table import pseudo_label_quality, score_table


def test_one_row_per_system():
    labels = np.array([0, 1, 2, 0, 1, 2])
    perfect = np.eye(3)[labels]
    stubborn = np.tile([0.8, 0.1, 0.1], (6, 1))
    groups = np.array(["a", "a", "a", "b", "b", "b"])
    table = score_table({"stubborn": stubborn, "perfect": perfect}, labels, groups, "perfect")
    assert table["system"].tolist() == ["stubborn", "perfect"]
    row = table.iloc[0]
    assert row["top1"] == pytest.approx(1 / 3)
    # Each person has one clip of every class, so every resample scores the same.
    assert row["top1_low"] == row["top1_high"] == pytest.approx(1 / 3)
    # Class 0: F1 = 2 * 2 / (2 + 6); the others 0.
    assert row["macro_f1"] == pytest.approx(0.5 / 3)
    assert row["ece"] == pytest.approx(0.8 - 1 / 3)
    assert row["nll"] == pytest.approx(-(np.log(0.8) + 2 * np.log(0.1)) / 3)
    assert row["top1_difference"] == pytest.approx(2 / 3)
    assert table.iloc[1]["top1_difference"] == 0
    assert table["clips"].tolist() == [6, 6]
    assert table["groups"].tolist() == [2, 2]


def test_quality_of_pseudo_labels():
    truth = pd.DataFrame({"clip": ["a", "b", "c"], "label": [0, 1, 2]})
    chosen = pd.DataFrame({"clip": ["a", "b", "unlabelled"], "label": [0, 2, 1]})
    nothing = chosen.iloc[:0]
    table = pseudo_label_quality({("joint", "1"): chosen, ("rgb", "1"): nothing}, truth, 6)
    assert table["selected"].tolist() == [3, 0]
    assert table["with_truth"].tolist() == [2, 0]
    assert table["precision"][0] == 0.5  # a is right, b is wrong, the third has no truth
    assert np.isnan(table["precision"][1])
    assert table["coverage"].tolist() == [0.5, 0]
    assert pseudo_label_quality({}, truth, 6).columns.tolist() == table.columns.tolist()
