"""The body's plan: keypoint numbers, face and hand templates, projection, inverse kinematics.

Axes: x to the image's right, y down, z to the camera; world units (see `drawing`). One unit is
about 4.4 mm of a person. "Own-side" vectors (u, y, z) point outward from the body's midline for
positive u, so one description serves both arms; index 0 is the person's right arm (at the image's
left), index 1 the left.
"""

import numpy as np

SIDE_SIGN = np.array([-1.0, 1.0])
SIDES = ("right", "left")

NUM_KEYPOINTS = 133  # COCO-WholeBody
NOSE, LEFT_EYE, RIGHT_EYE, LEFT_EAR, RIGHT_EAR = range(5)
SHOULDERS, ELBOWS, WRISTS, HIPS = (6, 5), (8, 7), (10, 9), (12, 11)  # (right, left)
FACE = slice(23, 91)
HANDS = (slice(112, 133), slice(91, 112))  # (right, left)

FOCAL = 900.0  # distance of the camera's centre from the person, world units
CENTRE = np.array([160.0, 120.0])

HEAD_HALF_HEIGHT = 26.0
_CONTOUR = [
    (-17.4, -1, -4), (-17.3, 3.2, -3), (-16.9, 7.4, -2), (-16.0, 11.5, 0), (-14.2, 15.4, 2),
    (-11.7, 18.9, 4), (-8.4, 22.0, 6), (-4.5, 24.6, 8), (0, 25.6, 9),
]  # fmt: skip
_BROW = [(-13.8, -6.2, 9), (-11.8, -8.2, 12), (-8.9, -8.8, 14), (-6, -8.2, 15), (-3.4, -7.3, 15)]
_EYE = [(-11.3, -1.0, 11), (-9.0, -2.7, 13), (-6.4, -2.6, 13.5), (-4.0, -0.6, 12.5),
        (-6.3, 0.5, 13), (-8.9, 0.5, 12.5)]  # fmt: skip
_LIPS = [
    (-6.6, 16.4, 13), (-4.2, 15.4, 15), (-1.6, 14.7, 16), (0, 15.1, 16.3), (1.6, 14.7, 16),
    (4.2, 15.4, 15), (6.6, 16.4, 13), (4.4, 18.9, 15), (2.0, 20.0, 15.5), (0, 20.2, 15.6),
    (-2.0, 20.0, 15.5), (-4.4, 18.9, 15), (-5.6, 16.5, 13.5), (-1.9, 16.7, 15.5), (0, 16.8, 15.7),
    (1.9, 16.7, 15.5), (5.6, 16.5, 13.5), (1.9, 17.1, 15.5), (0, 17.2, 15.7), (-1.9, 17.1, 15.5),
]  # fmt: skip
_CRANIUM = [(-17.7, -5.5, -5), (-17.2, -11.5, -5), (-14.8, -18, -4), (-10.6, -22.8, -3),
            (-5.4, -25.4, -2), (0, -26.2, -2)]  # fmt: skip


def _mirrored(points: list, reverse: bool = True) -> list:
    """The same points on the image's right half, by default in reverse order."""
    flipped = [(-x, y, z) for x, y, z in points]
    return flipped[::-1] if reverse else flipped


def _face_template() -> np.ndarray:
    nose = [(0, -2.2, 15.5), (0, 1.6, 17.5), (0, 5.2, 19.5), (0, 8.4, 21)]
    nostrils = [(-3.9, 10.3, 15), (-2.0, 11.0, 16.8), (0, 11.5, 17.5), (2.0, 11.0, 16.8),
                (3.9, 10.3, 15)]  # fmt: skip
    right = _EYE
    mirrored = _mirrored(right, reverse=False)  # inner corner first for the other eye
    left = [mirrored[i] for i in (3, 2, 1, 0, 5, 4)]
    contour = _CONTOUR + _mirrored(_CONTOUR[:-1])
    return np.array(contour + _BROW + _mirrored(_BROW) + nose + nostrils + right + left + _LIPS)


