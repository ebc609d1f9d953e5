"""Keypoints of a seated person in motion, made up from proportions: input of the benchmarks."""

import numpy as np

from microgesture.pose.layouts import get_layout

# Where a seated person's joints are in a crop from the thighs up, x and y in 0 .. 1.
_BODY = {
    "nose": (0.5, 0.2), "left_eye": (0.53, 0.17), "right_eye": (0.47, 0.17),
    "left_ear": (0.56, 0.19), "right_ear": (0.44, 0.19), "left_shoulder": (0.65, 0.38),
    "right_shoulder": (0.35, 0.38), "left_elbow": (0.72, 0.6), "right_elbow": (0.28, 0.6),
    "left_wrist": (0.6, 0.75), "right_wrist": (0.4, 0.75), "left_hip": (0.6, 0.85),
    "right_hip": (0.4, 0.85), "left_knee": (0.68, 0.97), "right_knee": (0.32, 0.97),
    "head_top": (0.5, 0.08), "neck": (0.5, 0.35), "middle_hip": (0.5, 0.85),
}  # fmt: skip


def seated_person(frames, generator, layout="h68"):
    """Crop-unit keypoints float32 (1, T, V, 3) of a person who moves a little.

    Hands are about a tenth of the crop wide, as large as in a crop of the upper body. Feet are out
    of the picture: score 0.
    """
    layout = get_layout(layout)
    place = np.zeros((layout.num_joints, 2))
    score = np.zeros(layout.num_joints)
    hands = {"left": np.array([0.6, 0.77]), "right": np.array([0.4, 0.77])}
    for joint, name in enumerate(layout.joints):
        if name in _BODY:
            place[joint], score[joint] = _BODY[name], 0.9
        elif any(part in name for part in ("hand", "finger", "thumb")):
            side = "left" if name.startswith("left") else "right"
            place[joint] = hands[side] + generator.uniform(-0.05, 0.05, 2)
            score[joint] = 0.7
    sway = np.cumsum(generator.normal(0, 0.003, (frames, 1, 2)), axis=0)
    own = np.cumsum(generator.normal(0, 0.002, (frames, layout.num_joints, 2)), axis=0)
    points = np.zeros((1, frames, layout.num_joints, 3), dtype=np.float32)
    points[0, ..., :2] = place + sway + own
    points[0, ..., 2] = score * generator.uniform(0.8, 1.0, (frames, layout.num_joints))
    points[points[..., 2] == 0] = 0
    return points
