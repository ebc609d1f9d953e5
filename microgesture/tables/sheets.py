"""The three tables that a user brings: videos.tsv, clips.tsv, labels.tsv.

Everything that can be seen without opening a video is checked here, before any job starts, and
every problem is reported at once. What needs the video itself (unreadable file, clip past the last
frame) is checked by the rule index_videos.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from microgesture.tables.checks import check_overlaps, check_splits, check_videos, subjects_of
from microgesture.tables.checks_clips import check_classes, check_clips, check_labels
from microgesture.tables.checks_files import check_files, plain_path
from microgesture.tables.checks_names import check_subject_names, check_written_empty
from microgesture.tables.problems import Problem, nearest, raise_for
from microgesture.tables.reading import read_table
from microgesture.tables.rows import integers, whole_text

REQUIRED = {
    "videos": ("video", "path", "subject"),
    "clips": ("clip", "video", "start", "end", "label", "split"),
    "labels": ("label", "name"),
}
OPTIONAL = {
    "videos": ("batch", "fps", "annotated", "region", "keypoints", "keypoints_2d"),
    "clips": (),
    "labels": ("description", "group"),
}
PATH_COLUMNS = ("path", "keypoints", "keypoints_2d")
CHECKS = (
    check_videos,
    check_files,
    check_labels,
    check_clips,
    check_splits,
    check_overlaps,
    check_subject_names,
    check_classes,
)


@dataclass(frozen=True)
class Sheets:
    """The checked tables.

    videos: video, path ("" = no pixels), subject ("" = unknown), batch ("" = by hash), fps (NaN =
        ask the file), annotated ("yes" = everything that happens in it has a clip, "no" or "" =
        not known), region ("" = the whole picture; else the shares x0,y0,x1,y1 of it where the
        subject is), keypoints ("" = estimate them; else a sequence store that holds them),
        keypoints_2d ("", or beside 3D keypoints a store with those in pixels, for heatmaps and
        crops).
    clips: clip, video, subject, start, end (0-based, inclusive), label (int64, -1 = none), split.
    labels: label (0..K-1, sorted), name, description, group.
    """

    videos: pd.DataFrame
    clips: pd.DataFrame
    labels: pd.DataFrame


def read_sheets(videos: str, clips: str, labels: str) -> Sheets:
    """Read and check the three tables.

    Raises BadInput that lists every problem with file, line, column and value.
    """
    paths = {"videos": videos, "clips": clips, "labels": labels}
    tables, problems = {}, []
    for kind, path in paths.items():
        table, found = read_sheet(kind, path)
        tables[kind] = table
        problems += found
    raise_for(problems, "the sheets")
    for check in CHECKS:
        problems += check(tables, paths)
    raise_for(problems, "the sheets")
    return typed_sheets(tables)


def read_sheet(
    kind: str, path: str, required: tuple[str, ...] | None = None
) -> tuple[pd.DataFrame | None, list[Problem]]:
    """One of the tables as text, and what is wrong with its form; None where it is none.

    kind: videos | clips | labels. required: the columns that it must have, None = `REQUIRED`; the
    others of the kind are filled with "" where they are missing.
    """
    required = REQUIRED[kind] if required is None else required
    if not Path(path).is_file():
        hint = (
            f"set {kind}: in the config to a tab-separated file with the columns "
            f"{', '.join(required)}"
        )
        return None, [Problem(path, None, None, None, "does not exist", hint)]
    table, problems = read_table(path)
    if table is None:
        return None, problems
    columns = _missing_columns(kind, path, table, required)
    if columns:  # what stands in the wrong columns says nothing of its own
        return None, columns
    for column in (*REQUIRED[kind], *OPTIONAL[kind]):
        if column not in table.columns:
            table[column] = ""
    if "label" in table.columns:
        table["label"] = whole_text(table["label"])
    for column in PATH_COLUMNS:
        if column in table.columns:
            table[column] = table[column].map(plain_path)
    return table, problems + check_written_empty(kind, table, path)


def _missing_columns(
    kind: str, path: str, table: pd.DataFrame, required: tuple[str, ...]
) -> list[Problem]:
    """A problem for every required column that the header lacks; one where there is no header."""
    found = list(table.columns)
    missing = [column for column in required if column not in found]
    if not missing:
        return []
    words = ", ".join(required)
    if len(found) == 1 and any(mark in found[0] for mark in ",; "):
        wrong, hint = "has one column", f"the columns must be separated by tabs ({words})"
        return [Problem(path, 1, None, found[0], wrong, hint)]
    known = set(REQUIRED[kind] + OPTIONAL[kind])
    similar = {column: nearest(column, set(found) - known) for column in missing}
    if len(missing) == len(required) and not any(similar.values()):
        wrong, hint = "is no header: no column is known", f"write one above: {words}"
        return [Problem(path, 1, None, " ".join(found), wrong, hint)]
    problems = []
    for column in missing:
        hint = f"add the column {column!r} to the header"
        if similar[column]:
            hint = f"rename {similar[column]!r}"
        problems.append(Problem(path, 1, column, None, "the column is missing", hint))
    return problems


def typed_sheets(tables: dict) -> Sheets:
    """The tables of checked text as `Sheets`."""
    videos = tables["videos"].assign(
        subject=subjects_of(tables["videos"])["subject"],
        fps=pd.to_numeric(tables["videos"]["fps"], errors="coerce").astype("float64"),
    )
    labels = tables["labels"].assign(label=tables["labels"]["label"].astype("int64"))
    clips = tables["clips"]
    numbers = clips["label"].where(clips["label"] != "", "-1")
    clips = clips.assign(
        start=integers(clips["start"]).astype("int64"),
        end=integers(clips["end"]).astype("int64"),
        label=numbers.astype("int64"),
    ).merge(videos[["video", "subject"]], on="video", how="left")
    columns = ["clip", "video", "subject", "start", "end", "label", "split"]
    return Sheets(
        videos=videos[
            ["video", "path", "subject", "batch", "fps", *OPTIONAL["videos"][2:]]
        ].reset_index(drop=True),
        clips=clips[columns].reset_index(drop=True),
        labels=labels.sort_values("label")[["label", "name", "description", "group"]].reset_index(
            drop=True
        ),
    )
