import numpy as np
import pandas as pd
import pytest

from microgesture.metrics.score_table import pseudo_label_quality, score_table


def test_one_row_per_system():
    labels = np.array([0, 1, 2, 0, 1, 2])
    perfect = np.eye(3)[labels]
    stubborn = np.tile([0.8, 0.1, 0.1], (6, 1))
    groups = np.array(["subject a"] * 3 + ["subject b"] * 3)
    table = score_table({"stubborn": stubborn, "perfect": perfect}, labels, groups, "perfect")
    assert table["system"].tolist() == ["stubborn", "perfect"]
    row = table.iloc[0]
    assert row["top1"] == pytest.approx(1 / 3)
    assert row["top1_low"] < row["top1"] < row["top1_high"]
    # Class 0: F1 = 2 * 2 / (2 + 6); the others 0.
    assert row["macro_f1"] == pytest.approx(0.5 / 3)
    assert row["ece"] == pytest.approx(0.8 - 1 / 3)
    assert row["nll"] == pytest.approx(-(np.log(0.8) + 2 * np.log(0.1)) / 3)
    assert row["top1_difference"] == pytest.approx(2 / 3)
    assert np.isnan(row["top5"])  # three classes
    assert table.iloc[1]["top1_difference"] == 0
    assert table["clips"].tolist() == [6, 6]
    assert table["groups"].tolist() == [2, 2]
    assert table["group_kind"].tolist() == ["subject"] * 2
    assert table["missing"].tolist() == [0, 0] and table["remark"].tolist() == ["", ""]
    for metric in ("top1", "macro_f1", "mean_class_accuracy"):
        assert table[f"{metric}_all"].tolist() == table[metric].tolist()


def test_losing_hard_clips_does_not_flatter():
    # 176 clips of eight people, the 22 of the hardest lost: the case of the issue.
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 6, 176)
    groups = np.repeat([f"subject {n}" for n in range(8)], 22)
    right = generator.random(176) < np.where(np.arange(176) < 22, 0.2, 0.7)
    values = 0.9 * np.eye(6)[np.where(right, labels, (labels + 1) % 6)] + 0.1 / 6
    whole = score_table({"e": values}, labels, groups).iloc[0]
    lossy = values.copy()
    lossy[:22] = np.nan
    row = score_table({"e": lossy}, labels, groups, "e").iloc[0]
    assert (row["clips"], row["missing"], row["groups"]) == (154, 22, 7)
    assert row["top1"] > whole["top1"]
    assert row["top1"] == pytest.approx(right[22:].mean())
    assert row["top1_all"] == pytest.approx(right[22:].sum() / 176)
    assert row["top1_all"] < whole["top1"]
    for metric in ("top5", "macro_f1", "mean_class_accuracy"):
        assert row[f"{metric}_all"] < row[metric]
    assert row["remark"] == "22 clips without a prediction"
    assert row["top1_all_low"] < row["top1_all"] < row["top1_all_high"]


def test_a_class_that_is_lost_whole_still_counts():
    labels = np.array([0, 0, 1, 1])
    values = np.array([[0.9, 0.1], [0.9, 0.1], [np.nan] * 2, [np.nan] * 2])
    groups = np.array(["video a", "video b", "video c", "video c"])
    row = score_table({"e": values}, labels, groups).iloc[0]
    assert row["macro_f1"] == row["macro_f1_all"] == 0.5
    assert row["mean_class_accuracy_all"] == 0.5
    assert row["group_kind"] == "video"


def test_one_group_is_told():
    labels = np.array([0, 1])
    row = score_table({"e": np.eye(2)}, labels, np.array(["video v"] * 2)).iloc[0]
    assert np.isnan(row["top1_low"])
    assert row["remark"].startswith("1 test video: no interval")


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
