"""Decode the videos of a part once and keep the RGB crops of their clips.

A part is a batch, or with `batches: 0` one video. Every video is read in one forward pass, also
where clips overlap; frames that no clip needs are skipped without being converted. Each clip keeps
at most `frames_per_clip` frames, spread uniformly, cut along its saliency box (the frame's edge is
repeated where the box reaches out) and resized to `size` x `size` pixels. They are stored
uncompressed, because they are read in every epoch, or as JPEG where that takes too much room. With
`magnification` every frame of a clip is decoded, and those that are kept show its motion magnified
within a band of frequencies (microgesture/videos/magnification.py). An
interrupted job goes on after its last finished videos and gives the same bytes.
"""

import cv2
import pandas as pd
from tqdm import tqdm

from microgesture.provenance.errors import BadInput
from microgesture.provenance.jobs import job
from microgesture.provenance.state import batch_state_folder
from microgesture.provenance.termination import leave_if_told
from microgesture.stores.pieces import write_pieces
from microgesture.stores.rgb import KIND, put_rgb_clip
from microgesture.videos.cropping import ClipCrop, crop_clips
from microgesture.videos.index_store import stored_index
from microgesture.videos.magnification_settings import asked_magnification


def decode_rgb(
    facts,
    spans,
    videos,
    saliency,
    rgb,
    settings,
    threads=1,
    frame_indexes=None,
    made_from=None,
    state=None,
    rates=None,
):
    """Write the RGB store `rgb` of the clips of some videos (a list of names) from the parquet
    tables `facts`, `spans` and `saliency`, which may hold more.

    frame_indexes: store of the batch's frame indexes (results/videos/{batch}.h5); None = each video
    is numbered on the spot. made_from: video -> signature of all that its crops are made from;
    state: folder of an interrupted job (see `write_pieces`). rates: frames per second of the videos
    whose sheet knows better than their file; only read where motion is magnified.
    """
    cv2.setNumThreads(threads)
    made_from = made_from or {}
    known = pd.read_parquet(facts).set_index("video")
    paths = known["path"]
    magnification, rates = asked_magnification(settings), rates or {}
    boxes = pd.read_parquet(saliency)[["clip", "x0", "y0", "x1", "y1"]]
    table = pd.read_parquet(spans, filters=[("video", "in", videos)]).drop(columns="batch")
    table = table.merge(boxes, on="clip", how="left", validate="one_to_one")
    lost = table.loc[table["x0"].isna(), "clip"].tolist()
    if lost:
        raise BadInput(f"{saliency}: has no row for clip {lost[0]!r} ({len(lost)} clips miss)")
    size, frames = settings["size"], settings["frames_per_clip"]
    quality = settings.get("quality", 90) if settings.get("encoding") == "jpeg" else 0
    clips = dict(iter(table.groupby("video", sort=True)))

    def crop(group, video):
        crops = [
            ClipCrop(row.clip, row.start, row.end, (row.x0, row.y0, row.x1, row.y1))
            for row in clips[video].itertuples()
        ]
        numbering, more = stored_index(frame_indexes, video), ()
        if magnification:
            more = (magnification, rates.get(video, known.at[video, "fps"]))
        for clip, pictures, places in crop_clips(
            paths[video], crops, size, frames, numbering, *more
        ):
            leave_if_told()
            put_rgb_clip(group, clip, pictures, places, quality)
            progress.update()

    with tqdm(total=len(table), unit="clip", desc="decode_rgb", mininterval=1) as progress:
        write_pieces(rgb, KIND, {v: made_from.get(v, "") for v in clips}, crop, state)


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
            made_from=dict(snakemake.params.pieces),
            state=batch_state_folder(
                "decode_rgb", snakemake.wildcards.run, snakemake.wildcards.part
            ),
            rates=dict(snakemake.params.rates),
        )
