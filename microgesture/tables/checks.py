"""The checks of the videos and of who is in them: each returns what is wrong, with its place.

`tables` and `paths` have the keys videos, clips, labels: tables of text as read, and file names.
"""

from pathlib import Path

import pandas as pd

from microgesture.tables.checks_clips import SPLITS as SPLITS
from microgesture.tables.checks_clips import check_classes as check_classes
from microgesture.tables.checks_clips import check_clips as check_clips
from microgesture.tables.checks_clips import check_labels as check_labels
from microgesture.tables.problems import Problem
from microgesture.tables.regions import HINT, parse_region
from microgesture.tables.rows import IDENTIFIER
from microgesture.tables.rows import at as _at
from microgesture.tables.rows import identifiers as _identifiers
from microgesture.tables.rows import integers as integers

SUBJECT_SPLITS = ("train", "val", "test")  # a subject stands in one of these at most
FASTEST = 100_000  # frames per second of the fastest cameras
ONE_ROW = "keep one of them, or give each row another region (two people in one picture)"
MADE_BY_WORKFLOW = "results/demo_videos/"


def subjects_of(videos: pd.DataFrame) -> pd.DataFrame:
    """video and subject; "" where nobody is known, and so it stays to the last table."""
    return videos[["video", "subject"]]


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
    fps = pd.to_numeric(table["fps"], errors="coerce")
    bad_fps = (table["fps"] != "") & ~((fps > 0) & (fps <= FASTEST))
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
    clips = clips.assign(row=clips.index)
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
