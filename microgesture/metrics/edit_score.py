"""Segmental edit score: is the order of what happens right, whenever it happens?

Levenshtein distance of the two sequences of classes, background left out, as a share of the longer
one: 1 - distance / max(length) (Lea et al., "Segmental Spatiotemporal CNNs", ECCV 2016), in 0..1.
"""

import numpy as np


def edit_distance(first: np.ndarray, second: np.ndarray) -> int:
    """Fewest insertions, deletions and changes that turn one sequence of numbers into the other."""
    first, second = np.asarray(first), np.asarray(second)
    steps = np.arange(len(second) + 1)
    row = steps.copy()
    for number, item in enumerate(first):
        best = np.concatenate([[number + 1], np.minimum(row[1:] + 1, row[:-1] + (second != item))])
        # An insertion continues the row: min over j' <= j of best[j'] + (j - j').
        row = np.minimum.accumulate(best - steps) + steps
    return int(row[-1])


def edit_score(predicted: np.ndarray, truth: np.ndarray) -> float:
    """1 for the same order, 0 where nothing agrees; 1 where both are empty."""
    longer = max(len(predicted), len(truth))
    return 1.0 if not longer else 1.0 - edit_distance(predicted, truth) / longer
