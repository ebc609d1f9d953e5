"""Draw the time lines of the scored videos, truth above prediction; F1 over the confidence; and
what asking for fewer errors costs in answers, on the validation videos.
"""

import json
from pathlib import Path

import pandas as pd

from microgesture.ensembles.logits import read_tables
from microgesture.figures.confidence_curve import draw_confidence_curve, draw_coverage_curve
from microgesture.figures.video_timeline import draw_video_timelines
from microgesture.provenance.jobs import job


def plot(
    segments: str,
    truth: str,
    curve: str,
    segmenter: str,
    facts: list[str],
    timelines: str,
    confidence: str,
    coverage: str,
    videos: list[str],
    rates: dict[str, float],
    labels: list[list[str]],
    error: float,
) -> None:
    """Write the figures. error: the wished share of wrong ones among the certain segments."""
    known = read_tables(facts)
    known = known[known["video"].isin(videos) & (known["status"] == "ok")].sort_values("video")
    known = known.assign(fps=[rates.get(row.video, row.fps) for row in known.itertuples()])
    names = [name for name, _ in labels]
    found, true = (pd.read_csv(path, sep="\t", dtype={"video": str}) for path in (segments, truth))
    title = "Whole test videos: truth above, prediction below"
    draw_video_timelines(found, true, known, names, timelines, title)
    draw_confidence_curve(pd.read_csv(curve, sep="\t"), confidence, "Segments, IoU > .3")
    rows = json.loads(Path(segmenter).read_text(encoding="utf-8"))["coverage"]
    answered = pd.DataFrame(rows, columns=["coverage", "error", "error_high"])
    draw_coverage_curve(answered, coverage, "Segments of the validation people", error)


if __name__ == "__main__":
    with job(snakemake):
        plot(
            str(snakemake.input.segments),
            str(snakemake.input.truth),
            str(snakemake.input.curve),
            str(snakemake.input.segmenter),
            list(snakemake.input.facts),
            str(snakemake.output.timelines),
            str(snakemake.output.confidence),
            str(snakemake.output.coverage),
            videos=list(snakemake.params.videos),
            rates=dict(snakemake.params.rates),
            labels=list(snakemake.params.labels),
            error=snakemake.params.error,
        )
