"""Find the person and the whole-body keypoints in every frame of a part's videos.

A part is a batch, or with `batches: 0` one video. Writes results/keypoints/{part}.h5: per video the
points of the estimator's own layout (133 for mediapipe and for COCO-WholeBody models of mmpose) in
pixels with scores, which frames show a person, and who was followed (`tracks`): how many people
were seen, why this one, and where the track jumps to somewhere else. Frames without a person are
marked, never filled in. Every frame is decoded once. Quarantined videos are left out. An
interrupted job goes on after its last finished videos and gives the same bytes; a video that cannot
be read costs the others nothing.

`estimator: mediapipe` knows real people and needs no download. `estimator: mmpose` takes any
top-down model: the shipped demo model by default, one of mmpose's own index by `model`, or any by
`config` and `checkpoint`. Where a row of the video table has a region, only this part of the
picture is looked at; points are in pixels of the whole picture all the same.
An mmpose config is Python that runs when it is read: one that holds more than plain assignments is
refused unless `trust_config` is true.
"""

import logging
import time

import pandas as pd
from tqdm import tqdm

from microgesture.pose.estimators import estimate_video, open_estimator
from microgesture.pose.regions import cut_region, move_into_picture
from microgesture.provenance.jobs import job
from microgesture.provenance.state import batch_state_folder
from microgesture.provenance.termination import leave_if_told
from microgesture.stores.pieces import write_pieces
from microgesture.stores.sequences import KIND, Sequence, put_sequence
from microgesture.tables.regions import parse_region
from microgesture.videos.decoding import read_frames
from microgesture.videos.index_store import stored_index

LOGGER = logging.getLogger("microgesture.extract_keypoints")
REASONS = {
    "alone": "the only one then",
    "largest": "the largest",
    "continuity": "the same as before",
}


def extract_keypoints(
    facts,
    keypoints,
    settings,
    regions=None,
    device="cpu",
    threads=1,
    frame_indexes=None,
    part=None,
    made_from=None,
    state=None,
):
    """Run the estimator over the readable videos of one part.

    facts: parquet path of the batch's videos. keypoints: sequence store to write. settings: what
    the estimator reads (`chosen_settings` of microgesture/configuration/estimators.py). regions:
    video -> region as written in the video table ('' = the whole picture). device: 'cpu' or 'cuda'.
    threads: CPU threads of the networks. frame_indexes: store of the batch's frame indexes
    (results/videos/{batch}.h5); None = each video is numbered on the spot. part: names of the
    part's videos; None = all of `facts`. made_from: video -> signature of all that its keypoints
    are made from; state: folder of an interrupted job (see `write_pieces`).
    """
    regions, made_from = regions or {}, made_from or {}
    estimator = open_estimator(settings, device, threads)
    videos = pd.read_parquet(facts)
    if part is not None:
        videos = videos[videos["video"].isin(part)]
    videos = videos[videos["status"] == "ok"].sort_values("video")
    videos = videos.set_index("video", drop=False)
    progress = tqdm(total=int(videos["frames"].sum()), unit="frame", desc="keypoints")

    def frames_of(video):
        numbering = stored_index(frame_indexes, video.video)
        for _, frames in read_frames(video.path, chunk=estimator.batch_size, index=numbering):
            leave_if_told()
            yield frames
            progress.update(len(frames))

    def estimate(group, name):
        video = videos.loc[name]
        began = time.perf_counter()
        region = parse_region(regions.get(name, ""))
        frames = cut_region(frames_of(video), region)
        points, present, tracks = estimate_video(estimator, frames, float(video.fps))
        seconds = time.perf_counter() - began
        tell(name, video.path, present, tracks, len(present) / seconds)
        size = int(video.width), int(video.height)
        put_sequence(
            group,
            name,
            Sequence(
                points=move_into_picture(points, region, *size)[None],
                present=present,
                layout=estimator.layout,
                width=size[0],
                height=size[1],
                fps=float(video.fps),
                tracks=tracks,
            ),
        )

    with progress:
        wanted = {name: made_from.get(name, "") for name in videos["video"]}
        write_pieces(keypoints, KIND, wanted, estimate, state)


def tell(video, path, present, tracks, speed):
    """Log what was found in a video, and what a person should look at."""
    empty = int((~present).sum())
    LOGGER.info(
        "%s: %d frames, %d without a person, %.0f frames/s", video, len(present), empty, speed
    )
    if not present.any():
        LOGGER.warning("%s: no person was found in any frame of %s", video, path)
    crowded = [track for track in tracks if track.people > 1]
    if crowded:
        first = crowded[0]
        LOGGER.warning(
            "%s: up to %d people are seen; the one followed from frame %d on was chosen as %s "
            "(%.2f of the picture's height, score %.2f). If it is the wrong one, write a region "
            "into the video table",
            *(video, max(track.people for track in crowded), first.start),
            REASONS.get(first.reason, first.reason),
            *(first.size, first.score),
        )
    for track in tracks:
        if track.jump:
            LOGGER.warning(
                "%s: at frame %d the person followed is suddenly elsewhere, perhaps another person",
                *(video, track.start),
            )


if __name__ == "__main__":
    with job(snakemake):
        extract_keypoints(
            snakemake.input.facts,
            snakemake.output.keypoints,
            dict(snakemake.params.settings),
            regions=dict(snakemake.params.regions),
            device="cuda" if snakemake.resources.get("gpu", 0) else "cpu",
            threads=snakemake.threads,
            frame_indexes=snakemake.input.get("frame_indexes"),
            part=[video for video, _ in snakemake.params.regions],
            made_from=dict(snakemake.params.pieces),
            state=batch_state_folder("extract_keypoints", snakemake.wildcards.part),
        )
