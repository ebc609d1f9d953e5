"""Soft vote: the weighted mean of the members' calibrated probabilities."""

import numpy as np
import pandas as pd

GUESSES = 5


def soft_vote(probabilities: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """p = sum_m w_m p_m: (M, N, K), (M,) -> (N, K) float64, rows adding up to 1.

    Raises ValueError for weights off the simplex.
    """
    weights = np.asarray(weights, dtype=np.float64)
    if (weights < 0).any() or not np.isclose(weights.sum(), 1.0, atol=1e-9):
        raise ValueError(f"weights must be >= 0 and add up to 1, got {weights.tolist()}")
    mixed = np.tensordot(weights, np.asarray(probabilities, dtype=np.float64), axes=(0, 0))
    return mixed / mixed.sum(axis=1, keepdims=True)


def probability_table(clips: np.ndarray, splits: np.ndarray, values: np.ndarray) -> pd.DataFrame:
    """clip, split, probability_0 .. probability_{K-1}."""
    columns = {f"probability_{label}": values[:, label] for label in range(values.shape[1])}
    return pd.DataFrame({"clip": clips, "split": splits, **columns})


def prediction_table(
    probabilities: pd.DataFrame,
    clips: pd.DataFrame,
    names: list[str],
    lost: list[str] | tuple[str, ...] = (),
    stand_in: int = 0,
) -> pd.DataFrame:
    """What a person reads: one row per clip, in the order of video and time.

    probabilities: as from `probability_table`; clips: clip, video, subject, start, end of all clips
    (start and end missing where the video could not be read); names: class names by label; lost:
    test clips without a prediction, for which the submission holds the class `stand_in`.
    Columns: clip, video, subject, start, end, split, label, name, confidence (of the first guess),
    name_2, confidence_2 .. for up to five guesses, remark (empty but for the lost clips, whose
    confidence is missing).
    """
    values = probabilities[[f"probability_{k}" for k in range(len(names))]].to_numpy()
    ranked = np.argsort(-values, axis=1, kind="stable")[:, :GUESSES]
    table = probabilities[["clip", "split"]].copy()
    for place in range(ranked.shape[1]):
        suffix = "" if place == 0 else f"_{place + 1}"
        if place == 0:
            table["label"] = ranked[:, 0]
        table[f"name{suffix}"] = [names[label] for label in ranked[:, place]]
        table[f"confidence{suffix}"] = values[np.arange(len(values)), ranked[:, place]].round(6)
    table["remark"] = ""
    if len(lost):
        remark = "no prediction; the submission holds the commonest training class"
        rows = {"clip": list(lost), "split": "test", "label": stand_in, "name": names[stand_in]}
        table = pd.concat([table, pd.DataFrame({**rows, "remark": remark})], ignore_index=True)
    where = clips[["clip", "video", "subject", "start", "end"]].drop_duplicates("clip")
    where = where.astype({"start": "Int64", "end": "Int64"})
    table = where.merge(table, on="clip", how="right", validate="one_to_one")
    return table.sort_values(["video", "start", "end", "clip"], ignore_index=True)
