"""A tab-separated file as a table of text, in which every row knows its line of the file.

Spreadsheets, R and people write such files differently, so three things are read with care:

- A cell may stand in quotation marks, with marks inside doubled, and may then hold tabs and line
  breaks (Excel, R, pandas). A mark that opens nothing is an ordinary character: annotators write
  `"` for "same as above". A quoted cell therefore reaches over a tab or a line break only where
  the row has no other way to its number of cells.
- Lines without anything in them, and rows of nothing but tabs, are no rows.
- Tabs at the end of a row are no cells.
"""

import re
from pathlib import Path

import pandas as pd

from microgesture.tables.problems import Problem

CLOSED = re.compile(r'"(?:[^"]|"")*"')
QUOTED_CELL = re.compile(r' *"(?:[^"]|"")*" *(?=\t|\Z)')
PLAIN_CELL = re.compile(r"[^\t\n]*")
LONGEST_CELL = 100  # lines that one cell may reach over
ENCODINGS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_table(path: str | Path) -> tuple[pd.DataFrame | None, list[Problem]]:
    """The table of a tab-separated file with a header, and what is wrong with its form.

    Cells are text without blanks around them, "" where nothing stands. The index is the line of
    each row's first character as an editor counts it; the header is the first line that holds
    anything. The table is None where the file is no such table at all.
    """
    text, problem = _text(path)
    if problem is not None:
        return None, [problem]
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    begin = next((number for number, line in enumerate(lines) if line.strip()), None)
    if begin is None:
        hint = "write a header and a row for each entry, with tabs between the columns"
        return None, [Problem(str(path), None, None, None, "is empty", hint)]
    header = _bare(lines[begin].split("\t"))
    while header and not header[-1]:
        header.pop()
    numbers, rows = _rows(lines, begin + 1, len(header))
    problems = [
        Problem(str(path), begin + 1, name, None, "stands twice in the header", "keep one of them")
        for name in sorted({name for name in header if name and header.count(name) > 1})
    ]
    wide = {number: len(row) for number, row in zip(numbers, rows) if len(row) > len(header)}
    for number, cells in wide.items():
        wrong = f"has {cells} cells, the header has {len(header)}"
        hint = "give every column a name in the header, and put one tab between two cells"
        problems.append(Problem(str(path), number, None, None, wrong, hint))
    rows = [row[: len(header)] + [""] * (len(header) - len(row)) for row in rows]
    table = pd.DataFrame(rows, columns=header, index=pd.Index(numbers, name="line"), dtype=object)
    named = [name != "" and name not in header[:place] for place, name in enumerate(header)]
    return table.loc[:, named].astype(str), problems


def _text(path: str | Path) -> tuple[str, Problem | None]:
    """The file's text, or what is wrong with it as a text."""
    hint = "save it as UTF-8 text with tabs between the columns"
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        return "", Problem(str(path), None, None, None, f"cannot be read ({error.strerror})", hint)
    coding = next((name for mark, name in ENCODINGS if raw.startswith(mark)), "utf-8")
    try:
        text = raw.decode(coding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        wrong = f"is no {coding} text (byte {raw[error.start]:#04x})"
        return "", Problem(str(path), line, None, None, wrong, hint)
    if "\0" in text:
        return "", Problem(str(path), None, None, None, "is no tab-separated table", hint)
    return text, None


def _rows(lines: list[str], begin: int, width: int) -> tuple[list[int], list[list[str]]]:
    """Line numbers (from 1) and cells of the rows from `lines[begin]` on."""
    numbers, rows, at = [], [], begin
    while at < len(lines):
        cells, used = _row(lines, at, width)
        while len(cells) > width and not cells[-1]:
            cells.pop()
        if any(cells):
            numbers.append(at + 1)
            rows.append(cells)
        at += used
    return numbers, rows


def _row(lines: list[str], at: int, width: int) -> tuple[list[str], int]:
    """The cells of the row that begins with `lines[at]`, and how many lines it takes."""
    raw = lines[at].split("\t")
    if '"' not in lines[at]:
        return _bare(raw), 1
    opened = [c for c in map(str.strip, raw) if c.startswith('"') and not CLOSED.fullmatch(c)]
    if opened:
        if _width(raw) > width:
            cells = _split_quoted(lines[at])
            if cells is not None and width in (len(cells), _width(cells)):
                return cells, 1
        last = min(at + LONGEST_CELL, len(lines))
        for end in range(at + 1, last):
            if lines[end].count("\t") >= width - 1:
                break  # a row of its own
            cells = _split_quoted("\n".join(lines[at : end + 1]))
            if cells is not None and _width(cells) <= width:
                return cells, end + 1 - at
            if "\t" in lines[end]:
                break  # only the last line of such a cell has other cells behind it
    return _bare(raw), 1


def _width(cells: list[str]) -> int:
    """Number of cells up to the last that holds something."""
    return max((place + 1 for place, cell in enumerate(cells) if cell.strip()), default=0)


def _bare(cells: list[str]) -> list[str]:
    """Cells without blanks around them and without the quotation marks that enclose them."""
    return [_unquoted(cell.strip()) for cell in cells]


def _unquoted(cell: str) -> str:
    if CLOSED.fullmatch(cell):
        return cell[1:-1].replace('""', '"').strip()
    return cell


def _split_quoted(text: str) -> list[str] | None:
    """The cells of a row in which a quoted cell may hold tabs and line breaks; None where a line
    break stands outside of quotation marks, or a mark is not closed."""
    cells, at = [], 0
    while True:
        quoted = QUOTED_CELL.match(text, at)
        found = quoted or PLAIN_CELL.match(text, at)
        if quoted and "\n" in found[0] and "\t" in found[0]:
            return None  # it would swallow another row
        cells.append(_unquoted(found[0].strip()))
        at = found.end()
        if at == len(text):
            # A plain cell that begins with a mark has been opened and not closed.
            opened = quoted is None and found[0].strip().startswith('"')
            return None if opened else cells
        if text[at] != "\t":
            return None
        at += 1
