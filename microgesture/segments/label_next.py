"""What to annotate next: where an hour of work teaches the recogniser most.

Stretches of a length that a person watches in one go are ranked by how unsure the recogniser is,
and taken one at a time so that they spread: each that is taken makes others of its video and of its
predicted class less wanted, and a class with few labelled clips is wanted more.
"""

import numpy as np
import pandas as pd

COLUMNS = ("rank", "video", "start", "end", "label", "second", "uncertainty", "priority")


def frame_uncertainty(probabilities: np.ndarray) -> np.ndarray:
    """float64 (T,): entropy of the classes (T, C) over that of a guess, 0 sure to 1 no idea."""
    p = np.clip(np.asarray(probabilities, np.float64), 1e-12, 1)
    return -(p * np.log(p)).sum(axis=1) / np.log(p.shape[1])


def candidate_stretches(
    probabilities: dict[str, np.ndarray],
    present: dict[str, np.ndarray],
    *,
    frames: dict[str, int],
    least_present: float = 0.5,
) -> pd.DataFrame:
    """video, start, end, label, second, uncertainty of neighbouring stretches of every video.

    probabilities: video -> (T, K + 1), background last; present: video -> bool (T,); frames: length
    of a stretch in each video. label: the gesture with the highest mean, second: the next most
    probable of all classes but it, background included; uncertainty: mean of the more unsure half
    of the frames with a person. Stretches with a person in fewer than `least_present` of their
    frames are left out: nobody can annotate them.
    """
    rows = []
    for video in sorted(probabilities):
        values, seen = np.asarray(probabilities[video]), np.asarray(present[video], bool)
        unsure = frame_uncertainty(values)
        for start in range(0, len(values), frames[video]):
            end = min(start + frames[video], len(values)) - 1
            inside = seen[start : end + 1]
            if inside.mean() < least_present or not inside.any():
                continue
            sorted_unsure = np.sort(unsure[start : end + 1][inside])
            mean = values[start : end + 1][inside].mean(axis=0)
            label = int(mean[:-1].argmax())
            rest = mean.copy()
            rest[label] = -1
            value = float(sorted_unsure[len(sorted_unsure) // 2 :].mean())
            rows.append((video, start, end, label, int(rest.argmax()), value))
    return pd.DataFrame(rows, columns=["video", "start", "end", "label", "second", "uncertainty"])


def label_next(
    stretches: pd.DataFrame,
    class_counts: np.ndarray,
    *,
    number: int = 50,
    done: pd.DataFrame | None = None,
    fading: float = 0.7,
) -> pd.DataFrame:
    """rank (from 1), video, start, end, label, second, uncertainty, priority; the first is the most
    wanted.

    stretches: from `candidate_stretches`; class_counts (K,): labelled clips so far; done: video,
    start, end of what is annotated already: stretches that touch it are left out. priority =
    uncertainty x rarity x fading ^ (taken of its video + taken of its label), rarity = the square
    root of (the commonest class's clips + 1) / (its own + 1), scaled to at most 1. Of equals the
    earlier row is taken.
    """
    table = stretches.reset_index(drop=True)
    if done is not None and len(done):
        touched = np.zeros(len(table), bool)
        for row in done.itertuples():
            touched |= (
                (table["video"] == row.video)
                & (table["start"] <= row.end)
                & (table["end"] >= row.start)
            ).to_numpy()
        table = table[~touched].reset_index(drop=True)
    counts = np.asarray(class_counts, np.float64)
    rarity = np.sqrt((counts.max() + 1) / (counts + 1))
    rarity /= rarity.max()
    base = table["uncertainty"].to_numpy() * rarity[table["label"].to_numpy(np.int64)]
    videos, labels = table["video"].to_numpy(), table["label"].to_numpy()
    faded, free, taken = np.ones(len(table)), np.ones(len(table), bool), []
    for rank in range(min(number, len(table))):
        worth = np.where(free, base * faded, -1.0)
        best = int(worth.argmax())
        taken.append((rank + 1, *table.iloc[best].to_list(), float(worth[best])))
        free[best] = False
        faded[videos == videos[best]] *= fading
        faded[labels == labels[best]] *= fading
    return pd.DataFrame(taken, columns=list(COLUMNS))
