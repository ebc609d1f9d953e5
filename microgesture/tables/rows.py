"""Rows of a table that something is wrong with: where they stand, and what is asked of many columns.

A table as read carries the line of the file that each row stands in as its index.
"""

import re
from collections.abc import Iterator

import pandas as pd

from microgesture.tables.problems import Problem

IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def integers(column: pd.Series) -> pd.Series:
    """Whole numbers as float64, NaN where the text is none."""
    numbers = pd.to_numeric(column, errors="coerce")
    return numbers.where(numbers == numbers.round())


def at(table: pd.DataFrame, bad: pd.Series, column: str) -> Iterator[tuple[int, str]]:
    """(line, value) of the rows where `bad` holds. The header is line 1."""
    for position in bad.to_numpy().nonzero()[0]:
        yield int(position) + 2, table[column].iloc[position]


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
