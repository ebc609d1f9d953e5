"""A page for a person to look through the segments of a part and correct them (docs/review.md).

Output: a folder with page.html, which opens by double click, without a server or a network:
the video with skeleton and crop, a time line, accept, reject, relabel, drag, add, undo; what was
done is saved as clips.tsv, .eaf and csv. With `anonymise` copies of the videos without faces lie
beside it, else the page shows the videos where they are.

Settings: anonymise (none | blur | mask), anonymise_unknown, anonymise_margin,
anonymise_hold_seconds.
"""

from pathlib import Path

import pandas as pd

from microgesture.ensembles.logits import read_tables
from microgesture.figures.faces import Anonymise
from microgesture.provenance.jobs import job
from microgesture.review.batch import write_review
from microgesture.segments.crops import with_crops


def review(
    segments: str,
    facts: list[str],
    frame_indexes: list[str],
    skeletons: list[str],
    folder: str,
    videos: list[dict],
    labels: list[list],
    rates: dict[str, float],
    saliency: dict,
    settings: dict,
    title: str,
) -> None:
    """Write the folder. videos: rows of the videos sheet that are segmented; facts, frame_indexes,
    skeletons: of everybody in their files; labels: label, name, description, group of each class;
    saliency: settings of locate_saliency."""
    table = pd.DataFrame(videos)
    Path(folder).mkdir(parents=True, exist_ok=True)
    write_review(
        Path(folder) / "page.html",
        table,
        read_tables(facts),
        frame_indexes,
        skeletons,
        with_crops(pd.read_parquet(segments), skeletons, saliency),
        pd.DataFrame(labels, columns=["label", "name", "description", "group"]),
        title=title,
        anonymise=Anonymise.from_settings(settings),
        rates=rates,
    )


if __name__ == "__main__":
    with job(snakemake):
        review(
            str(snakemake.input.segments),
            list(snakemake.input.facts),
            list(snakemake.input.frame_indexes),
            list(snakemake.input.skeletons),
            str(snakemake.output.folder),
            videos=list(snakemake.params.videos),
            labels=list(snakemake.params.labels),
            rates=dict(snakemake.params.rates),
            saliency=dict(snakemake.params.saliency),
            settings=dict(snakemake.params.settings),
            title=snakemake.params.title,
        )
