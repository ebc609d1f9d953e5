"""Which target clips a pseudo-labelled round may learn from, and which are scored.

Targets are test and unlabelled clips of people outside training and validation
(`microgesture.pseudo.targets`).

- transductive: pseudo-labels on the very clips that are scored (their labels unseen). Scores of
  such rounds say how well the method adapts to a known target set.
- inductive: half of the target subjects adapt, the other half is scored; no scored person was ever
  seen.

A subject is halved by a hash of its id, which depends on nothing else in the tables; videos stand
in where subjects are unknown.
"""

import hashlib

import numpy as np
import pandas as pd

from microgesture.metrics.groups import groups_of
from microgesture.provenance.errors import BadInput
from microgesture.pseudo.targets import may_be_target

MODES = ("transductive", "inductive")


def adaptation_clips(clips: pd.DataFrame, mode: str) -> set[str]:
    """Ids of the target clips that pseudo-labels may be given to.

    clips: index with clip, video, subject, split, of all splits. In inductive mode the targets but
    those of the held half of the test subjects.
    """
    groups = _groups(clips)
    allowed = may_be_target(clips["split"].to_numpy(), groups)
    if _checked(mode) == "inductive":
        allowed &= ~np.isin(groups, list(held_groups(clips)))
    return set(clips["clip"][allowed])


def scored_clips(clips: pd.DataFrame, mode: str) -> set[str]:
    """Ids of the test clips that are scored: all, or in inductive mode those of the held half."""
    test = clips[clips["split"] == "test"]
    if _checked(mode) == "transductive":
        return set(test["clip"])
    return set(test["clip"][np.isin(_groups(test), list(held_groups(clips)))])


def held_groups(clips: pd.DataFrame) -> set[str]:
    """The half of the test subjects (or videos) that is only scored; the larger half if odd.

    Raises BadInput with fewer than two test subjects.
    """
    groups = set(_groups(clips[clips["split"] == "test"]))
    if len(groups) < 2:
        raise BadInput(
            f"select_pseudo_labels: mode: inductive needs at least two test subjects (or videos, "
            f"where subjects are unknown), there is {len(groups)}; write mode: transductive"
        )
    ranked = sorted(groups, key=lambda group: hashlib.sha256(group.encode()).hexdigest())
    return set(ranked[len(ranked) // 2 :])


def _groups(clips: pd.DataFrame) -> np.ndarray:
    return groups_of(clips["subject"].to_numpy(), clips["video"].to_numpy())


def _checked(mode: str) -> str:
    if mode not in MODES:
        raise BadInput(
            f"select_pseudo_labels: mode: {mode!r} is unknown; write {' or '.join(MODES)}"
        )
    return mode
