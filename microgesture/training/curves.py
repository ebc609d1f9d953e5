"""The table of a training's learning curves."""

from pathlib import Path

import pandas as pd

from microgesture.provenance.files import written_whole

COLUMNS = (
    "epoch",
    "stage",
    "learning_rate",
    "loss",
    "accuracy",
    "validation_nll",
    "validation_accuracy",
    "validation_mean_class_accuracy",
)


def write_curves(rows: list[dict[str, float]], path: str | Path) -> pd.DataFrame:
    """One line per epoch as tab-separated values; empty where nothing was measured."""
    table = pd.DataFrame(rows).reindex(columns=list(COLUMNS))
    with written_whole(path) as temporary:
        table.to_csv(temporary, sep="\t", index=False, float_format="%.6g", lineterminator="\n")
    return table
