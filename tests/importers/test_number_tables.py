"""Tables of numbers: a line is a row, whatever stands in it."""

import numpy as np
import pytest

from microgesture.importers.number_tables import read_numbers, whole_number
from microgesture.provenance.errors import BadInput


def write(tmp_path, text):
    path = tmp_path / "a.csv"
    path.write_text(text)
    return path


@pytest.mark.parametrize("first", ["1,2\n", "\n", ",\n"])
def test_empty_lines_stay_in_their_place(tmp_path, first):
    values = read_numbers(write(tmp_path, f"{first}\n3,4\n,\n5,\n"), 2, "x, y", frames=5)
    assert values.shape == (5, 2)
    assert values[2].tolist() == [3, 4] and np.isnan(values[[1, 3]]).all()
    assert values[4, 0] == 5 and np.isnan(values[4, 1])


def test_an_empty_line_without_a_video_to_count_by_is_refused(tmp_path):
    for text in ("1,2\n\n3,4\n", "\n1,2\n", "1,2\n,\n3,4\n"):
        with pytest.raises(BadInput, match=r"line \d: is empty"):
            read_numbers(write(tmp_path, text), 2, "x, y")
    assert len(read_numbers(write(tmp_path, "1,2\n3,4\n\n"), 2, "x, y"))  # the end of the file


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2\n3\n", "line 2: has 1 columns, expected 2 = x, y"),
        ("1,2\nx,4\n", "line 2: holds text among the numbers"),
        ("x,y\n1,2\n", "line 1: holds text"),
        ("\n\n", "holds no numbers"),
        ("", "holds no numbers"),
    ],
)
def test_broken_tables(tmp_path, text, message):
    with pytest.raises(BadInput, match=message):
        read_numbers(write(tmp_path, text), 2, "x, y", frames=2)


def test_whole_numbers():
    assert [whole_number(text) for text in ("12", " 12.0 ", "-1", "1e3")] == [12, 12, -1, 1000]
    for text in ("12.48", "0:12", "", "nan", "inf"):
        with pytest.raises((ValueError, OverflowError)):
            whole_number(text)
