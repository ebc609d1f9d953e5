"""Keypoints in space laid into a picture, for heatmaps where nobody kept those in pixels."""

from dataclasses import replace

import numpy as np

from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence

PIXELS_PER_METRE = 100.0  # a standing person is then as large as in a picture of 320 x 240
MIDDLE = (160.0, 120.0)  # where the sequence's mean point lands


def project_to_front(sequence: Sequence) -> Sequence:
    """The sequence as a distant camera in front of it would see it: x to the right, y down, no z.

    sequence: points (M, T, J, 4), y upwards, metres (any unit: heatmaps are drawn in the crop of
    the person). Returns points (M, T, J, 3), the mean point of the sequence in the middle; scores
    and missing points stay. No picture was there, so width and height are 0. Raises
    BadInput for points in pixels.
    """
    if sequence.points.shape[-1] != 4:
        raise BadInput("--project: the keypoints are in pixels already; leave it out")
    points, score = sequence.points[..., :2], sequence.points[..., 3:]
    seen = score[..., 0] > 0
    middle = points[seen].mean(0, dtype=np.float64) if seen.any() else np.zeros(2)
    pixels = (points - middle) * (PIXELS_PER_METRE, -PIXELS_PER_METRE) + MIDDLE
    flat = np.concatenate([pixels * seen[..., None], score], axis=-1)
    return replace(sequence, points=flat.astype(np.float32), width=0, height=0)
