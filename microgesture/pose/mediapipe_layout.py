"""MediaPipe's points as COCO-WholeBody's 133, so that every other layout follows by the known maps.

Body: BlazePose's 33 points (left and right are the person's own); the foot index is the big toe,
and the small toe does not exist: it is missing, score 0. Hands: 21 points in the same order. Face:
the points of the 468 of the mesh that lie where the 68 of iBUG 300-W do.

Scores: a body point's is MediaPipe's visibility of that point. The hand and face models give no
score of single points, so that all points of a hand (a face) carry how sure the model is that it
looks at a hand (a face) at all, and a hand that was not found is missing, never guessed.
"""

import numpy as np

# COCO's 17: nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles (left, then right).
BODY = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
# Left big toe, small toe, heel, then right; None = MediaPipe has no such point.
FEET = (31, None, 29, 32, None, 30)
# iBUG's 68 in the mesh: jaw, brows, nose, eyes, outer and inner lip; each begins on the person's
# right.
FACE = (
    162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389,
    70, 63, 105, 66, 107, 336, 296, 334, 293, 300,
    168, 197, 5, 4, 75, 97, 2, 326, 305,
    33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,
    61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181,
    78, 82, 13, 312, 308, 317, 14, 87,
)  # fmt: skip

LAYOUT = "coco_wholebody133"
POINTS = 133
FACE_FIRST, LEFT_HAND_FIRST, RIGHT_HAND_FIRST = 23, 91, 112


def wholebody_points(
    body: np.ndarray,
    left_hand: np.ndarray | None,
    left_score: float,
    right_hand: np.ndarray | None,
    right_score: float,
    face: np.ndarray | None,
    face_score: float,
) -> np.ndarray:
    """One person's points as float32 (133, 3), x, y in pixels and score; missing = zeros.

    body: (33, 3), x, y, visibility. Hands (21, 2) and face (468, 2) in pixels, None = not found,
    each with the score of its model.
    """
    points = np.zeros((POINTS, 3), np.float32)
    points[: len(BODY)] = body[list(BODY)]
    for place, source in enumerate(FEET, start=len(BODY)):
        if source is not None:
            points[place] = body[source]
    parts = (
        (FACE_FIRST, None if face is None else face[list(FACE)], face_score),
        (LEFT_HAND_FIRST, left_hand, left_score),
        (RIGHT_HAND_FIRST, right_hand, right_score),
    )
    for first, part, score in parts:
        if part is not None:
            points[first : first + len(part), :2] = part
            points[first : first + len(part), 2] = score
    points[:, 2] = points[:, 2].clip(0, 1)
    known = np.isfinite(points).all(-1, keepdims=True) & (points[:, 2:] > 0)
    return np.where(known, points, np.float32(0))
