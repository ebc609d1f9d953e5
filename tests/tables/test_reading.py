"""Tables as people, spreadsheets and programs write them: every row read, with its line."""

import codecs

import pandas as pd
import pytest

from microgesture.tables.reading import read_table

HEADER = "clip\tvideo\tnote\tsplit"


def table_of(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "clips.tsv"
    path.write_bytes(text.encode(encoding) if isinstance(text, str) else text)
    return read_table(path)


def rows_of(tmp_path, *lines):
    """(line, cells) of every row behind the header, without any problem."""
    table, problems = table_of(tmp_path, "\n".join([HEADER, *lines]) + "\n")
    assert not problems
    return [(line, *cells) for line, cells in zip(table.index, table.values.tolist())]


@pytest.mark.parametrize("mark", ['"', '""', '"""', "''", '" ', 'she said "no'])
def test_marks_of_repetition_swallow_nothing(tmp_path, mark):
    lines = [f"c{number}\tv\t{mark}\ttrain" for number in range(5)]
    rows = rows_of(tmp_path, *lines)
    assert [row[:2] for row in rows] == [(line + 2, f"c{line}") for line in range(5)]
    assert {row[3] for row in rows} == {mark.strip() if mark != '""' else ""}
    assert {row[4] for row in rows} == {"train"}


def test_marks_in_the_last_column_and_short_rows_behind_them(tmp_path):
    table, problems = table_of(
        tmp_path, 'clip\tsplit\tnote\nc1\ttrain\t"\nc2\ttrain\nc3\ttrain\t"\nc4\tval\tx"\n'
    )
    assert not problems
    assert table["clip"].tolist() == ["c1", "c2", "c3", "c4"]
    assert table["note"].tolist() == ['"', "", '"', 'x"']


def test_cells_as_excel_quotes_them(tmp_path):
    rows = rows_of(
        tmp_path,
        'c1\tv\t"leans\nleft, ""slowly"""\ttrain',
        'c2\tv\t"with a\ttab"\tval',
        "c3\tv\t\ttest",
    )
    assert rows == [
        (2, "c1", "v", 'leans\nleft, "slowly"', "train"),
        (4, "c2", "v", "with a\ttab", "val"),
        (5, "c3", "v", "", "test"),
    ]


def test_what_pandas_writes_is_read_back(tmp_path):
    written = pd.DataFrame(
        {"clip": ["a", "b", "c"], "note": ['one\n\n"two"', "tab\there", '"'], "split": "train"}
    )
    written.to_csv(tmp_path / "clips.tsv", sep="\t", index=False)
    table, problems = read_table(tmp_path / "clips.tsv")
    assert not problems and table.values.tolist() == written.values.tolist()
    assert table.index.tolist() == [2, 5, 6]


def test_lines_are_the_editors(tmp_path):
    text = f"\n\n{HEADER}\n\nc1\tv\t\ttrain\n\t\t\t\n   \nc2\tv\t\tval\n"
    for ends in ("\n", "\r\n", "\r"):
        table, problems = table_of(tmp_path, text.replace("\n", ends))
        assert not problems
        assert table.index.tolist() == [5, 8] and table["clip"].tolist() == ["c1", "c2"]


@pytest.mark.parametrize(("header", "row"), [("\t\t", ""), ("", "\t\t\t"), ("\t", "\t\t")])
def test_tabs_at_the_end_are_no_cells(tmp_path, header, row):
    lines = [f"c{number}\tv\tx\ttrain{row}" for number in range(3)]
    table, problems = table_of(tmp_path, "\n".join([HEADER + header, *lines]))
    assert not problems
    assert table.columns.tolist() == HEADER.split("\t")
    assert table["split"].tolist() == ["train"] * 3


def test_cells_beyond_the_header_are_one_problem_a_row(tmp_path):
    table, problems = table_of(tmp_path, f"{HEADER}\nc1\tv\t\ttrain\tx\nc2\tv\t\ttrain\n")
    assert [str(problem).split("clips.tsv")[1] for problem in problems] == [
        ", line 2: has 5 cells, the header has 4; give every column a name in the header, and put "
        "one tab between two cells"
    ]
    assert table["clip"].tolist() == ["c1", "c2"]


def test_a_column_without_a_name_is_passed_over(tmp_path):
    table, problems = table_of(tmp_path, "clip\t\tsplit\nc1\tmine\ttrain\n")
    assert not problems and table.columns.tolist() == ["clip", "split"]


def test_a_name_twice_in_the_header(tmp_path):
    table, problems = table_of(tmp_path, "clip\tnote\tclip\nc1\tx\tc9\n")
    assert "line 1, column clip: stands twice in the header" in str(problems[0])
    assert table["clip"].tolist() == ["c1"]


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8", codecs.BOM_UTF8), ("utf-16-le", codecs.BOM_UTF16_LE)],
)
def test_encodings_of_spreadsheets(tmp_path, encoding, mark):
    text = f"{HEADER}\nc1\tv\tübt\ttrain\n".encode(encoding)
    table, problems = table_of(tmp_path, mark + text)
    assert not problems and table.values.tolist() == [["c1", "v", "übt", "train"]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n \n\t\n", "is empty"),
        (f"{HEADER}\nc1\tv\t\xfcbt\ttrain\n".encode("latin-1"), "line 2: is no utf-8 text (byte 0xfc)"),
        (b"PK\x03\x04\x00\x00\x00", "is no tab-separated table"),
    ],
)  # fmt: skip
def test_no_table_at_all(tmp_path, content, message):
    table, problems = table_of(tmp_path, content)
    assert table is None and message in str(problems[0])


def test_a_hundred_thousand_marks_take_no_time(tmp_path):
    import time

    text = HEADER + "\n" + 'c\tv\t"\n' * 100_000
    begin = time.process_time()
    table, _ = table_of(tmp_path, text)
    assert len(table) == 100_000 and time.process_time() - begin < 5
