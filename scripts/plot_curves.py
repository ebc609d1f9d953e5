"""Draw the learning curves of one network from the table that its training wrote."""

import pandas as pd

from microgesture.figures.curves import draw_curves
from microgesture.provenance.jobs import job


def plot(curves: str, figure: str, title: str) -> None:
    """Write the figure. curves: a line per epoch (see training)."""
    draw_curves(pd.read_csv(curves, sep="\t"), figure, title)


def title_of(modality: str, number: str) -> str:
    """Such as "joint, round 0" or "joint, pre-training"."""
    return f"{modality}, pre-training" if number == "pretrained" else f"{modality}, round {number}"


if __name__ == "__main__":
    with job(snakemake):
        plot(
            str(snakemake.input.curves),
            snakemake.output.figure,
            title_of(snakemake.wildcards.modality, snakemake.wildcards.round),
        )
