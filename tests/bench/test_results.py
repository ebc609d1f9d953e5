import pandas as pd
import pytest

from bench.results import into_readme, parts_table, stands_on, systems_table


@pytest.fixture
def systems():
    about = {"seeds": 2, "seed": "0 1", "mode": "transductive", "clips": 154, "missing": 22}
    about |= {"groups": 8, "group_kind": "subject", "selected": float("nan")}
    about |= {"precision": float("nan")}
    scores = dict.fromkeys(("top1", "macro_f1", "mean_class_accuracy", "ece"), 0.5)
    spreads = {f"{name}_spread": 0.01 for name in scores}
    return pd.DataFrame([{"system": "ensemble", **about, **scores, **spreads}])


def test_the_readme_says_what_its_table_stands_on(systems, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("a\n<!-- results of bench/results.py -->old<!-- end of results -->\nb\n")
    into_readme(readme, systems_table(systems), stands_on(systems))
    text = readme.read_text()
    assert "154 test clips of 8 subjects, 22 more lost; transductive; seeds 0, 1" in text
    assert "| ensemble | transductive | 0.500 ± 0.010 |" in text
    assert "old" not in text and text.startswith("a\n") and text.endswith("\nb\n")


def test_videos_are_not_called_people(systems):
    text = stands_on(systems.assign(group_kind="video", missing=0))
    assert text.startswith("154 test clips of 8 videos (subjects unknown); ")


def test_a_star_needs_the_adjusted_p():
    row = {"variant": "part", "against": "full", "mode": "inductive", "seeds": 3}
    for name in ("top1", "mean_class_accuracy"):
        row |= {name: 0.5, f"{name}_spread": 0.01, f"{name}_difference": -0.031}
        row |= {f"{name}_difference_low": -0.05, f"{name}_difference_high": -0.01}
        row |= {f"{name}_seeds_worse": 3}
    row |= {"top1_p": 0.04, "mean_class_accuracy_p": 0.06}
    table = parts_table(pd.DataFrame([row]))
    assert table["top-1: difference"][0] == "-3.1\\* [-5.0, -1.0]"
    assert table["mean-class accuracy: difference"][0] == "-3.1 [-5.0, -1.0]"
