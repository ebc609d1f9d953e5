"""Decode the videos of a part once and keep the RGB crops of their clips.

A part is a batch, or with `batches: 0` one video. Every video is read in one forward pass, also
where clips overlap; frames that no clip needs are skipped without being converted. Each clip keeps
at most `frames_per_clip` frames, spread uniformly, cut along its saliency box (the frame's edge is
repeated where the box reaches out) and resized to `size` x `size` pixels. They are stored
uncompressed, because they are read in every epoch.
"""

import cv2
import pandas as pd
from tqdm import tqdm

from microgesture.provenance.errors import BadInput
from microgesture.provenance.jobs import job
from microgesture.stores.rgb import write_rgb_clips
from microgesture.videos.cropping import ClipCrop, crop_clips
from microgesture.videos.index_store import stored_index


def decode_rgb(facts, spans, videos, saliency, rgb, settings, threads=1, frame_indexes=None):
    """Write the RGB store `rgb` of the clips of some videos (a list of names) from the parquet
    tables `facts`, `spans` and `saliency`, which may hold more.

    frame_indexes: store of the batch's frame indexes (results/videos/{batch}.h5); None = each video
    is numbered on the spot.
    """
    cv2.setNumThreads(threads)
    paths = pd.read_parquet(facts).set_index("video")["path"]
    boxes = pd.read_parquet(saliency)[["clip", "x0", "y0", "x1", "y1"]]
    table = pd.read_parquet(spans, filters=[("video", "in", videos)]).drop(columns="batch")
    table = table.merge(boxes, on="clip", how="left", validate="one_to_one")
    lost = table.loc[table["x0"].isna(), "clip"].tolist()
    if lost:
        raise BadInput(f"{saliency}: has no row for clip {lost[0]!r} ({len(lost)} clips miss)")
    size, frames = settings["size"], settings["frames_per_clip"]
    write_rgb_clips(rgb, _crops(paths, table, size, frames, frame_indexes))


def _crops(paths, table, size, frames_per_clip, frame_indexes):
    with tqdm(total=len(table), unit="clip", desc="decode_rgb", mininterval=1) as bar:
        for video, rows in table.groupby("video", sort=True):
            crops = [
                ClipCrop(row.clip, row.start, row.end, (row.x0, row.y0, row.x1, row.y1))
                for row in rows.itertuples()
            ]
            numbering = stored_index(frame_indexes, video)
            for crop in crop_clips(paths[video], crops, size, frames_per_clip, numbering):
                yield crop
                bar.update()


if __name__ == "__main__":
    with job(snakemake):
        decode_rgb(
            snakemake.input.facts,
            snakemake.input.spans,
            list(snakemake.params.videos),
            snakemake.input.saliency,
            snakemake.output.rgb,
            snakemake.params.settings,
            snakemake.threads,
            snakemake.input.get("frame_indexes"),
        )
