"""Draw the joint and limb heatmaps of a batch's clips into a file that other tools can read.

An export, not needed for training, which expands heatmaps from coordinates: `frames` frames at the
centres of equal segments of each clip, `size` x `size` pixels of its saliency crop, blobs and
lines of width `sigma` (pixels) as in PoseConv3D, uint8 (v stands for v / 255), zstd, one HDF5 file
per batch. `kinds`: joint, limb or both.
"""

import pandas as pd
from tqdm import tqdm

from microgesture.heatmaps.volumes import render_clips, write_heatmaps
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.provenance.jobs import job
from microgesture.tables.index import spans_of_batch


def render_heatmaps(skeletons, saliency, spans, batch, heatmaps, layout, settings):
    """Write the store `heatmaps` of the batch's clips in the tables `spans` and `saliency`."""
    boxes = pd.read_parquet(saliency)[["clip", "x0", "y0", "x1", "y1"]]
    table = spans_of_batch(spans, batch).merge(boxes, on="clip", how="left", validate="one_to_one")
    lost = table.loc[table["x0"].isna(), "clip"].tolist()
    if lost:
        raise BadInput(f"{saliency}: has no row for clip {lost[0]!r} ({len(lost)} clips miss)")
    layout = get_layout(layout)
    rendered = tqdm(
        render_clips(skeletons, table, layout, settings),
        total=len(table),
        unit="clip",
        desc="render_heatmaps",
        mininterval=1,
    )
    write_heatmaps(heatmaps, rendered, layout, settings)


if __name__ == "__main__":
    with job(snakemake):
        render_heatmaps(
            snakemake.input.skeletons,
            snakemake.input.saliency,
            snakemake.input.spans,
            snakemake.wildcards.batch,
            snakemake.output.heatmaps,
            snakemake.params.layout,
            snakemake.params.settings,
        )
