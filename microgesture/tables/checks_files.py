"""The checks of the files that the videos' table names, beyond being there.

One file under two names would count as two videos, perhaps in two splits. And Snakemake, which
takes the paths as they are, has words of its own for some of them that nobody understands.
"""

import os
import re
import time
from datetime import datetime
from functools import cache
from pathlib import Path

import pandas as pd

from microgesture.tables.problems import Problem
from microgesture.tables.rows import at

CLOCK_TOLERANCE = 30  # seconds that a file server's clock may be ahead
COLUMNS = ("path", "keypoints", "keypoints_2d")


def plain_path(path: str) -> str:
    """The path without `//`, `/./` and a leading `./`. `..` stays: behind a symbolic link it means
    another folder than it seems to."""
    if "://" in path:
        return path
    path = re.sub(r"/(?:\./|/)+", "/", path)
    while path.startswith("./") and len(path) > 2:
        path = path[2:].lstrip("/")
    return path


def check_files(tables: dict, paths: dict) -> list[Problem]:
    """One file one row; no braces and no date in the future."""
    table, sheet = tables["videos"], paths["videos"]
    problems = _same_files(table, sheet)
    for column in COLUMNS:
        facts = {value: path_fault(value) for value in set(table[column]) if value}
        bad = table[column].map(lambda value, facts=facts: bool(facts.get(value)))
        for row, value in at(table, bad, column):
            problems.append(Problem(sheet, row, column, value, *facts[value]))
    return problems


def path_fault(path: str) -> tuple[str, str] | None:
    """(what is wrong with a file that is there, what to do), or None."""
    if "{" in path or "}" in path:
        return "holds a brace, which Snakemake takes for a wildcard", "rename the file or folder"
    try:
        changed = max(os.stat(path).st_mtime, os.lstat(path).st_mtime)
    except (OSError, ValueError):
        return None  # that it is missing is told elsewhere
    if changed > time.time() + CLOCK_TOLERANCE:
        day = datetime.fromtimestamp(changed).date()
        wrong = f"was changed in the future ({day}), so that all made from it would seem too old"
        return wrong, f"touch {path!r}" if "'" not in path else "set its date to today (touch)"
    return None


def _same_files(table: pd.DataFrame, sheet: str) -> list[Problem]:
    """Rows whose video file is that of a row above under another path.

    Where the table has a column `region`, one file may hold several people, each in a region of
    its own; a row without one is the whole picture.
    """
    region = table["region"] if "region" in table.columns else pd.Series("", index=table.index)
    seen: dict[str, list[tuple[int, str, str]]] = {}
    problems = []
    for row, path, part in zip(table.index, table["path"], region):
        if not path or "\0" in path:
            continue
        above = seen.setdefault(_identity(path), [])
        for line, other, its_part in above:
            if other != path and (part == its_part or not part or not its_part):
                wrong = f"is the same file as {other!r} in line {line}"
                problems.append(Problem(sheet, int(row), "path", path, wrong, "keep one of them"))
                break
        above.append((int(row), path, part))
    return problems


def _identity(path: str) -> str:
    """What two names of one file share: device and number of the file, or where nothing is there
    its absolute path."""
    try:
        found = os.stat(path)
    except OSError:
        return f"{_folder(os.path.abspath(os.path.dirname(path)))}/{Path(path).name}"
    return f"{found.st_dev}:{found.st_ino}"


@cache
def _folder(path: str) -> str:
    return os.path.realpath(path)
