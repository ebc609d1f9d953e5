"""Parts of a page that different commands write: each stands between two marks of its own."""

import textwrap
from pathlib import Path


def put_section(page: Path, name: str, lines: list[str]) -> None:
    """Put the lines between the marks of a section of the page; the rest stays.

    Raises ValueError where the page has no such marks.
    """
    text = page.read_text(encoding="utf-8")
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{page}: has no section between {begin} and {end}")
    body = "\n".join(lines)
    page.write_text(f"{before}{begin}\n\n{body}\n\n{end}{after}", encoding="utf-8")


def wrapped(text: str) -> list[str]:
    """Lines of at most 100 characters."""
    return textwrap.wrap(text, 100, break_long_words=False, break_on_hyphens=False)
