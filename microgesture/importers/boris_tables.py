"""BORIS' event tables: tabular events and aggregated events, csv and tsv, of all its versions.

Tabular: one event a row (START, STOP, POINT). Older versions write lines about the observation
first and then the header; newer ones one flat table. Aggregated: one row a state or point event.
Columns vary with the version and with the project's own variables, so they are found by name.
"""

import csv
import math
import re
from dataclasses import dataclass, field
from pathlib import Path

from microgesture.importers.annotations import AnnotationTable
from microgesture.importers.boris_events import Event, Observation, pair_events
from microgesture.provenance.errors import BadInput
from microgesture.tables.problems import nearest

# Our word -> the headers that BORIS' versions give the column.
COLUMNS = {
    "observation": ("observation id",),
    "media": ("media file path", "media file name", "media file", "media file(s)"),
    "source": ("source",),
    "length": ("media duration (s)",),
    "total": ("total length", "total length (s)"),
    "offset": ("time offset (s)", "time offset"),
    "subject": ("subject",),
    "name": ("behavior", "behaviour"),
    "category": ("behavioral category", "behavioural category"),
    "kind": ("status", "behavior type", "behaviour type"),
    "time": ("time", "time (s)"),
    "start": ("start (s)", "start"),
    "stop": ("stop (s)", "stop"),
    "comment": ("comment", "comment start"),
    "comment_stop": ("comment stop",),
}
_MODIFIER = re.compile(r"modifiers?( ?#?\d+)?")
_PLAYER = re.compile(r"player ?#?(\d+)", re.IGNORECASE)  # a line before the header
_PREFIX = re.compile(r"player ?#\d+\s*:\s*", re.IGNORECASE)  # before a name in a cell
_ABSENT = ("", "na", "nan", "not found", "live", "live observation")


@dataclass
class _Block:
    """The rows of one header. known: what the lines before it say about the observation."""

    columns: dict[str, int]
    modifiers: list[int]
    line: int
    known: dict[str, str]
    media: list[str]
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


def read_tables(path: str | Path, unpaired: str, table: AnnotationTable) -> list[Observation]:
    """The observations of one csv or tsv file; what is wrong in it goes to `table`.

    Raises BadInput for a file that is no event table.
    """
    observations: dict[str, Observation] = {}
    for block in _blocks(Path(path), _cells(Path(path))):
        events: dict[str, list[Event]] = {}
        found_before = len(table.problems)
        for line, row in block.rows:
            name = _cell(block, row, "observation") or block.known.get("observation", "")
            name = name or Path(path).stem
            observation = observations.setdefault(name, Observation(name, [], []))
            _describe(observation, block, row)
            _read_row(path, table, block, observation, line, row, events.setdefault(name, []))
        for name, found in events.items():
            observation = observations[name]
            end = observation.total or _sum(observation.lengths)
            end = None if end is None else end + observation.offset
            place = f"{path}, observation {name!r}"
            # A row that could not be read leaves its partner alone: that is told once only.
            pairing = unpaired if len(table.problems) == found_before else "leave_out"
            observation.spans += pair_events(found, place, pairing, end, table)
    _order_media(observations)
    return list(observations.values())


def _cells(path: Path) -> list[tuple[int, list[str]]]:
    """(line, cells) of every row, whatever separates the columns."""
    if path.suffix.lower() in (".xlsx", ".xls", ".ods", ".html", ".pkl", ".rds"):
        raise BadInput(f"{path}: is no text table; export the events from BORIS as tsv or csv")
    content = path.read_bytes()
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{path}: is no UTF-8 text ({error}); export or save it again as UTF-8"
        ) from error
    if not text.strip():
        raise BadInput(f"{path}: the file is empty; export the events again")
    header = next(
        (line for line in text.splitlines() if re.search(r"\bbehaviou?r\b", line, re.IGNORECASE)),
        "",
    )
    separator = max("\t,;", key=(header or text.strip().splitlines()[0]).count)
    rows = csv.reader(text.splitlines(keepends=True), delimiter=separator)
    try:
        return [(rows.line_num, [cell.strip() for cell in row]) for row in rows]
    except csv.Error as error:
        raise BadInput(
            f"{path}: line {rows.line_num}: is no table row ({error}); export it again"
        ) from error


def _blocks(path: Path, rows: list[tuple[int, list[str]]]) -> list[_Block]:
    blocks: list[_Block] = []
    known: dict[str, str] = {}
    media: list[str] = []
    inside = False
    for line, row in rows:
        if not any(row):
            continue
        words = [cell.casefold() for cell in row]
        columns = _columns(words)
        if "name" in columns and ("time" in columns or {"start", "stop"} <= set(columns)):
            modifiers = [n for n, word in enumerate(words) if _MODIFIER.fullmatch(word)]
            blocks.append(_Block(columns, modifiers, line, known, media))
            inside = True
        elif words[0] == "observation id" or not inside:
            if words[0] == "observation id" and inside:
                known, media, inside = {}, [], False
            value = next((cell for cell in row[1:] if cell), "")
            key = next((key for key, names in COLUMNS.items() if words[0] in names), words[0])
            known[key] = value
            player = _PLAYER.fullmatch(row[0])
            if player and player[1] == "1" and value:
                media.append(value)
        else:
            blocks[-1].rows.append((line, row))
    if not blocks:
        seen = next((row for _, row in rows if any(row)), [])
        hint = nearest("behavior", [cell.casefold() for _, row in rows for cell in row])
        near = f" (is {hint!r} meant?)" if hint else ""
        raise BadInput(
            f"{path}: has no header with the columns Behavior and Time, or Behavior, Start (s) and "
            f"Stop (s){near}; it begins with {' | '.join(seen[:4])!r}. Export tabular or "
            f"aggregated events from BORIS"
        )
    return blocks


