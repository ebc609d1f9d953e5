import pandas as pd

from microgesture.training.curves import COLUMNS, write_curves
from tests.figures.test_curves import ROWS


def test_table_has_one_line_per_epoch(tmp_path):
    write_curves(ROWS, tmp_path / "curves.tsv")
    table = pd.read_csv(tmp_path / "curves.tsv", sep="\t")
    assert table.columns.tolist() == list(COLUMNS)
    assert table["loss"].tolist() == [2.0, 1.0]
    assert table["validation_nll"].isna().tolist() == [True, False]
