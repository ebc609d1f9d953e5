"""Draw how many clips each class has in the training and validation splits: the long tail.

Reads the index, in which the labels of the test clips are hidden: test and unlabelled clips appear
as a number in the title only.
"""

from microgesture.ensembles.logits import read_tables
from microgesture.figures.distribution import draw_distribution
from microgesture.provenance.jobs import job


def plot(clips: list[str], figure: str, labels: list[list[str]]) -> None:
    """Write the figure; `labels`: name and group of each class."""
    draw_distribution(read_tables(clips), [name for name, _ in labels], figure)


if __name__ == "__main__":
    with job(snakemake):
        plot(
            [str(snakemake.input.clips)],
            snakemake.output.figure,
            labels=list(snakemake.params.labels),
        )
