"""Whole numbers as programs write them."""

import numpy as np
import pandas as pd
import pytest

from microgesture.tables.rows import at, integers, whole_text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3), ("3.0", 3), ("3.", 3), ("007", 7), ("+4", 4), ("-1", -1), ("1e+05", 100_000), ("2.5e1", 25),
        ("1000000000", 1e9),
    ],
)  # fmt: skip
def test_whole_numbers(text, number):
    assert integers(pd.Series([text])).tolist() == [number]
    assert whole_text(pd.Series([text])).tolist() == [str(int(number))]


@pytest.mark.parametrize(
    "text",
    ["", "3.5", "inf", "-inf", "nan", "1e30", "1e400", "1e-3", "0x10", "1_000", "1,0", "٣", "True", "a"],
)  # fmt: skip
def test_what_is_no_whole_number(text):
    assert np.isnan(integers(pd.Series([text]))).all()
    assert whole_text(pd.Series([text])).tolist() == [text]


def test_lines_are_the_index():
    table = pd.DataFrame({"clip": ["a", "b", "c"]}, index=[2, 7, 9])
    assert list(at(table, table["clip"] != "b", "clip")) == [(2, "a"), (9, "c")]
