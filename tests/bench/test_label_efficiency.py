"""The page of a label-efficiency run."""

import pandas as pd

from bench.label_efficiency import page, shares_table

NAN = float("nan")


def found():
    rows = []
    for variant, share, value, difference in (
        ("full", 100, 0.9, NAN),
        ("full", 25, 0.7, NAN),
        ("pre_trained", 25, 0.76, 0.06),
    ):
        row = {"variant": variant, "share": share, "system": "joint", "mode": "inductive"}
        row |= {"seeds": 3, "labelled_clips": 2.84 * share, "clips": 273, "groups": 5}
        row |= {"group_kind": "subject"}
        for metric in ("top1", "mean_class_accuracy"):
            row |= {metric: value, f"{metric}_spread": 0.01, f"{metric}_difference": difference}
            row |= {f"{metric}_difference_low": difference - 0.02}
            row |= {f"{metric}_difference_high": difference + 0.02}
            row |= {f"{metric}_p": 0.01 if metric == "top1" else 0.2}
        rows.append(row)
    return pd.DataFrame(rows)


def test_shares_grow_and_differences_are_points():
    table = shares_table(found())
    assert table["labels"].tolist() == ["25 %", "25 %", "100 %"]
    assert table["labelled clips"].tolist() == ["71", "71", "284"]
    assert table["variant"].tolist() == ["the recipe", "pre trained", "the recipe"]
    assert table["top-1"].tolist() == ["0.700 ± 0.010", "0.760 ± 0.010", "0.900 ± 0.010"]
    assert table["top-1: difference"].tolist() == ["", "+6.0\\* [+4.0, +8.0]", ""]
    assert table["mean-class accuracy: difference"][1] == "+6.0 [+4.0, +8.0]"


def test_the_page_says_what_it_stands_on():
    config = {"label_efficiency": {"against": {"pre_trained": {"rounds": 0}}}}
    text = page(found(), config, "Title", "the command", "pictures/a.svg", "A note.")
    assert text.startswith("# Title\n\nMade by\n\n```\nthe command\n```\n")
    assert "273 test clips of 5 subjects; modes: inductive." in text and "A note." in text
    assert "- pre trained: `{rounds: 0}`" in text and "](pictures/a.svg)" in text


def test_a_vote_of_one_network_is_not_told_twice():
    both = pd.concat([found(), found().assign(system="ensemble")])
    assert set(shares_table(both)["system"]) == {"joint"}
    three = pd.concat([both, found().assign(system="bone")])
    assert set(shares_table(three)["system"]) == {"joint", "bone", "ensemble"}
