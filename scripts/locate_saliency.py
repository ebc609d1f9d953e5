"""Find where and when each clip of a batch is worth looking at.

For every clip: the square around the person (joints with a score above `score_threshold`, over all
frames of the clip), tightened on what moves (`motion_weight`: 0 keeps the person's box, 1 takes the
one that holds the middle 90 % of the motion), never below `minimum_share` of the person's square,
padded by `padding`. And the motion energy of every frame: the mean movement of the joints into
it, in sides of the person's square. A clip without a person gets the square around the whole frame.

Writes clip, x0, y0, x1, y1 (pixels), person_frames, motion (a list, one value per frame).
"""

import logging

import pandas as pd
from tqdm import tqdm

from microgesture.provenance.files import written_whole
from microgesture.provenance.jobs import job
from microgesture.saliency.table import locate_clips
from microgesture.tables.index import spans_of_batch


def locate_saliency(skeletons, spans, batch, saliency, layout, settings):
    """Write the parquet table `saliency` of the batch's clips in the parquet table `spans`."""
    table = spans_of_batch(spans, batch)
    rows = tqdm(
        locate_clips(skeletons, table, layout, settings),
        total=len(table),
        unit="clip",
        desc="locate_saliency",
        mininterval=1,
    )
    located = pd.DataFrame(
        rows, columns=["clip", "x0", "y0", "x1", "y1", "person_frames", "motion"]
    )
    without = located.loc[located["person_frames"] == 0, "clip"].tolist()
    if without:
        logging.getLogger("microgesture").warning(
            "%d clips without a person, taken whole: %s", len(without), ", ".join(without[:20])
        )
    with written_whole(saliency) as temporary:
        located.sort_values("clip").to_parquet(temporary, index=False)


if __name__ == "__main__":
    with job(snakemake):
        locate_saliency(
            snakemake.input.skeletons,
            snakemake.input.spans,
            snakemake.wildcards.batch,
            snakemake.output.saliency,
            snakemake.params.layout,
            snakemake.params.settings,
        )
