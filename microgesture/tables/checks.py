"""The checks of the three tables: each returns what is wrong, with its place.

`tables` and `paths` have the keys videos, clips, labels: tables of text as read, and file names.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from microgesture.tables.problems import Problem, nearest
from microgesture.tables.regions import HINT, parse_region

SPLITS = ("train", "val", "test", "unlabelled")
SUBJECT_SPLITS = ("train", "val", "test")  # a subject stands in one of these at most
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
ONE_ROW = "keep one of them, or give each row another region (two people in one picture)"
MADE_BY_WORKFLOW = "results/demo_videos/"


def integers(column: pd.Series) -> pd.Series:
    """Whole numbers as float64, NaN where the text is none."""
    numbers = pd.to_numeric(column, errors="coerce")
    return numbers.where(numbers == numbers.round())


def subjects_of(videos: pd.DataFrame) -> pd.DataFrame:
    """video and subject; "" where nobody is known, and so it stays to the last table."""
    return videos[["video", "subject"]]


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
        for row, value in _at(table, table[column].duplicated() & (table[column] != ""), column)
    ]


def _stores(table: pd.DataFrame, path: str, column: str) -> list[Problem]:
    """Stores of keypoints: of all videos or of none, and there."""
    given = table[column] != ""
    problems = []
    for row, value in _at(table, ~given & given.any(), "video"):
        wrong = f"has no {column} while other videos have"
        hint = f"give the {column} of all videos, or of none"
        problems.append(Problem(path, row, column, value, wrong, hint))
    there = {value: Path(value).is_file() for value in set(table[column])}
    for row, value in _at(table, given & ~table[column].map(there), column):
        hint = "write the path of a sequence store (made by an importer), or leave it empty"
        problems.append(Problem(path, row, column, value, "is no file", hint))
    return problems


def check_videos(tables: dict, paths: dict) -> list[Problem]:
    """Identifiers, files, frame rates, batch names; pixels, keypoints or both."""
    table, path = tables["videos"], paths["videos"]
    problems = _identifiers(table, path, "video")
    # The same video twice is two people in it, each in a region of his own.
    seen = table["path"].where(table["region"] == "", table["path"] + "\t" + table["region"])
    whole = table.groupby("path")["region"].transform(lambda found: (found == "").any())
    again = table["path"].where(whole, seen).duplicated() & (table["path"] != "")
    problems += [
        Problem(path, row, "path", value, "stands in more than one row", ONE_ROW)
        for row, value in _at(table, again, "path")
    ]
    for row, value in _at(table, table["region"].map(_wrong_region) != "", "region"):
        problems.append(Problem(path, row, "region", value, _wrong_region(value), HINT))
    bare = (table["path"] == "") & (table["keypoints"] == "")
    for row, _ in _at(table, bare, "path"):
        problems.append(
            Problem(path, row, "path", None, "has neither a video nor keypoints", "write its path")
        )
    for column in ("keypoints", "keypoints_2d"):
        problems += _stores(table, path, column)
    flat = (table["keypoints_2d"] != "") & (table["keypoints"] == "")
    for row, value in _at(table, flat, "keypoints_2d"):
        wrong = "stands beside no 3D keypoints"
        hint = "move the store to the column keypoints, which takes 2D keypoints too"
        problems.append(Problem(path, row, "keypoints_2d", value, wrong, hint))
    missing = (table["path"] != "") & table["path"].map(_is_missing_file)
    for row, value in _at(table, missing, "path"):
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
    for row, value in _at(table, ~table["annotated"].isin(["yes", "no", ""]), "annotated"):
        wrong = "does not say whether everything in the video has a clip"
        hint = "write yes or no, or leave it empty"
        problems.append(Problem(path, row, "annotated", value, wrong, hint))
    return problems


def _wrong_region(text: str) -> str:
    try:
        parse_region(text)
    except ValueError as error:
        return str(error)
    return ""


def _is_missing_file(path: str) -> bool:
    return not path.startswith(MADE_BY_WORKFLOW) and not Path(path).is_file()


def check_labels(tables: dict, paths: dict) -> list[Problem]:
    """Numbers 0..K-1 without a gap, a name for each."""
    table, path = tables["labels"], paths["labels"]
    numbers = integers(table["label"])
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


def check_clips(tables: dict, paths: dict) -> list[Problem]:
    """Identifiers, known video, frames, split, known label."""
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
    start, end = integers(table["start"]), integers(table["end"])
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


def check_splits(tables: dict, paths: dict) -> list[Problem]:
    """A person, or a video of somebody unknown, stands in one split only: else it is leakage."""
    clips = tables["clips"].merge(subjects_of(tables["videos"]), on="video", how="inner")
    clips = clips[clips["split"].isin(SUBJECT_SPLITS)]
    known = clips["subject"] != ""
    clips = clips.assign(kind=known.map({True: "subject", False: "video of an unknown subject"}))
    clips = clips.assign(group=clips["subject"].where(known, clips["video"]))
    splits = clips.groupby(["kind", "group"])["split"].agg(lambda found: sorted(set(found)))
    return [
        Problem(
            paths["clips"],
            None,
            "split",
            group,
            f"is a {kind} with clips in {' and '.join(found)}: the scores would be worthless",
            "give all clips of one person the same split",
        )
        for (kind, group), found in splits.items()
        if len(found) > 1
    ]


def check_overlaps(tables: dict, paths: dict) -> list[Problem]:
    """No frame of a video belongs to clips of two of the splits train, val and test.

    Unlabelled clips may lie over any other: windows over a video that somebody annotated are
    common. Whether they may get pseudo-labels is decided in microgesture/pseudo/protocol.py.
    """
    clips = tables["clips"]
    clips = clips.assign(start=integers(clips["start"]), end=integers(clips["end"]))
    clips = clips.assign(row=range(2, len(clips) + 2))
    clips = clips[clips["split"].isin(SUBJECT_SPLITS) & (clips["end"] >= clips["start"])]
    mixed = clips.groupby("video")["split"].transform("nunique") > 1
    problems = []
    for _, part in clips[mixed].sort_values(["start", "row"]).groupby("video"):
        open_clips: list = []  # those that reach to the present one or beyond
        for clip in part.itertuples():
            open_clips = [other for other in open_clips if other.end >= clip.start]
            for other in open_clips:
                if other.split == clip.split:
                    continue
                last = int(min(clip.end, other.end))
                problems.append(
                    Problem(
                        paths["clips"],
                        clip.row,
                        "split",
                        clip.clip,
                        f"({clip.split}) shares frames {int(clip.start)} to {last} of video "
                        f"{clip.video} with {other.clip} ({other.split}, line {other.row})",
                        "give both the same split, or cut one of them",
                    )
                )
            open_clips.append(clip)
    return problems


def check_classes(tables: dict, paths: dict) -> list[Problem]:
    """Every class has a training clip (where anything is trained)."""
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