FACE_TEMPLATE = _face_template()  # (68, 3), dlib order, origin in the middle of the head
CRANIUM = np.array(_CRANIUM + _mirrored(_CRANIUM[:-1]))  # (11, 3) over the top, left to right
EAR_CENTRES = np.array([(-18.6, 1.5, -7), (18.6, 1.5, -7)])
BROWS = slice(17, 27)
EYES = (slice(36, 42), slice(42, 48))
UPPER_LIDS, LOWER_LIDS = (37, 38, 43, 44), (40, 41, 46, 47)
LIPS = slice(48, 68)

# Hand template in hand lengths: (toward the thumb, along the fingers); wrist at the origin.
KNUCKLES = np.array([(0.155, 0.47), (0.05, 0.5), (-0.055, 0.475), (-0.15, 0.42)])
PHALANGES = np.array(
    [(0.235, 0.15, 0.12), (0.26, 0.165, 0.125), (0.235, 0.155, 0.12), (0.18, 0.115, 0.105)]
)
THUMB_ROOT = np.array([0.125, 0.13])
THUMB_BONES = np.array([0.20, 0.165, 0.135])


def rotation(yaw: np.ndarray, pitch: np.ndarray, roll: np.ndarray) -> np.ndarray:
    """Rotation matrices (T, 3, 3) from degrees (T,).

    Positive yaw turns the face to the image's right, pitch bows it, roll tilts it clockwise.
    """
    yaw, pitch, roll = (np.deg2rad(np.asarray(a, float)) for a in (yaw, pitch, roll))
    zero, one = np.zeros_like(yaw), np.ones_like(yaw)

    def matrix(*rows):
        return np.stack([np.stack(row, -1) for row in rows], -2)

    about_y = matrix(
        (np.cos(yaw), zero, np.sin(yaw)), (zero, one, zero), (-np.sin(yaw), zero, np.cos(yaw))
    )
    about_x = matrix(
        (one, zero, zero),
        (zero, np.cos(pitch), np.sin(pitch)),
        (zero, -np.sin(pitch), np.cos(pitch)),
    )
    about_z = matrix(
        (np.cos(roll), -np.sin(roll), zero), (np.sin(roll), np.cos(roll), zero), (zero, zero, one)
    )
    return about_z @ about_x @ about_y


def magnification(depth: np.ndarray) -> np.ndarray:
    """How much larger something at `depth` (z, world units) appears than at depth 0."""
    return FOCAL / (FOCAL - np.asarray(depth, float))


def project(points: np.ndarray) -> np.ndarray:
    """World points (..., 3) -> picture plane (..., 2), by a pinhole in front of `CENTRE`."""
    points = np.asarray(points, float)
    return CENTRE + (points[..., :2] - CENTRE) * magnification(points[..., 2])[..., None]


def bend_elbow(
    shoulder: np.ndarray, wrist: np.ndarray, upper: float, fore: float, pole: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Two-link inverse kinematics.

    `shoulder`, `wrist`, `pole` (T, 3): the elbow goes to the side that `pole` points to. A wrist
    out of reach is drawn in to the longest (or out to the shortest) distance that the bones
    `upper` and `fore` allow. Returns elbow and wrist, (T, 3) each; |elbow - shoulder| = upper and
    |wrist - elbow| = fore.
    """
    reach = wrist - shoulder
    distance = np.linalg.norm(reach, axis=-1, keepdims=True)
    direction = reach / np.maximum(distance, 1e-9)
    distance = np.clip(distance, abs(upper - fore) + 6.0, 0.997 * (upper + fore))
    along = (upper**2 + distance**2 - fore**2) / (2 * distance)
    height = np.sqrt(np.maximum(upper**2 - along**2, 0))
    side = pole - (pole * direction).sum(-1, keepdims=True) * direction
    side = side / np.maximum(np.linalg.norm(side, axis=-1, keepdims=True), 1e-9)
    return shoulder + along * direction + height * side, shoulder + distance * direction
