"""Curves over the number of labels: what is drawn, read back from the figure's text."""

import pandas as pd

from microgesture.figures.label_efficiency import draw_label_efficiency


def table(systems):
    rows = []
    for system in systems:
        for variant in ("full", "pre_trained"):
            for share in (25, 100):
                row = {
                    "variant": variant,
                    "share": share,
                    "system": system,
                    "labelled_clips": share,
                }
                for metric in ("top1", "mean_class_accuracy"):
                    row |= {metric: 0.5, f"{metric}_low": 0.4, f"{metric}_high": 0.6}
                rows.append(row)
    return pd.DataFrame(rows)


def drawn(folder, systems):
    draw_label_efficiency(table(systems), folder / "curves.svg", "A title")
    return (folder / "curves.svg").read_text(encoding="utf-8")


def test_every_system_has_its_panels_and_every_variant_its_name(tmp_path):
    text = drawn(tmp_path, ["ensemble", "joint", "bone"])
    for words in ("A title", "as configured", "pre trained", "25 %", "100 %"):
        assert words in text
    for system in ("ensemble", "joint", "bone"):
        assert f"{system}: top-1 accuracy (%)" in text
        assert f"{system}: mean-class accuracy (%)" in text


def test_a_vote_of_one_network_is_not_drawn_twice(tmp_path):
    text = drawn(tmp_path, ["ensemble", "joint"])
    assert "joint: top-1 accuracy (%)" in text and "ensemble:" not in text
