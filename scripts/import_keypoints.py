"""Take over keypoints that an importer wrote, in place of the pose stage.

Where `videos.tsv` has the column `keypoints`, it names the sequence store that holds a video's
keypoints. The videos of a batch are copied into the batch's own store, after a look at each: the
layout is known, the points have its joints, everything is finite, scores lie in 0 to 1, what is
missing (score 0) is zero, coordinates are plausible (microgesture/pose/plausibility.py), and where
there is a video they have its frames and its picture's size. People who change rows are put back.
"""

import logging
from dataclasses import replace

import numpy as np
import pandas as pd

from microgesture.importers.examination import examined, fitted
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.provenance.jobs import job
from microgesture.stores.sequences import Sequence, read_sequence, write_sequences

LOGGER = logging.getLogger("microgesture.import_keypoints")


def import_keypoints(videos: list[list[str]], keypoints: str, facts: str | None = None) -> None:
    """Copy keypoints into the store `keypoints`.

    videos: (video, path of the store that holds it) in the order of the new store. facts: parquet
    table of what was probed of the batch's videos (video, path, frames, width, height, status);
    without it nothing is held against videos. Raises BadInput that names video and store for a
    video that is not there and keypoints that are not usable.
    """
    probed = {}
    if facts is not None:
        table = pd.read_parquet(facts)
        readable = table[(table["status"] == "ok") & (table["path"] != "")]
        probed = {row.video: row for row in readable.itertuples()}

    def sequences():
        for video, store in videos:
            sequence = checked(read_sequence(store, video), video, store)
            if video in probed:
                sequence = beside(sequence, probed[video], f"{store}: video {video!r}")
            yield video, sequence

    stores = sorted({store for _, store in videos})
    # Which order is meant is the importer's question: here a doubt is told and no more.
    write_sequences(keypoints, examined(sequences(), ", ".join(stores[:3]), keep_order=True))
    LOGGER.info("%d videos from %d stores", len(videos), len({store for _, store in videos}))


def beside(sequence: Sequence, video, place: str) -> Sequence:
    """The sequence with the frames of its video (`fitted`). Raises BadInput where keypoints in
    pixels were made from pictures of another size.

    video: a row of what was probed (frames, width, height, path).
    """
    flat = sequence.points.shape[-1] == 3
    given, found = (sequence.width, sequence.height), (int(video.width), int(video.height))
    if flat and given != found and given != (0, 0):
        exchanged = " (width and height are exchanged)" if given == found[::-1] else ""
        raise BadInput(
            f"{place}: its keypoints were made from pictures of {given[0]}x{given[1]}, those of "
            f"{video.path} have {found[0]}x{found[1]}{exchanged}; write keypoints in pixels of the "
            "video"
        )
    if flat:
        sequence = replace(sequence, width=found[0], height=found[1])
    return fitted(sequence, int(video.frames), f"{place} ({video.path})")


def checked(sequence: Sequence, video: str, store: str) -> Sequence:
    """The sequence with zeros where the score is 0. Raises BadInput, see `import_keypoints`."""
    points, place = sequence.points, f"{store}: video {video!r}"
    try:
        layout = get_layout(sequence.layout)
    except BadInput as error:
        raise BadInput(f"{place}: {error}") from None
    if points.shape[2] != layout.num_joints:
        raise BadInput(
            f"{place}: has {points.shape[2]} joints, the layout {layout.name} that it names has "
            f"{layout.num_joints}; write the layout's name that belongs to the points"
        )
    if not points.shape[0] or not points.shape[1]:
        raise BadInput(
            f"{place}: holds no {'frame' if points.shape[0] else 'person'} (shape {points.shape}); "
            "take it out of the sheets, or write zeros for a person who is not seen"
        )
    finite = np.isfinite(points).all(axis=(0, 2, 3))
    if not finite.all():
        frame = int(np.flatnonzero(~finite)[0])
        raise BadInput(
            f"{place}: {int((~finite).sum())} frames hold NaN or infinite values, the first is "
            f"frame {frame}; write zeros (score 0) for missing points"
        )
    low, high = float(points[..., -1].min()), float(points[..., -1].max())
    if low < 0 or high > 1:
        raise BadInput(
            f"{place}: scores lie between {low:g} and {high:g}; write 0 (missing) to 1 (certain)"
        )
    if not (sequence.fps > 0):
        raise BadInput(f"{place}: fps is {sequence.fps}; write frames per second, such as 30")
    seen = points[..., -1:] > 0
    if not seen.any():
        LOGGER.warning("%s: nobody is seen in any frame", place)
    return Sequence(
        np.where(seen, points, np.float32(0)),
        sequence.present & seen[..., 0].any(axis=(0, 2)),
        sequence.layout,
        sequence.width,
        sequence.height,
        sequence.fps,
    )


if __name__ == "__main__":
    with job(snakemake):
        import_keypoints(
            snakemake.params.videos, snakemake.output.keypoints, snakemake.input.get("facts")
        )
