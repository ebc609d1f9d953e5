"""Find the person and the whole-body keypoints in every frame of a batch's videos.

Writes results/keypoints/{batch}.h5: per video the points of the pose model's own layout (133 for a
COCO-WholeBody model) in pixels with scores, and which frames show a person. Frames go through
mmpose's model in batches; the person's box is followed from the last frames' keypoints, and where
the person is lost the whole frame is searched (microgesture/pose/tracking.py). Frames without a
person are marked, never filled in. Every frame is decoded once. Quarantined videos are left out.

`config` and `checkpoint` name any top-down model of mmpose: the shipped demo model by default, for
real footage a downloaded whole-body model. A config is Python that runs when it is read: one that
holds more than plain assignments is refused unless `trust_config` is true. `layout` names its
layout where the number of its points does not tell.
"""

import dataclasses
import logging
import time

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from microgesture.pose.estimation import estimate_points, load_estimator
from microgesture.pose.layouts import get_layout
from microgesture.pose.tracking import TrackingSettings, body_joints, track_person
from microgesture.provenance.errors import BadInput
from microgesture.provenance.jobs import job
from microgesture.stores.sequences import Sequence, write_sequences
from microgesture.videos.decoding import read_frames
from microgesture.videos.index_store import stored_index

LOGGER = logging.getLogger("microgesture.extract_keypoints")


def extract_keypoints(facts, keypoints, settings, device="cpu", threads=1, frame_indexes=None):
    """Run the pose model over the readable videos of one batch.

    facts: parquet path of the batch's videos. keypoints: sequence store to write. settings: config,
    checkpoint, batch_size, layout and trust_config (optional) and the fields of TrackingSettings.
    device: 'cpu' or 'cuda'. threads: CPU threads of the network. frame_indexes: store of the
    batch's frame indexes (results/videos/{batch}.h5); None = each video is numbered on the spot.
    """
    torch.set_num_threads(threads)
    settings = dict(settings)
    config, checkpoint = settings.pop("config"), settings.pop("checkpoint")
    layout, trust = settings.pop("layout", None), settings.pop("trust_config", False)
    estimator = load_estimator(config, checkpoint, device, layout, trust_config=trust)
    batch_size = int(settings.pop("batch_size", 32))
    fields = {field.name for field in dataclasses.fields(TrackingSettings)}
    if unknown := set(settings) - fields:
        raise BadInput(
            f"extract_keypoints: unknown setting {', '.join(sorted(unknown))}; known are config, "
            f"checkpoint, batch_size, layout, trust_config, {', '.join(sorted(fields))}"
        )
    tracking = TrackingSettings(**settings)
    body = body_joints(get_layout(estimator.layout))
    videos = pd.read_parquet(facts)
    videos = videos[videos["status"] == "ok"].sort_values("video")
    progress = tqdm(total=int(videos["frames"].sum()), unit="frame", desc="keypoints")

    def estimate(frames, boxes):
        return estimate_points(estimator, frames, boxes)

    def frames_of(video):
        numbering = stored_index(frame_indexes, video.video)
        for _, frames in read_frames(video.path, chunk=batch_size, index=numbering):
            yield frames
            progress.update(len(frames))

    def estimated():
        for video in videos.itertuples():
            began = time.perf_counter()
            batches = list(track_person(frames_of(video), estimate, body, tracking))
            points = np.concatenate([points for points, _ in batches])
            present = np.concatenate([present for _, present in batches])
            LOGGER.info(
                "%s: %d frames, %d without a person, %.0f frames/s",
                video.video,
                len(present),
                int((~present).sum()),
                len(present) / (time.perf_counter() - began),
            )
            if not present.any():
                LOGGER.warning("%s: no person was found in any frame of %s", *video[1:3])
            yield (
                video.video,
                Sequence(
                    points=points[None],
                    present=present,
                    layout=estimator.layout,
                    width=int(video.width),
                    height=int(video.height),
                    fps=float(video.fps),
                ),
            )

    with progress:
        write_sequences(keypoints, estimated())


if __name__ == "__main__":
    with job(snakemake):
        extract_keypoints(
            snakemake.input.facts,
            snakemake.output.keypoints,
            dict(snakemake.params.settings),
            device="cuda" if snakemake.resources.get("gpu", 0) else "cpu",
            threads=snakemake.threads,
            frame_indexes=snakemake.input.get("frame_indexes"),
        )
