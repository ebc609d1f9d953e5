"""Logit tables: read them, check them, bring several onto the same clips."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.metrics.groups import groups_of
from microgesture.provenance.errors import BadInput


@dataclass(frozen=True)
class Logits:
    """The raw outputs of one network.

    clips: (N,) str, sorted by id; splits: (N,) str "val" | "test" | "unlabelled"; values: (N, K)
    float64, finite.
    """

    clips: np.ndarray
    splits: np.ndarray
    values: np.ndarray


def read_logits(path: str | Path) -> Logits:
    """Read columns clip, split, logit_0 .. logit_{K-1} of a parquet table.

    Raises BadInput for missing columns, repeated clips and values that are not finite.
    """
    table = pd.read_parquet(path)
    columns = [name for name in table.columns if name.startswith("logit_")]
    wanted = [f"logit_{label}" for label in range(len(columns))]
    if not columns or set(columns) != set(wanted) or not {"clip", "split"} <= set(table.columns):
        raise BadInput(
            f"{path}: has the columns {', '.join(map(str, table.columns[:6]))}, ...; a table of "
            f"logits needs clip, split and logit_0, logit_1, ... up to the number of classes"
        )
    table = table.sort_values("clip", ignore_index=True)
    repeated = table["clip"][table["clip"].duplicated()]
    if len(repeated):
        raise BadInput(f"{path}: clip {repeated.iloc[0]!r} stands in more than one row")
    values = table[wanted].to_numpy(dtype=np.float64)
    broken = ~np.isfinite(values).all(axis=1)
    if broken.any():
        raise BadInput(
            f"{path}: the logits of clip {table['clip'][broken].iloc[0]!r} and "
            f"{broken.sum() - 1} other(s) are not finite: the training diverged; lower its "
            f"learning rate and run it again"
        )
    return Logits(
        table["clip"].to_numpy(dtype=object), table["split"].to_numpy(dtype=object), values
    )


def read_same_clips(paths: list[str | Path]) -> list[Logits]:
    """Read several tables that must hold the same clips and classes.

    Raises BadInput that names the two files and the first clip that only one of them has.
    """
    tables = [read_logits(path) for path in paths]
    for path, table in zip(paths[1:], tables[1:]):
        if table.values.shape[1] != tables[0].values.shape[1]:
            raise BadInput(
                f"{path}: {table.values.shape[1]} classes, but {paths[0]} has "
                f"{tables[0].values.shape[1]}; both must come from the same labels sheet"
            )
        different = set(table.clips) ^ set(tables[0].clips)
        if different:
            raise BadInput(
                f"{path} and {paths[0]} hold different clips ({len(different)}, first: "
                f"{min(different)!r}); predict both on the same clips sheet"
            )
    return tables


def read_tables(paths: list[str | Path]) -> pd.DataFrame:
    """Parquet tables of several batches as one; batches without a row do not disturb the dtypes."""
    tables = [pd.read_parquet(path) for path in paths]
    filled = [table for table in tables if len(table)]
    return pd.concat(filled or tables[:1], ignore_index=True)


def validation_rows(
    logits: Logits, clips: pd.DataFrame, required: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """(row numbers (n,), labels (n,)) of the labelled validation clips.

    clips: index of clips with the columns clip, split, label. Test labels are not in that index,
    so they cannot leak in here. Raises BadInput without a single labelled validation clip, unless
    they are not `required`.
    """
    validation = clips[(clips["split"] == "val") & (clips["label"] >= 0)]
    label_of = dict(zip(validation["clip"], validation["label"]))
    rows = np.array([row for row, clip in enumerate(logits.clips) if clip in label_of], dtype=int)
    if required and not len(rows):
        raise BadInput(
            "no labelled validation clip among the predictions: calibration needs some; give at "
            "least one subject the split 'val' in the clips sheet, or write fit_temperatures: "
            "{calibrate: false, weights: equal}"
        )
    return rows, np.array([label_of[clip] for clip in logits.clips[rows]], dtype=np.int64)


def validation_groups(logits: Logits, clips: pd.DataFrame, rows: np.ndarray) -> np.ndarray:
    """(n,) the person of each of these rows, or its video where nobody is known.

    clips: index of clips with the columns clip, video, subject; rows: from `validation_rows`.
    """
    of_clip = clips.drop_duplicates("clip").set_index("clip").loc[logits.clips[rows]]
    return groups_of(of_clip["subject"].to_numpy(), of_clip["video"].to_numpy())


def training_counts(clips: pd.DataFrame, num_classes: int) -> np.ndarray:
    """int64 (num_classes,): labelled training clips of every class of an index of clips."""
    learned = clips.loc[(clips["split"] == "train") & (clips["label"] >= 0), "label"]
    return np.bincount(learned.to_numpy(np.int64), minlength=num_classes)
