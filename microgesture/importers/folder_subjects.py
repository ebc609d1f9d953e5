"""Who is in which video: a table of the user's, held against the videos that are there."""

import csv
from pathlib import Path

from microgesture.provenance.errors import BadInput
from microgesture.tables.problems import Problem, nearest, raise_for

SEPARATORS = "\t;,"
HEADER = frozenset({
    "video", "videos", "file", "filename", "file name", "file_name", "name", "path", "clip", "id",
    "recording", "subject", "subjects", "subject_id", "subject id", "person", "participant", "who",
    "participant_id", "participant id", "proband", "vp",
})  # fmt: skip


def read_subjects(
    path: str | Path | None, names: dict[str, str]
) -> tuple[dict[str, str], list[str]]:
    """({video: subject}, videos that the table does not name), from the first and the last column.

    path: a table with commas, semicolons or tabs. Its first row is a header where one of its words
    is one of headers (`HEADER`) and it names no video: any other row is one of data.
    names: what a video may be called -> its id. Raises BadInput for a row that names no video, a
    video with two subjects and a table of one column.
    """
    if path is None:
        return {}, []
    path = str(path)
    rows = _rows(path)
    first = rows[0][1]
    if first[0] not in names and {first[0].casefold(), first[-1].casefold()} & HEADER:
        rows = rows[1:]
    problems, found, lines = [], {}, {}
    for line, cells in rows:
        name, subject = cells[0], cells[-1]
        video = names.get(name)
        if len(cells) < 2:
            hint = "write the video in the first column and the subject in the last"
            problems.append(Problem(path, line, None, name, "has one column", hint))
        elif video is None:
            similar = nearest(name, names)
            hint = f"did you mean {similar!r}?" if similar else "write the name of one, or its id"
            if line == rows[0][0] and not similar:
                hint += "; a header begins with the word video"
            problems.append(Problem(path, line, None, name, "is no video of the folder", hint))
        elif found.get(video, subject) != subject:
            wrong = f"is {subject!r} here and {found[video]!r} in line {lines[video]}"
            problems.append(Problem(path, line, None, name, wrong, "keep one of them"))
        elif subject:
            found[video], lines[video] = subject, line
    raise_for(problems, "the table of subjects")
    return found, sorted(set(names.values()) - set(found))


def _rows(path: str) -> list[tuple[int, list[str]]]:
    """(line, cells) of every row that holds something."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read as UTF-8 text ({error})") from error
    first = next((line for line in text.splitlines() if line.strip()), "")
    if not first:
        raise BadInput(f"{path}: is empty; write a row (video, subject) for every video")
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator)
    rows, begin = [], 1
    for cells in reader:
        cells = [cell.strip() for cell in cells]
        while cells and not cells[-1] and len(cells) > 2:
            cells.pop()
        if any(cells):
            rows.append((begin, cells))
        begin = reader.line_num + 1
    return rows
