"""Pool the folds of the rotation over people: every labelled person was tested once.

Writes scores (one row per system over the test clips of all folds, as score_predictions does,
intervals over people) and folds (the same for every fold by itself: how far one split may lead
astray). A fold's test labels are seen by its own score_predictions and here, nowhere else.
"""

import logging

import pandas as pd

from microgesture.metrics.rotation import fold_table, pooled_scores
from microgesture.provenance.jobs import job
from microgesture.tables.writing import write_table

LOGGER = logging.getLogger("microgesture.metrics")


def rotation(clips: list[str], scores: list[str], pooled: str, folds: str) -> None:
    """Write both tables. clips, scores: scored_clips.parquet and scores.tsv of the folds, in
    order."""
    table = pooled_scores([pd.read_parquet(path) for path in clips])
    each = fold_table([pd.read_csv(path, sep="\t") for path in scores])
    about = each[["mode", "seed"]].iloc[0].to_dict()
    LOGGER.info("%d folds\n%s", len(clips), table.to_string(index=False))
    for path, rows in ((pooled, table.assign(folds=len(clips), **about)), (folds, each)):
        write_table(rows, path)


if __name__ == "__main__":
    with job(snakemake):
        rotation(
            list(snakemake.input.clips),
            list(snakemake.input.scores),
            snakemake.output.scores,
            snakemake.output.folds,
        )
