import numpy as np
import pandas as pd
import pytest

from microgesture.metrics.sums import collect_sums
from microgesture.metrics.variants import Variant, compare_variants, spread_over_seeds

LABELS = np.array([0, 0, 0, 0, 1, 1])
PEOPLE = np.array(["ann", "ann", "bob", "bob", "ann", "bob"])


def sums(predicted):
    return collect_sums(LABELS, 0.8 * np.eye(2)[predicted] + 0.1, PEOPLE)


def test_differences_by_hand():
    whole = [sums([0, 0, 0, 0, 1, 1]), sums([0, 0, 0, 0, 1, 0])]  # top-1: 6/6 and 5/6
    part = [sums([0, 0, 0, 1, 1, 1]), sums([0, 0, 0, 0, 1, 1])]  # 5/6 and 6/6
    table = compare_variants(
        {("full", "full"): Variant(whole, whole), ("part", "full"): Variant(part, whole)}
    )
    full, row = table.iloc[0], table.iloc[1]
    assert (row["seeds"], row["clips"], row["groups"]) == (2, 6, 2)
    assert full["top1_difference"] == full["top1_difference_low"] == 0
    assert full["top1"] == pytest.approx(11 / 12)
    assert row["top1_difference"] == pytest.approx(0)  # -1/6 and +1/6
    assert row["top1_difference_spread"] == pytest.approx(np.sqrt(2) / 6)
    assert row["top1_seeds_worse"] == 1
    # classes of 4 and 2 clips: seed 0 (3/4 + 1) / 2 against 1, seed 1: 1 against (1 + 1/2) / 2
    assert row["mean_class_accuracy_difference"] == pytest.approx((-1 / 8 + 1 / 4) / 2)
    assert row["top1_difference_low"] < 0 < row["top1_difference_high"]
    assert row["top1_p"] == pytest.approx(1)
    assert np.isnan(full["top1_p"])  # a system with itself
    assert row["group_kind"] == "subject" and row["remark"] == ""


def test_a_part_that_helps_everybody_has_an_interval_left_of_zero():
    people = np.repeat(np.arange(12), 20)
    right = np.random.default_rng(0).random(240)

    def one(rate, shift=0):
        answers = np.where(right < rate + shift * (people % 3), 0, 1)
        return collect_sums(np.zeros(240, int), 0.8 * np.eye(2)[answers] + 0.1, people)

    whole, part, same = one(0.9), one(0.6, 0.02), one(0.9)
    table = compare_variants(
        {
            ("full", "full"): Variant([whole], [whole]),
            ("part", "full"): Variant([part], [whole]),
            ("same", "full"): Variant([same], [whole]),
        }
    )
    row = table.iloc[1]
    assert row["top1_difference_high"] < 0
    assert np.isnan(row["top1_spread"])
    assert row["remark"] == "one seed: the interval is over people alone"
    # Of two comparisons (the whole with itself is none) the smaller p counts twice.
    alone = compare_variants({("part", "full"): Variant([part], [whole])}).iloc[0]
    assert row["top1_p"] == pytest.approx(2 * alone["top1_p"])
    assert row["top1_p"] < 0.01
    assert table.iloc[2]["top1_p"] == 1
    assert compare_variants({}).empty


def test_one_person_has_no_interval_and_is_told():
    one = collect_sums(LABELS, np.eye(2)[LABELS], np.zeros(6))
    row = compare_variants({("part", "full"): Variant([one] * 2, [one] * 2, "video")}).iloc[0]
    assert np.isnan(row["top1_difference_low"])
    assert row["remark"].startswith("1 test video: no interval")


def test_spread_over_seeds():
    def one(value):
        columns = ("top1", "top5", "macro_f1", "mean_class_accuracy", "ece", "nll")
        return pd.DataFrame(
            {"system": ["a", "b"], "modality": ["a", "b"], "round": ["0", "final"]}
            | {name: [value, 0.5] for name in columns}
        )

    table = spread_over_seeds([one(0.2), one(0.4)])
    assert table["system"].tolist() == ["a", "b"]
    assert table["top1"].tolist() == pytest.approx([0.3, 0.5])
    assert table["nll_spread"].tolist() == pytest.approx([np.sqrt(0.02), 0])
