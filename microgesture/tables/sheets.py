"""The three tables that a user brings: videos.tsv, clips.tsv, labels.tsv.

Everything that can be seen without opening a video is checked here, before any job starts, and
every problem is reported at once. What needs the video itself (unreadable file, clip past the last
frame) is checked by the rule index_videos.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from microgesture.tables.checks import (
    check_classes,
    check_clips,
    check_labels,
    check_overlaps,
    check_splits,
    check_videos,
    integers,
    subjects_of,
)
from microgesture.tables.problems import Problem, nearest, raise_for

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
        table, found = _read(kind, path)
        tables[kind] = table
        problems += found
    raise_for(problems, "the sheets")
    checks = (check_videos, check_labels, check_clips, check_splits, check_overlaps, check_classes)
    for check in checks:
        problems += check(tables, paths)
    raise_for(problems, "the sheets")
    return _typed(tables)


def _read(kind: str, path: str) -> tuple[pd.DataFrame | None, list[Problem]]:
    if not Path(path).is_file():
        return None, [
            Problem(
                path,
                None,
                None,
                None,
                "does not exist",
                f"set {kind}: in the config to a "
                f"tab-separated file with the columns {', '.join(REQUIRED[kind])}",
            )
        ]
    try:
        table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        return None, [
            Problem(
                path,
                None,
                None,
                None,
                f"is no tab-separated table ({error})",
                "save it as UTF-8 text with tabs between the columns",
            )
        ]
    table.columns = table.columns.str.strip()
    known = REQUIRED[kind] + OPTIONAL[kind]
    problems = []
    for column in REQUIRED[kind]:
        if column in table.columns:
            continue
        similar = nearest(column, set(table.columns) - set(known))
        hint = f"rename {similar!r}" if similar else f"add the column {column!r} to the header"
        if len(table.columns) == 1 and ("," in table.columns[0] or ";" in table.columns[0]):
            hint = "the columns must be separated by tabs"
        problems.append(Problem(path, 1, column, None, "the column is missing", hint))
    for column in OPTIONAL[kind]:
        if column not in table.columns:
            table[column] = ""
    return table.apply(lambda values: values.str.strip()), problems


def _typed(tables: dict) -> Sheets:
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