def _columns(words: list[str]) -> dict[str, int]:
    found = {}
    for key, names in COLUMNS.items():
        place = next((words.index(name) for name in names if name in words), None)
        if place is not None:
            found[key] = place
    return found


def _cell(block: _Block, row: list[str], column: str) -> str:
    place = block.columns.get(column)
    return row[place] if place is not None and place < len(row) else ""


def _describe(observation: Observation, block: _Block, row: list[str]) -> None:
    """Videos, lengths and offset of the observation, from a row or the lines before the header."""
    offset = _cell(block, row, "offset") or block.known.get("offset", "")
    observation.offset = read_seconds(offset) or 0.0
    source = _cell(block, row, "source")
    if not observation.media and _PREFIX.match(source):
        first = source.split("|player", 1)[0].split("| player", 1)[0]
        observation.media = [name.strip() for name in _PREFIX.sub("", first).split(";")]
        lengths = _cell(block, row, "length").split("|")[0].split(";")
        observation.lengths = [read_seconds(length) for length in lengths]
        if len(observation.lengths) != len(observation.media):
            observation.lengths = [None] * len(observation.media)
        return
    if not observation.media and block.media:
        observation.media = list(block.media)
        observation.lengths = [None] * len(block.media)
    medium = _PREFIX.sub("", _cell(block, row, "media"))
    named = {re.split(r"[/\\]", known)[-1] for known in observation.media}
    if medium.casefold() not in _ABSENT and re.split(r"[/\\]", medium)[-1] not in named:
        observation.media.append(medium)
        observation.lengths.append(None)
    if "source" not in block.columns and not block.media:
        observation.total = read_seconds(_cell(block, row, "total"))


def _order_media(observations: dict[str, Observation]) -> None:
    """Where only the events name the videos, they were played in the order of their events."""
    for observation in observations.values():
        if observation.total is not None and len(observation.media) > 1:
            first = {}
            for start, _ in observation.spans:
                first[start.medium] = min(first.get(start.medium, math.inf), start.time)
            observation.media.sort(key=lambda medium: first.get(medium, math.inf))


def _read_row(path, table, block: _Block, observation, line, row, events: list[Event]) -> None:
    place = f"{path}, observation {observation.name!r}"
    name = _cell(block, row, "name")
    if not name:
        table.problem(
            place, line, None, "a row without a behavior", "fill it in, or delete the row"
        )
        return
    category = _cell(block, row, "category")
    category = "" if category.casefold() in (*_ABSENT, "not defined") else category
    table.facts.setdefault(name, {"description": "", "group": category})
    times = {}
    for column in ("time", "start", "stop"):
        if column in block.columns:
            text = _cell(block, row, column)
            times[column] = read_seconds(text)
            if times[column] is None and not (column == "stop" and _is_point(block, row)):
                remedy = "write seconds, such as 12.480; events from pictures have no time"
                table.problem(place, line, text, f"is no time (column {column})", remedy)
                return
    modifiers = "|".join(row[n] if n < len(row) else "" for n in block.modifiers).strip("|")
    medium = _PREFIX.sub("", _cell(block, row, "media"))
    subject, comment = _cell(block, row, "subject"), _cell(block, row, "comment")
    kind = _cell(block, row, "kind").upper()
    if "time" in times:
        if kind not in ("START", "STOP", "POINT", ""):
            remedy = "write START, STOP or POINT"
            table.problem(place, line, kind, "is no kind of event", remedy)
            return
        kind = kind or "POINT"
        events.append(Event(times["time"], subject, name, modifiers, comment, kind, medium, line))
        return
    start, stop = times["start"], times.get("stop")
    if _is_point(block, row):
        event = Event(start, subject, name, modifiers, comment, "POINT", medium, line)
        observation.spans.append((event, None))
        return
    if stop < start:
        wrong = f"stops at {stop:.3f} s, before it starts at {start:.3f} s"
        table.problem(place, line, name, wrong, "swap the two times")
        return
    event = Event(start, subject, name, modifiers, comment, "START", medium, line)
    after = _cell(block, row, "comment_stop")
    end = Event(stop, subject, name, modifiers, after, "STOP", medium, line)
    observation.spans.append((event, end))


def _is_point(block: _Block, row: list[str]) -> bool:
    return _cell(block, row, "kind").upper() == "POINT"


def read_seconds(text: str) -> float | None:
    """12.5, 12,5 or 00:01:12.500 in seconds; None for anything else."""
    text = text.strip().replace(",", ".")
    sign, text = (-1, text[1:]) if text.startswith("-") else (1, text)
    parts = text.split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return None
    if len(parts) > 3 or not all(math.isfinite(n) and n >= 0 for n in numbers):
        return None
    seconds = 0.0
    for number in numbers:
        seconds = seconds * 60 + number
    return sign * seconds


def _sum(lengths: list[float | None]) -> float | None:
    return sum(lengths) if lengths and None not in lengths else None
