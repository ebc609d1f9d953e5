"""Which clips pre-training may see, and whether people who are scored are among them.

The one place that decides: asked by the plan (from the sheets) and by the job (from the table of
clips), so both know the same. Which label a clip has is not looked at. Clips of people who have a
clip in val (of videos, where nobody is known) are never seen: temperatures and weights are fitted
on them.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.metrics.groups import groups_of
from microgesture.provenance.errors import BadInput
from microgesture.pseudo.protocol import held_groups, scored_clips
from microgesture.tables.problems import Problem, nearest, raise_for
from microgesture.tables.reading import read_table

LABELLED, UNLABELLED, ALL = "labelled", "unlabelled", "all"
CHOICES = (LABELLED, UNLABELLED, ALL)
SPLITS = {LABELLED: ("train",), UNLABELLED: ("train", "unlabelled")}
EVERYTHING = ("train", "test", "unlabelled")


def splits_of(choice: str) -> tuple[str, ...]:
    """The splits that the chosen clips may stand in. choice: one of CHOICES or a sheet's path."""
    return SPLITS.get(choice, EVERYTHING)


def chosen_clips(clips: pd.DataFrame, choice: str, mode: str) -> np.ndarray:
    """bool (N,): the clips that pre-training sees.

    clips: clip, video, subject, split, label of all clips of a run. choice: `labelled`, the clips
    of train with a label; `unlabelled`, those and the clips without one of people who are not in
    test; `all`, those and the clips of people in test, in inductive mode only of the half that may
    be adapted to; else the path of a sheet that names the clips. mode: of select_pseudo_labels.
    Raises BadInput for a sheet that cannot be used.
    """
    splits, groups = clips["split"].to_numpy(), _groups(clips)
    allowed = np.isin(splits, splits_of(choice)) & ~_of(groups, groups[splits == "val"])
    if choice == LABELLED:
        allowed &= clips["label"].to_numpy() >= 0  # some of train may have lost theirs
    elif choice == UNLABELLED:
        allowed &= ~_of(groups, groups[splits == "test"])
    elif choice == ALL and mode == "inductive":
        allowed &= ~_of(groups, held_groups(clips))
    elif choice not in CHOICES:
        allowed &= clips["clip"].isin(read_clip_names(choice, clips)).to_numpy()
    return allowed


def scored_people(clips: pd.DataFrame, chosen: np.ndarray, mode: str) -> list[str]:
    """The people (videos, where nobody is known) who are scored and have a clip among the chosen,
    sorted: with one of them the run is transductive. mode: as for `chosen_clips`."""
    groups = _groups(clips)
    if not chosen.any() or not (clips["split"] == "test").any():
        return []
    scored = clips["clip"].isin(scored_clips(clips, mode)).to_numpy()
    return sorted(set(groups[chosen]) & set(groups[scored]))


def people_among(clips: pd.DataFrame, chosen: np.ndarray) -> list[str]:
    """All people (videos, where nobody is known) who have a clip among the chosen, sorted."""
    return sorted(set(_groups(clips)[chosen]))


def read_clip_names(path: str | Path, clips: pd.DataFrame) -> list[str]:
    """The clips that a sheet names in its column `clip`; other columns are for people.

    clips: clip and split of all clips of the run. Raises BadInput that lists every clip that is
    not among them.
    """
    if not Path(path).is_file():
        similar = nearest(str(path), CHOICES)
        meant = f"did you mean {similar!r}? else " if similar else ""
        raise BadInput(
            f"{path}: is no file and no choice; {meant}write {', '.join(CHOICES)} or a sheet's path"
        )
    table, problems = read_table(path)
    if table is not None and "clip" not in table:
        hint = "write a header with the column clip, and a clip's name in each row"
        problems.append(Problem(str(path), None, "clip", None, "is missing", hint))
    raise_for(problems, "the clips of pre-training")
    known = set(clips["clip"])
    unknown = table.loc[~table["clip"].isin(known), "clip"]
    raise_for(
        (
            Problem(str(path), line, "clip", name, *_unknown(name, known))
            for line, name in unknown.items()
        ),
        "the clips of pre-training",
    )
    return table["clip"].tolist()


def _unknown(name: str, known: set[str]) -> tuple[str, str]:
    similar = nearest(name, known) if len(known) < 10_000 else None
    meant = f"did you mean {similar!r}? else " if similar else ""
    return "is no clip", f"{meant}add it to the clips sheet, with the split 'unlabelled'"


def check_choice(clips: pd.DataFrame, choice: str, mode: str, rotates: bool = False) -> None:
    """BadInput where nothing is chosen, and where a sheet names clips of people in val (not where
    people take turns there: rotates)."""
    if choice not in CHOICES and not rotates:
        names = read_clip_names(choice, clips)
        groups = _groups(clips)
        held = _of(groups, groups[clips["split"].to_numpy() == "val"])
        wrong = clips["clip"][held & clips["clip"].isin(names).to_numpy()].tolist()
        if wrong:
            raise BadInput(
                f"{choice}: {len(wrong)} clip(s) are of people in val, such as {wrong[0]!r}, and "
                f"temperatures are fitted on these; take them out of the sheet"
            )
    if not chosen_clips(clips, choice, mode).any():
        raise BadInput(
            f"no clip may be seen with clips: {choice} (those of people in val never are); write "
            f"another choice: {', '.join(CHOICES)} or a sheet"
        )


def _groups(clips: pd.DataFrame) -> np.ndarray:
    return groups_of(clips["subject"].to_numpy(), clips["video"].to_numpy())


def _of(groups: np.ndarray, some) -> np.ndarray:
    return np.isin(groups, list(set(some)))
