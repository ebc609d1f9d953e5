import pandas as pd

from scripts.plot_curves import plot


def test_the_table_of_a_training_becomes_a_figure(tmp_path):
    rows = {"epoch": [1, 2], "stage": ["network"] * 2, "loss": [2.0, 1.0], "accuracy": [0.2, 0.6]}
    columns = ["validation_nll", "validation_accuracy", "validation_mean_class_accuracy"]
    table = pd.DataFrame(rows).assign(**dict.fromkeys(columns, 0.5))
    table.to_csv(tmp_path / "curves.tsv", sep="\t", index=False)
    plot(str(tmp_path / "curves.tsv"), str(tmp_path / "curves.svg"), "joint, round 0")
    text = (tmp_path / "curves.svg").read_text(encoding="utf-8")
    assert "Loss" in text and "joint, round 0" in text
