"""Cross-fitting over people: what is fitted on some people is judged on the others.

Clips of one person resemble each other, so clips that are left out say little: people are left out
whole. No test clip has a say: all of this happens among the validation clips.
"""

from collections.abc import Callable

import numpy as np

from microgesture.provenance.errors import BadInput

PARTS = 5


def parts_of_people(groups: np.ndarray, parts: int = PARTS) -> np.ndarray:
    """int64 (N,): the part (0, 1, ...) that the person of every clip falls into.

    groups (N,): the person of every clip (`microgesture.metrics.groups`). There are `parts` of
    them, or as many as people; whoever has most clips is dealt out first, each to the part with
    the fewest clips. No random number. Raises BadInput where there are fewer than two people.
    """
    names, places, clips = np.unique(groups, return_inverse=True, return_counts=True)
    if len(names) < 2:
        raise BadInput(
            f"fit_temperatures: weights: the validation clips are of {len(names)} person (video, "
            f"where people are unknown), and cross-fitting leaves each out in turn; give clips of "
            f"more people the split val, or write search or equal"
        )
    filled = np.zeros(min(parts, len(names)), dtype=np.int64)
    part_of = np.zeros(len(names), dtype=np.int64)
    for person in np.argsort(-clips, kind="stable"):
        part_of[person] = filled.argmin()
        filled[part_of[person]] += clips[person]
    return part_of[places]


def predicted_apart(
    logits: list[np.ndarray],
    labels: np.ndarray,
    parts: np.ndarray,
    fit: Callable[[list[np.ndarray], np.ndarray, np.ndarray], Callable],
) -> np.ndarray:
    """(N, K) float64: every clip as predicted by what was fitted without its part.

    logits: M times (N, K); labels (N,); parts (N,) as from `parts_of_people`. fit: (logits, labels,
    rows) of the clips of the other parts -> a function of M logits (n, K) to (n, K).
    """
    found = np.empty(np.shape(logits[0]), dtype=np.float64)
    for part in np.unique(parts):
        rows, held = np.flatnonzero(parts != part), parts == part
        predict = fit([values[rows] for values in logits], labels[rows], rows)
        found[held] = predict([values[held] for values in logits])
    return found


def error_of_mean(values: np.ndarray, groups: np.ndarray) -> float:
    """Standard error of the mean of `values` (N,), clips of one person taken together.

    The variance of a ratio of sums over people (linearised; Cochran 1977, 6.3), with the factor
    G / (G - 1). 0 with one person.
    """
    _, places = np.unique(groups, return_inverse=True)
    away = np.bincount(places, weights=np.asarray(values) - np.mean(values))
    people = len(away)
    if people < 2:
        return 0.0
    return float(np.sqrt(people / (people - 1) * (away**2).sum()) / len(values))
