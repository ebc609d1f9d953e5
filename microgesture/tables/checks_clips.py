"""The checks of the clips and of their classes: each returns what is wrong, with its place.

`tables` and `paths` have the keys videos, clips, labels: tables of text as read, and file names.
"""

import pandas as pd

from microgesture.tables.problems import Problem, nearest
from microgesture.tables.rows import at, identifiers, integers, unique

SPLITS = ("train", "val", "test", "unlabelled")


def check_labels(tables: dict, paths: dict) -> list[Problem]:
    """Numbers 0..K-1 without a gap, a name for each."""
    table, path = tables["labels"], paths["labels"]
    numbers = integers(table["label"])
    problems = [
        Problem(path, row, "label", value, "is no class number", "count the classes 0, 1, 2, ...")
        for row, value in at(table, numbers.isna(), "label")
    ]
    problems += unique(table, path, "label") + unique(table, path, "name")
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
        for row, value in at(table, table["name"] == "", "name")
    ]
    return problems


def check_clips(tables: dict, paths: dict) -> list[Problem]:
    """Identifiers, known video, frames, split, known label."""
    table, path = tables["clips"], paths["clips"]
    problems = identifiers(table, path, "clip")
    videos = set(tables["videos"]["video"])
    for row, value in at(table, ~table["video"].isin(videos), "video"):
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
            for row, value in at(table, ~(numbers >= 0), column)
        ]
    problems += [
        Problem(
            path,
            row,
            "end",
            value,
            f"lies before the start {table['start'].loc[row]}",
            "end is the last frame that belongs to the clip",
        )
        for row, value in at(table, (end < start) & (start >= 0) & (end >= 0), "end")
    ]
    for row, value in at(table, ~table["split"].isin(SPLITS), "split"):
        problems.append(
            Problem(path, row, "split", value, "is no split", f"write one of {', '.join(SPLITS)}")
        )
    known = set(tables["labels"]["label"])
    unknown = (table["label"] != "") & ~table["label"].isin(known)
    for row, value in at(table, unknown, "label"):
        problems.append(
            Problem(
                path,
                row,
                "label",
                value,
                "is an unknown label",
                _label_hint(value, tables["labels"], paths["labels"]),
            )
        )
    for row, _ in at(
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
    for row, value in at(table, labelled, "label"):
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


def _label_hint(value: str, labels: pd.DataFrame, path: str) -> str:
    """What to write instead of an unknown label."""
    named = labels.loc[labels["name"] == value, "label"]
    if len(named):
        return f"that is the name of class {named.iloc[0]}: write the number"
    if value.startswith("-"):
        return "leave the cell empty where a clip has no label"
    return f"use a number from the column label of {path}, or add a row there"


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
            f"({labels['name'].loc[row]}) has no training clip",
            "take it out of the labels and number them anew, or give it clips in split train",
        )
        for row, value in at(labels, bare, "label")
    ]
