"""Problems found in what a user brought: collected, then told all at once."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from microgesture.provenance.errors import BadInput

CONFIG = "config"  # stands for the file where a problem belongs to the configuration
SHOWN = 30
LINES_SHOWN = 5


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in one place.

    `row` is the line of the file as an editor counts it (the header is line 1), or None where the
    problem belongs to no single line.
    """

    file: str
    row: int | None
    column: str | None
    value: object
    wrong: str
    remedy: str

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", line {self.row}"
        if self.column is not None:
            place += f": {self.column}" if self.file == CONFIG else f", column {self.column}"
        value = "" if self.value is None else f" {str(self.value)!r}"
        return f"{place}:{value} {self.wrong}; {self.remedy}"


def raise_for(problems: Iterable[Problem], what: str) -> None:
    """Raise one `BadInput` that lists `problems` (the first 30 in full); none: return.

    The same problem in many lines of one file is told once, with its lines.
    """
    places: dict[Problem, list[int]] = {}
    for problem in problems:
        told = replace(
            problem, row=None, value=None if problem.value is None else str(problem.value)
        )
        places.setdefault(told, []).extend([] if problem.row is None else [problem.row])
    if not places:
        return
    lines = [f"{len(places)} problem{'s' if len(places) > 1 else ''} in {what}:"]
    for problem, rows in list(places.items())[:SHOWN]:
        lines.append(f"  {replace(problem, row=rows[0] if rows else None)}{_elsewhere(rows[1:])}")
    if len(places) > SHOWN:
        lines.append(f"  ... and {len(places) - SHOWN} more")
    raise BadInput("\n".join(lines))


def _elsewhere(rows: list[int]) -> str:
    """The other lines with the same problem, the first few by number."""
    if not rows:
        return ""
    shown = ", ".join(map(str, rows[:LINES_SHOWN]))
    more = f" and {len(rows) - LINES_SHOWN} more" if len(rows) > LINES_SHOWN else ""
    return f" (the same in line{'s' if len(rows) > 1 else ''} {shown}{more})"


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that `word` was most likely meant to be, or None where nothing is near."""
    found = difflib.get_close_matches(str(word), [str(choice) for choice in choices], 1, 0.6)
    return found[0] if found else None
