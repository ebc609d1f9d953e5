"""The three tables that a user brings: videos.tsv, clips.tsv, labels.tsv.

Everything that can be seen without opening a video is checked here, before any job starts, and
every problem is reported at once. What needs the video itself (unreadable file, clip past the last
frame) is checked by the rule index_videos.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from microgesture.tables.problems import Problem, nearest, raise_for

SPLITS = ("train", "val", "test", "unlabelled")
SUBJECT_SPLITS = ("train", "val", "test")  # a subject stands in one of these at most
REQUIRED = {
    "videos": ("video", "path", "subject"),
    "clips": ("clip", "video", "start", "end", "label", "split"),
    "labels": ("label", "name"),
}
OPTIONAL = {"videos": ("batch", "fps"), "clips": (), "labels": ("description", "group")}
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
MADE_BY_WORKFLOW = "results/demo_videos/"


@dataclass(frozen=True)
class Sheets:
    """The checked tables.

    videos: video, path, subject, batch ("" = by hash), fps (NaN = ask the file).
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
    for check in (_check_videos, _check_labels, _check_clips, _check_splits, _check_classes):
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


def _at(table: pd.DataFrame, bad: pd.Series, column: str) -> Iterator[tuple[int, str]]:
    """(line, value) of the rows where `bad` holds. The header is line 1."""
    for position in bad.to_numpy().nonzero()[0]:
        yield int(position) + 2, table[column].iloc[position]


def _identifiers(table: pd.DataFrame, path: str, column: str) -> list[Problem]:
    ids = table[column]
    problems = [
        Problem(
            path,
            row,
            column,
            value,
            "is no identifier",
            "use letters, digits, '_', '-' and '.', and begin with a letter or a digit",
        )
        for row, value in _at(table, ~ids.map(lambda v: bool(IDENTIFIER.fullmatch(v))), column)
    ]
    return problems + _unique(table, path, column)


def _unique(table: pd.DataFrame, path: str, column: str) -> list[Problem]:
    return [
        Problem(path, row, column, value, "stands in more than one row", "keep one of them")
        for row, value in _at(table, table[column].duplicated(), column)
    ]


def _check_videos(tables: dict, paths: dict) -> list[Problem]:
    table, path = tables["videos"], paths["videos"]
    problems = _identifiers(table, path, "video") + _unique(table, path, "path")
    for row, value in _at(table, table["path"].map(_is_missing_file), "path"):
        problems.append(
            Problem(
                path,
                row,
                "path",
                value,
                "is no file",
                "write the path of the video as seen from the folder where snakemake starts",
            )
        )
    bad_fps = (table["fps"] != "") & ~(pd.to_numeric(table["fps"], errors="coerce") > 0)
    for row, value in _at(table, bad_fps, "fps"):
        problems.append(
            Problem(
                path,
                row,
                "fps",
                value,
                "is no frame rate",
                "write frames per second, such as 25, or leave it empty",
            )
        )
    bad_batch = (table["batch"] != "") & ~table["batch"].map(
        lambda v: bool(IDENTIFIER.fullmatch(v))
    )
    for row, value in _at(table, bad_batch, "batch"):
        problems.append(
            Problem(path, row, "batch", value, "is no batch name", "use letters and digits")
        )
    return problems


def _is_missing_file(path: str) -> bool:
    return not path.startswith(MADE_BY_WORKFLOW) and not Path(path).is_file()


def _check_labels(tables: dict, paths: dict) -> list[Problem]:
    table, path = tables["labels"], paths["labels"]
    numbers = _integers(table["label"])
    problems = [
        Problem(path, row, "label", value, "is no class number", "count the classes 0, 1, 2, ...")
        for row, value in _at(table, numbers.isna(), "label")
    ]
    problems += _unique(table, path, "label") + _unique(table, path, "name")
    missing = sorted(set(range(len(table))) - set(numbers.dropna().astype(int)))
    if missing and not problems:
        problems.append(
            Problem(
                path,
                None,
                "label",
                None,
                f"the number {missing[0]} is missing",
                f"number the {len(table)} classes 0 to {len(table) - 1} without a gap",
            )
        )
    problems += [
        Problem(path, row, "name", value, "the class has no name", "write one")
        for row, value in _at(table, table["name"] == "", "name")
    ]
    return problems


def _integers(column: pd.Series) -> pd.Series:
    """Whole numbers as float64, NaN where the text is none."""
    numbers = pd.to_numeric(column, errors="coerce")
    return numbers.where(numbers == numbers.round())


