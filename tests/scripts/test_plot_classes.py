import pandas as pd

from scripts.plot_classes import plot


def test_figure(tmp_path):
    first = pd.DataFrame({"clip": ["a", "b"], "label": [0, 1], "split": ["train", "val"]})
    first.to_parquet(tmp_path / "1.parquet")
    first.iloc[:0].to_parquet(tmp_path / "2.parquet")
    paths = [str(tmp_path / "1.parquet"), str(tmp_path / "2.parquet")]
    plot(paths, tmp_path / "classes.svg", [["nod", "head"], ["wave", ""]])
    text = (tmp_path / "classes.svg").read_text()
    plot(paths, tmp_path / "classes.svg", [["nod", "head"], ["wave", ""]])
    assert (tmp_path / "classes.svg").read_text() == text
