"""What to predict on: a folder of videos or a table of them, whole or with given segments.

Everything that can be seen without opening a video is checked here, and told at once.
"""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from microgesture.importers.folder_contents import SHOWN, sorted_files
from microgesture.importers.sheet_writer import identifiers
from microgesture.tables.checks import check_videos
from microgesture.tables.checks_clips import check_clips
from microgesture.tables.checks_files import check_files, plain_path
from microgesture.tables.checks_names import check_subject_names
from microgesture.tables.problems import Problem, raise_for
from microgesture.tables.sheets import OPTIONAL, REQUIRED, Sheets, read_sheet, typed_sheets

VIDEO_COLUMNS = ("video", "path")
SEGMENT_COLUMNS = ("clip", "video", "start", "end")
CHECKS = (check_videos, check_files, check_clips, check_subject_names)
WHAT = "what to predict on"


def sheets_to_predict(videos: str, clips: str | None, labels: pd.DataFrame) -> Sheets:
    """The tables of a prediction.

    videos: a folder, each of whose video files is one video of an unknown person (its id is made
    of the file's name; subfolders are not looked into), or a table of videos as in a training run,
    with all its columns; `subject` may be left out. clips: a table of segments (clip, video, start,
    end) that are predicted as they are: their split is "unlabelled", and a label that the table has
    is not taken over. None = every video whole: the clips of the result are an empty table with the
    right types. labels: label (int64, 0..K-1), name, description, group, of the bundle.

    Raises BadInput that lists every problem with file, line, column and value.
    """
    is_folder = Path(videos).is_dir()
    paths = {"videos": str(videos), "clips": str(clips), "labels": "the bundle's labels"}
    tables = {"labels": labels.assign(label=labels["label"].astype(str))}
    read = _folder if is_folder else _table
    tables["videos"], problems = read(paths["videos"])
    tables["clips"], found = _segments(None if clips is None else paths["clips"])
    raise_for(problems + found, WHAT)
    for check in CHECKS:
        problems += check(tables, paths)
    if is_folder:  # its files have no lines and no columns
        problems = [
            replace(problem, row=None, column=None) if problem.file == paths["videos"] else problem
            for problem in problems
        ]
    raise_for(problems, WHAT)
    return typed_sheets(tables)


def left_out(videos: str) -> list[str]:
    """A line for every kind of files of a folder that are not predicted; [] for a table."""
    if not Path(videos).is_dir():
        return []
    found = sorted_files(Path(videos))
    kinds = (
        (found.others, "no video by the ending"),
        (found.hidden, "hidden (the name begins with a dot)"),
        (found.below, "videos in subfolders"),
    )
    return [
        f"{videos}: left out, {why}: {', '.join(names[:SHOWN])}"
        + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
        for names, why in kinds
        if names
    ]


def _folder(path: str) -> tuple[pd.DataFrame | None, list[Problem]]:
    """A row for each video file of a folder. Raises BadInput for names that no id can be made of,
    or one id for two."""
    found = sorted_files(Path(path))
    if not found.videos:
        wrong = "holds no video (.mp4, .mov, .mkv, .avi, .mts, .wmv and the like)"
        hint = "put the videos there, or name the folder that they are in"
        if found.below:
            hint = f"there are some in subfolders ({found.below[0]}): name that folder"
        return None, [Problem(path, None, None, None, wrong, hint)]
    stems: dict[str, list[str]] = {}
    for file in found.videos:
        stems.setdefault(file.stem, []).append(file.name)
    problems = []
    for names in stems.values():
        if len(names) > 1:
            wrong = f"and {' and '.join(names[1:])} would be one video: their names differ in the "
            wrong += "ending alone"
            hint = "rename one, or write a table of videos that gives each an id of its own"
            problems.append(Problem(path, None, None, names[0], wrong, hint))
    if problems:
        return None, problems
    ids = identifiers(stems, path)
    empty = dict.fromkeys((*REQUIRED["videos"], *OPTIONAL["videos"]), "")
    rows = [
        {**empty, "video": ids[file.stem], "path": plain_path(str(file))} for file in found.videos
    ]
    return pd.DataFrame(rows, dtype="str"), []


def _table(path: str) -> tuple[pd.DataFrame | None, list[Problem]]:
    """The table of videos as text."""
    if not Path(path).exists():
        hint = "write the path of a folder with videos, or of a table of them (videos.tsv)"
        return None, [Problem(path, None, None, None, "is neither a folder nor a file", hint)]
    return _filled(path, *read_sheet("videos", path, VIDEO_COLUMNS))


def _segments(path: str | None) -> tuple[pd.DataFrame | None, list[Problem]]:
    """The table of clips as text; without a path an empty one."""
    if path is None:
        return pd.DataFrame(columns=[*REQUIRED["clips"]], dtype="str"), []
    table, problems = _filled(path, *read_sheet("clips", path, SEGMENT_COLUMNS))
    if table is not None:
        table = table.assign(label="", split="unlabelled")
    return table, problems


def _filled(
    path: str, table: pd.DataFrame | None, problems: list[Problem]
) -> tuple[pd.DataFrame | None, list[Problem]]:
    """The same, and a problem where a table has no row."""
    if table is None or len(table):
        return table, problems
    hint = "write a row for each, or leave the table out"
    return table, [*problems, Problem(path, None, None, None, "has a header and no row", hint)]
