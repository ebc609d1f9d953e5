"""Rotation over people: every labelled person is a test person once.

For small sets a single split says little. In fold f the f-th part of the people is tested, the next
part validates, all others teach; clips that the sheet calls unlabelled stay so.
"""

import numpy as np
import pandas as pd

from microgesture.metrics.groups import groups_of
from microgesture.provenance.errors import BadInput

LEAVE_ONE_OUT = "leave_one_out"


def number_of_folds(clips: pd.DataFrame, folds: int | str) -> int:
    """How many folds `protocol: folds` asks for on these clips (clip, video, subject, label).

    Raises BadInput where there are fewer people (videos, where people are unknown) than folds, or
    fewer than three: one each to teach, to validate and to test.
    """
    people = len(set(_groups(clips[clips["label"] >= 0])))
    wanted = people if folds == LEAVE_ONE_OUT else int(folds)
    if wanted < 3 or wanted > people:
        raise BadInput(
            f"protocol: folds: {folds}: the labelled clips are of {people} people (videos, where "
            f"people are unknown); write a number from 3 to {people}, or {LEAVE_ONE_OUT} with at "
            f"least three"
        )
    return wanted


def parts_of_people(clips: pd.DataFrame, folds: int | str, seed: int) -> pd.Series:
    """The part (0 to folds - 1) that each labelled clip's person falls into; -1: unlabelled.

    Parts are as alike in their classes as whole people allow (StratifiedGroupKFold); with
    leave_one_out a part is one person. The same for the same clips and seed, whatever their order.
    """
    count = number_of_folds(clips, folds)
    parts = pd.Series(-1, index=clips.index, dtype="int64")
    labelled = clips[clips["label"] >= 0].sort_values("clip")
    groups = _groups(labelled)
    if folds == LEAVE_ONE_OUT:
        _, found = np.unique(groups, return_inverse=True)
        parts[labelled.index] = found
        return parts
    from sklearn.model_selection import (
        StratifiedGroupKFold,
    )  # seconds that other plans need not wait

    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    for number, (_, held) in enumerate(splitter.split(labelled, labelled["label"], groups)):
        parts[labelled.index[held]] = number
    return parts


def fold_splits(clips: pd.DataFrame, folds: int | str, seed: int, fold: int) -> pd.Series:
    """The split of every clip in one fold: test, val, train, or unlabelled as the sheet says."""
    count = number_of_folds(clips, folds)
    parts = parts_of_people(clips, folds, seed)
    splits = pd.Series("train", index=clips.index, dtype=object)
    splits[parts == fold] = "test"
    splits[parts == (fold + 1) % count] = "val"
    splits[parts < 0] = "unlabelled"
    return splits


def _groups(clips: pd.DataFrame) -> np.ndarray:
    return groups_of(clips["subject"].to_numpy(), clips["video"].to_numpy())
