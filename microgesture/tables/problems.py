"""Problems found in what a user brought: collected, then told all at once."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from microgesture.provenance.errors import BadInput

SHOWN = 30


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
            place += f", column {self.column}"
        value = "" if self.value is None else f" {str(self.value)!r}"
        return f"{place}:{value} {self.wrong}; {self.remedy}"


def raise_for(problems: Iterable[Problem], what: str) -> None:
    """Raise one `BadInput` that lists `problems` (the first 30 in full); none: return."""
    problems = list(problems)
    if not problems:
        return
    lines = [f"{len(problems)} problem{'s' if len(problems) > 1 else ''} in {what}:"]
    lines += [f"  {problem}" for problem in problems[:SHOWN]]
    if len(problems) > SHOWN:
        lines.append(f"  ... and {len(problems) - SHOWN} more")
    raise BadInput("\n".join(lines))


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that `word` was most likely meant to be, or None where nothing is near."""
    found = difflib.get_close_matches(str(word), [str(choice) for choice in choices], 1, 0.6)
    return found[0] if found else None
