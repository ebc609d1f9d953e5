"""The table that the scores' figures are drawn from: truth and probabilities, clip by clip."""

import numpy as np
import pandas as pd

BEFORE, AFTER = "before", "after"  # its temperature
ABOUT = ["clip", "video", "subject", "start", "end", "label"]


def rows_by_clip(clips: np.ndarray, values: np.ndarray, wanted: pd.Series) -> np.ndarray:
    """The rows of `values` (N, K) of the `wanted` clips, (W, K) float64; NaN for one without."""
    row_of = {clip: row for row, clip in enumerate(clips)}
    found = np.full((len(wanted), values.shape[1]), np.nan)
    for place, clip in enumerate(wanted):
        if clip in row_of:
            found[place] = values[row_of[clip]]
    return found


def scored_clip_table(
    clips: pd.DataFrame, probabilities: dict[tuple[str, str], np.ndarray]
) -> pd.DataFrame:
    """One row per system, stage and scored clip.

    clips: clip, video, subject, start, end, label (the truth) of the N scored clips; probabilities:
    (system, "before" | "after" its temperature) -> (N, K), NaN rows where a clip has no prediction.
    Columns: system, stage, those of `clips`, probability_0 .. probability_{K-1}.
    """
    tables = []
    for (system, stage), values in probabilities.items():
        table = pd.DataFrame({"system": system, "stage": stage, **clips[ABOUT]})
        columns = {f"probability_{k}": column for k, column in enumerate(values.T)}
        tables.append(table.assign(**columns))
    return pd.concat(tables, ignore_index=True)


def of_system(
    table: pd.DataFrame, system: str, stage: str = AFTER
) -> tuple[pd.DataFrame, np.ndarray]:
    """The predicted clips of one system and stage: (their rows, probabilities (N, K))."""
    rows = table[(table["system"] == system) & (table["stage"] == stage)]
    columns = [f"probability_{k}" for k in range(sum("probability_" in c for c in table.columns))]
    rows = rows[rows[columns].notna().all(axis=1)].reset_index(drop=True)
    return rows[ABOUT], rows[columns].to_numpy(np.float64)
