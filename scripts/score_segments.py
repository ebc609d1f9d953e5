"""Hold the segments of the completely annotated test videos against the truth.

Rules: class equal and temporal IoU above .1, .3, .5, .7, counts pooled (the challenge's rule is
.3), one to one and by the organisers' own matching; frame-wise with background; edit score; errors
of onset and offset. Intervals: 95 %, over people, or videos where nobody is known.

Output: scores (one row), per_class (one to one, IoU > .3), truth (the true segments that were
scored, for plot_segments), curve (F1 over the lowest confidence that is kept).
"""

import logging

import pandas as pd

from microgesture.ensembles.logits import read_tables
from microgesture.metrics.groups import groups_of
from microgesture.metrics.segments import (
    collect_segment_sums,
    confidence_curve,
    per_class_segments,
    segment_score_table,
)
from microgesture.provenance.errors import BadInput
from microgesture.provenance.jobs import job
from microgesture.segments.windows import frame_labels
from microgesture.tables.writing import write_table

LOGGER = logging.getLogger("microgesture.metrics")


def score(
    segments: str,
    facts: list[str],
    truth: str,
    spans: str,
    outputs: dict[str, str],
    videos: list[str],
    rates: dict[str, float],
    labels: list[list[str]],
    seed: int = 0,
) -> None:
    """Write all tables. videos: the completely annotated test videos; those that could not be read
    are left out and told."""
    known = read_tables(facts)
    known = known[known["video"].isin(videos)]
    lost = sorted(known.loc[known["status"] != "ok", "video"])
    if lost:
        LOGGER.warning(
            "%d of %d test videos could not be read and are not scored: %s",
            *(len(lost), len(known), ", ".join(lost)),
        )
    known = known[known["status"] == "ok"].sort_values("video", ignore_index=True)
    if not len(known):
        raise BadInput("no completely annotated test video can be read: there is nothing to score")
    known["fps"] = [rates.get(row.video, row.fps) for row in known.itertuples()]
    labelled = pd.read_parquet(truth)
    true = labelled.merge(pd.read_parquet(spans)[["clip", "start", "end"]], on="clip")
    true = true[true["video"].isin(known["video"]) & (true["label"] >= 0)]
    true = true[["video", "start", "end", "label"]].sort_values(
        ["video", "start"], ignore_index=True
    )
    people = labelled.drop_duplicates("video").set_index("video")["subject"].fillna("")
    subjects = [people.get(video, "") for video in known["video"]]
    groups = groups_of(pd.Series(subjects).to_numpy(), known["video"].to_numpy())
    known = known.assign(group=list(groups))
    found = pd.read_csv(segments, sep="\t", dtype={"video": str})
    found = found[found["video"].isin(known["video"])].reset_index(drop=True)
    names = [name for name, _ in labels]
    frames = {
        row.video: tuple(
            frame_labels(table[table["video"] == row.video], row.frames, len(names))
            for table in (true, found)
        )
        for row in known.itertuples()
    }
    sums = collect_segment_sums(found, true, known[["video", "group", "fps"]], frames, len(names))
    table = segment_score_table({"segments": sums})
    table.insert(1, "seed", seed)
    table.insert(2, "videos", len(known))
    LOGGER.info("\n%s", table.T.to_string(header=False))
    write_table(table, outputs["scores"])
    write_table(per_class_segments(sums, names), outputs["per_class"])
    write_table(true, outputs["truth"])
    write_table(confidence_curve(found, true), outputs["curve"])


if __name__ == "__main__":
    with job(snakemake):
        score(
            str(snakemake.input.segments),
            list(snakemake.input.facts),
            str(snakemake.input.truth),
            str(snakemake.input.spans),
            dict(snakemake.output.items()),
            videos=list(snakemake.params.videos),
            rates=dict(snakemake.params.rates),
            labels=list(snakemake.params.labels),
            seed=snakemake.params.seed,
        )
