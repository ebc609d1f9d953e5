"""The checks of how things are called: one name a person, and empty cells that are empty."""

import re
import unicodedata

import pandas as pd

from microgesture.tables.problems import Problem
from microgesture.tables.rows import at

WRITTEN_EMPTY = ("NA", "N/A", "#N/A", "<NA>", "nan", "NaN", "None", "null", "NULL")
# Columns in which those words can be nothing but an empty cell.
MAY_BE_EMPTY = {
    "videos": ("path", "subject", "batch", "fps", "keypoints", "keypoints_2d"),
    "clips": ("label", "start", "end", "split"),
    "labels": ("label",),
}


def check_written_empty(kind: str, table: pd.DataFrame, path: str) -> list[Problem]:
    """Words for "nothing" as R and pandas write them: a subject NA would be one person."""
    problems = []
    for column in MAY_BE_EMPTY[kind]:
        for row, value in at(table, table[column].isin(WRITTEN_EMPTY), column):
            wrong = "is a word for an empty cell"
            hint = "leave the cell empty (pandas: na_rep='', R: na = '')"
            problems.append(Problem(path, row, column, value, wrong, hint))
    return problems


def subject_key(name: str) -> str:
    """What two spellings of one person share: `Anna` and `anna`, `7` and `7.0` and `07`,
    `subject 1` and `subject_1`, an accent written as one character or as two."""
    name = unicodedata.normalize("NFKC", name).casefold()
    name = "".join(letter for letter in name if unicodedata.category(letter) != "Cf")
    name = re.sub(r"[\s_-]+", " ", name).strip()
    name = re.sub(r"(?<![\d.])(\d+)\.0+$", r"\1", name)
    return re.sub(r"(?<![\d.])0+(?=\d)", "", name)


def check_subject_names(tables: dict, paths: dict) -> list[Problem]:
    """A person who is written in two ways is two people, perhaps one in training and one in test.

    Where the subject is no more than the video's own id (nobody knows who it is) nothing is asked.
    """
    table = tables["videos"]
    given = table[(table["subject"] != "") & (table["subject"] != table["video"])]
    first: dict[str, tuple[int, str]] = {}
    problems = []
    for row, subject in zip(given.index, given["subject"]):
        line, above = first.setdefault(subject_key(subject), (int(row), subject))
        if above != subject:
            wrong = f"is {above!r} of line {line} in another spelling"
            hint = (
                "write one person one way; two people need names that differ in more than case, "
                "blanks and zeros"
            )
            problems.append(Problem(paths["videos"], int(row), "subject", subject, wrong, hint))
    return problems
