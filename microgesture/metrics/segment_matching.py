"""Which predicted segment finds which true one.

Frames are 0-based and `end` belongs to a segment, so a segment has end - start + 1 of them.
Temporal intersection over union of two segments: shared frames / frames of either.

Two rules for "found", at IoU above a threshold and with equal classes:

- one_to_one: a prediction finds at most one truth and a truth is found once. Of all such pairings
  the one with most pairs, and of these the one with the largest sum of IoU (linear assignment).
- organisers: the MiGA challenge's public baseline code counts a truth as found when any prediction
  overlaps it enough, so one long prediction may find several truths. Hits are truths found.
"""

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

MATCHINGS = ("one_to_one", "organisers")


def temporal_iou(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """float64 (N, M) of segments (N, 2) and (M, 2): start, end."""
    first, second = (np.asarray(x, np.float64).reshape(-1, 2) for x in (first, second))
    start = np.maximum(first[:, None, 0], second[None, :, 0])
    end = np.minimum(first[:, None, 1], second[None, :, 1])
    shared = np.maximum(end - start + 1, 0)
    sizes = [x[:, 1] - x[:, 0] + 1 for x in (first, second)]
    return shared / (sizes[0][:, None] + sizes[1][None, :] - shared)


def match_segments(
    predicted: pd.DataFrame, truth: pd.DataFrame, threshold: float = 0.3
) -> np.ndarray:
    """int64 (N,): the row of `truth` that each row of `predicted` finds one to one, -1 = none.

    Both: video, start, end, label. IoU above `threshold`, not equal to it.
    """
    found = np.full(len(predicted), -1, np.int64)
    for rows, others, overlap in _pairs(predicted, truth):
        allowed = overlap > threshold
        # A pair is worth more than all IoUs together: most pairs first.
        worth = np.where(allowed, overlap + min(overlap.shape) + 1, 0.0)
        left, right = linear_sum_assignment(worth, maximize=True)
        kept = allowed[left, right]
        found[rows[left[kept]]] = others[right[kept]]
    return found


def truths_found(
    predicted: pd.DataFrame, truth: pd.DataFrame, threshold: float = 0.3
) -> np.ndarray:
    """bool (M,): which rows of `truth` any prediction overlaps enough (organisers' rule)."""
    found = np.zeros(len(truth), bool)
    for _, others, overlap in _pairs(predicted, truth):
        found[others] |= (overlap > threshold).any(axis=0)
    return found


def _pairs(predicted: pd.DataFrame, truth: pd.DataFrame):
    """(rows of predicted, rows of truth, IoU) of every video and class that both have."""
    ours = predicted.groupby(["video", "label"]).indices
    theirs = truth.groupby(["video", "label"]).indices
    first = predicted[["start", "end"]].to_numpy()
    second = truth[["start", "end"]].to_numpy()
    for key in sorted(set(ours) & set(theirs)):
        rows, others = ours[key], theirs[key]
        yield rows, others, temporal_iou(first[rows], second[others])