def _check_clips(tables: dict, paths: dict) -> list[Problem]:
    table, path = tables["clips"], paths["clips"]
    problems = _identifiers(table, path, "clip")
    videos = set(tables["videos"]["video"])
    for row, value in _at(table, ~table["video"].isin(videos), "video"):
        similar = nearest(value, videos)
        meant = f"did you mean {similar!r}? else add it" if similar else "add it"
        problems.append(
            Problem(
                path,
                row,
                "video",
                value,
                "is not in the video table",
                f"{meant} to {paths['videos']}",
            )
        )
    start, end = _integers(table["start"]), _integers(table["end"])
    for column, numbers in (("start", start), ("end", end)):
        problems += [
            Problem(
                path,
                row,
                column,
                value,
                "is no frame number",
                "write a whole number, 0 = first frame of the video",
            )
            for row, value in _at(table, ~(numbers >= 0), column)
        ]
    problems += [
        Problem(
            path,
            row,
            "end",
            value,
            f"lies before the start {table['start'].iloc[row - 2]}",
            "end is the last frame that belongs to the clip",
        )
        for row, value in _at(table, (end < start) & (start >= 0) & (end >= 0), "end")
    ]
    for row, value in _at(table, ~table["split"].isin(SPLITS), "split"):
        problems.append(
            Problem(path, row, "split", value, "is no split", f"write one of {', '.join(SPLITS)}")
        )
    known = set(tables["labels"]["label"])
    unknown = (table["label"] != "") & ~table["label"].isin(known)
    for row, value in _at(table, unknown, "label"):
        problems.append(
            Problem(
                path,
                row,
                "label",
                value,
                "is an unknown label",
                f"use a number from the column label of {paths['labels']}, or add a row there",
            )
        )
    for row, _ in _at(
        table, (table["label"] == "") & table["split"].isin(["train", "val"]), "label"
    ):
        problems.append(
            Problem(
                path,
                row,
                "label",
                None,
                "a train or val clip without a label",
                "write its label, or the split 'unlabelled'",
            )
        )
    labelled = (table["label"] != "") & (table["split"] == "unlabelled")
    for row, value in _at(table, labelled, "label"):
        problems.append(
            Problem(
                path,
                row,
                "label",
                value,
                "is the label of a clip whose split is 'unlabelled'",
                "leave it empty, or write train, val or test",
            )
        )
    return problems


def _check_splits(tables: dict, paths: dict) -> list[Problem]:
    clips = tables["clips"].merge(_subjects(tables["videos"]), on="video", how="inner")
    clips = clips[clips["split"].isin(SUBJECT_SPLITS)]
    splits = clips.groupby("subject")["split"].agg(lambda found: sorted(set(found)))
    return [
        Problem(
            paths["clips"],
            None,
            "split",
            subject,
            f"is a subject with clips in {' and '.join(found)}: the scores would be worthless",
            "give all clips of one person the same split",
        )
        for subject, found in splits.items()
        if len(found) > 1
    ]


def _check_classes(tables: dict, paths: dict) -> list[Problem]:
    clips, labels = tables["clips"], tables["labels"]
    if not (clips["split"] == "train").any():
        return []  # nothing is trained: clips are only processed
    trained = set(clips.loc[clips["split"] == "train", "label"])
    bare = ~labels["label"].isin(trained)
    return [
        Problem(
            paths["labels"],
            row,
            "label",
            value,
            f"({labels['name'].iloc[row - 2]}) has no training clip",
            "take it out of the labels and number them anew, or give it clips in split train",
        )
        for row, value in _at(labels, bare, "label")
    ]


def _subjects(videos: pd.DataFrame) -> pd.DataFrame:
    """video and subject; where no subject is known the video stands for it."""
    subject = videos["subject"].where(videos["subject"] != "", videos["video"])
    return pd.DataFrame({"video": videos["video"], "subject": subject})


def _typed(tables: dict) -> Sheets:
    videos = tables["videos"].assign(
        subject=_subjects(tables["videos"])["subject"],
        fps=pd.to_numeric(tables["videos"]["fps"], errors="coerce").astype("float64"),
    )
    labels = tables["labels"].assign(label=tables["labels"]["label"].astype("int64"))
    clips = tables["clips"]
    numbers = clips["label"].where(clips["label"] != "", "-1")
    clips = clips.assign(
        start=_integers(clips["start"]).astype("int64"),
        end=_integers(clips["end"]).astype("int64"),
        label=numbers.astype("int64"),
    ).merge(videos[["video", "subject"]], on="video", how="left")
    columns = ["clip", "video", "subject", "start", "end", "label", "split"]
    return Sheets(
        videos=videos[["video", "path", "subject", "batch", "fps"]].reset_index(drop=True),
        clips=clips[columns].reset_index(drop=True),
        labels=labels.sort_values("label")[["label", "name", "description", "group"]].reset_index(
            drop=True
        ),
    )
