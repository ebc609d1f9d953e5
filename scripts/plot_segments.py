"""Draw the time lines of the scored videos, truth above prediction, and F1 over the confidence."""

import pandas as pd

from microgesture.ensembles.logits import read_tables
from microgesture.figures.confidence_curve import draw_confidence_curve
from microgesture.figures.video_timeline import draw_video_timelines
from microgesture.provenance.jobs import job


def plot(
    segments: str,
    truth: str,
    curve: str,
    facts: list[str],
    timelines: str,
    confidence: str,
    videos: list[str],
    rates: dict[str, float],
    labels: list[list[str]],
) -> None:
    """Write both figures."""
    known = read_tables(facts)
    known = known[known["video"].isin(videos) & (known["status"] == "ok")].sort_values("video")
    known = known.assign(fps=[rates.get(row.video, row.fps) for row in known.itertuples()])
    names = [name for name, _ in labels]
    found, true = (pd.read_csv(path, sep="\t", dtype={"video": str}) for path in (segments, truth))
    title = "Whole test videos: truth above, prediction below"
    draw_video_timelines(found, true, known, names, timelines, title)
    draw_confidence_curve(pd.read_csv(curve, sep="\t"), confidence, "Segments, IoU > .3")


if __name__ == "__main__":
    with job(snakemake):
        plot(
            str(snakemake.input.segments),
            str(snakemake.input.truth),
            str(snakemake.input.curve),
            list(snakemake.input.facts),
            str(snakemake.output.timelines),
            str(snakemake.output.confidence),
            videos=list(snakemake.params.videos),
            rates=dict(snakemake.params.rates),
            labels=list(snakemake.params.labels),
        )
