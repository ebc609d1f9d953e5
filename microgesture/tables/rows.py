"""Rows of a table that something is wrong with, and what is asked of many columns.

A table as read carries the line of the file that each row stands in as its index.
"""

import re
from collections.abc import Iterator

import pandas as pd

from microgesture.tables.problems import Problem

IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
NUMBER = r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?"
LARGEST = 10**9  # no video has more frames and no table more classes


def integers(column: pd.Series) -> pd.Series:
    """Whole numbers as float64, NaN where the text is none: "3", "3.0" (pandas and R write it as
    soon as a column has a gap) and "1e+05" (R) are numbers, "inf" and "1e30" are none."""
    numbers = pd.to_numeric(column.where(column.str.fullmatch(NUMBER), ""), errors="coerce")
    return numbers.where((numbers == numbers.round()) & (numbers.abs() <= LARGEST)).astype(float)


def whole_text(column: pd.Series) -> pd.Series:
    """The column with every whole number written without a point: "3.0" becomes "3"."""
    numbers = integers(column)
    return column.where(numbers.isna(), numbers.fillna(0).astype("int64").astype(str))


def at(table: pd.DataFrame, bad: pd.Series, column: str) -> Iterator[tuple[int, str]]:
    """(line of the file, value) of the rows where `bad` holds."""
    for position in bad.to_numpy().nonzero()[0]:
        yield int(table.index[position]), table[column].iloc[position]


def identifiers(table: pd.DataFrame, path: str, column: str) -> list[Problem]:
    ids = table[column]
    problems = [
        Problem(
            path,
            row,
            column,
            value,
            "is no identifier",
            "use letters, digits, '_', '-' and '.', and begin with a letter or a digit",
        )
        for row, value in at(table, ~ids.map(lambda v: bool(IDENTIFIER.fullmatch(v))), column)
    ]
    return problems + unique(table, path, column)


def unique(table: pd.DataFrame, path: str, column: str) -> list[Problem]:
    return [
        Problem(path, row, column, value, "stands in more than one row", "keep one of them")
        for row, value in at(table, table[column].duplicated() & (table[column] != ""), column)
    ]
