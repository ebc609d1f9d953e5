"""docs/errors.md: every kind of bad input with its message, as the product says it.

    python -m tests.errors.page

The cases stand in tests/errors/cases_*.py, a chapter a file: CHAPTER (its title) and CASES. A new
file is a new chapter; `test_errors_page.py` runs all of them and holds the page against them.
"""

import importlib
import logging
import tempfile
from pathlib import Path

from tests.errors.case import Case

PAGE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
INTRODUCTION = """# What is said when something is wrong

Whatever can be known from the configuration and the sheets is said before the first job, all of it at
once; `snakemake -n` shows it. What needs a video, a network or a result is said by the job that has
it, which ends with this one message and no stack trace. Nothing is left out silently.

This page is made by `python -m tests.errors.page` from cases that the tests run, so these are the
messages. Paths are shortened. All that can be wrong with annotations of ELAN and BORIS stands in the
tables of docs/annotations.md; some of it is here.
"""


def chapters() -> dict[str, list[Case]]:
    """Title -> cases, in the order of the files' names."""
    found = {}
    for file in sorted(Path(__file__).parent.glob("cases_*.py")):
        module = importlib.import_module(f"tests.errors.{file.stem}")
        found[module.CHAPTER] = list(module.CASES)
    return found


def message_of(case: Case) -> str:
    """The case's message, asked in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return case.message(Path(folder).resolve())


def page_text() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for title, cases in chapters().items():
        parts.append(f"## {title}\n")
        for case in cases:
            parts.append(f"{case.brought}:\n\n```\n{message_of(case)}\n```\n")
    return "\n".join(parts)


def main() -> None:
    """Write the page."""
    logging.disable(logging.WARNING)
    PAGE.write_text(page_text(), encoding="utf-8")
    print(f"{sum(map(len, chapters().values()))} cases -> {PAGE}")


if __name__ == "__main__":
    main()
