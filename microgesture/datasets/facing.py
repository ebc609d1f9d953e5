"""Turning a 3D skeleton towards the camera, once per clip.

After the pre-normalisation of 2s-AGCN (Shi et al., CVPR 2019) and CTR-GCN (Chen et al., ICCV 2021),
with two differences: the shoulders' direction is a median over the clip and not the first frame's,
so that a badly tracked frame turns nothing; and the clip turns about the vertical axis alone, so
that a person who bends forward still does.
"""

import numpy as np

from microgesture.pose.layouts import Layout

_PAIRS = ("shoulder", "hip")  # the first pair that is seen decides


def facing_rotation(points: np.ndarray, layout: Layout) -> np.ndarray:
    """The turn about the y axis after which a clip's shoulders lie along x: float64 (3, 3).

    points: (M, F, V, 4), coordinates with y vertical, and score (0 = missing). The first person who
    is seen decides, all turn together: new = points @ rotation.T. Afterwards the left shoulder has
    the smaller x and both the same z, in the median angle of the frames that have both. Where none
    has both shoulders the hips stand for them; without either the identity is returned.
    """
    persons = np.flatnonzero((points[..., -1] > 0).any(axis=(1, 2)))
    for name in _PAIRS if len(persons) else ():
        pair = [f"left_{name}", f"right_{name}"]
        if not set(pair) <= set(layout.joints):
            continue
        left, right = (points[persons[0], :, layout.joints.index(joint)] for joint in pair)
        known = (left[:, 3] > 0) & (right[:, 3] > 0)
        if not known.any():
            continue
        across = (right - left)[known, :3].astype(np.float64)
        lengths = np.hypot(across[:, 0], across[:, 2])
        if not lengths.any():
            continue
        angles = np.arctan2(across[:, 2], across[:, 0])[lengths > 0]
        # The median is taken around the mean direction, so that it does not matter where 0 lies.
        middle = np.angle(np.exp(1j * angles).mean())
        angle = middle + np.median(np.angle(np.exp(1j * (angles - middle))))
        cos, sin = np.cos(angle), np.sin(angle)
        return np.array([[cos, 0.0, sin], [0.0, 1.0, 0.0], [-sin, 0.0, cos]])
    return np.eye(3)
