"""The facts of a batch's videos: each is read once, its shown frames are numbered."""

import pandas as pd

from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import read_sequence
from microgesture.videos.decoding import index_frames
from microgesture.videos.frame_index import FrameIndex
from microgesture.videos.probing import VideoFacts, probe


def probe_videos(
    videos: pd.DataFrame, batch: str
) -> tuple[pd.DataFrame, list[tuple[str, FrameIndex]]]:
    """Read every video of a batch once, number its shown frames and write down its facts.

    videos: video, path, keypoints (store of imported keypoints; asked where `path` is empty).
    Returns a table (video, path, batch, fps of the file, frames, width, height, status "ok" |
    "quarantined", problem; a quarantined video has zero frames and its problem) and the frame index
    of every video that can be read.
    """
    rows, indexes = [], []
    for video in videos.itertuples():
        row = {"video": video.video, "path": video.path, "batch": batch}
        try:
            if video.path:
                index = index_frames(video.path)
                facts = probe(video.path, index)
                indexes.append((video.video, index))
            else:
                facts = _stored(video.keypoints, video.video)
        except BadInput as error:
            row |= {"fps": 0.0, "frames": 0, "width": 0, "height": 0}
            row |= {"status": "quarantined", "problem": str(error)}
        else:
            row |= {"fps": float(facts.fps), "frames": facts.frames, "width": facts.width}
            row |= {"height": facts.height, "status": "ok", "problem": ""}
        rows.append(row)
    return pd.DataFrame(rows), indexes


def _stored(store: str, video: str) -> VideoFacts:
    sequence = read_sequence(store, video)
    return VideoFacts(len(sequence.present), sequence.fps, sequence.width, sequence.height)
