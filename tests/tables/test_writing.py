import pandas as pd

from microgesture.tables.writing import write_table


def test_four_decimals_tabs_and_no_numbers_of_rows(tmp_path):
    table = pd.DataFrame({"name": ["a", "b"], "share": [1 / 3, None], "count": [2, 10]})
    write_table(table, tmp_path / "new" / "t.tsv")
    text = (tmp_path / "new" / "t.tsv").read_text(encoding="utf-8")
    assert text == "name\tshare\tcount\na\t0.3333\t2\nb\t\t10\n"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["t.tsv"]
