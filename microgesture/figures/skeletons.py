"""Draw keypoints on pictures: bones in the colour of their body part, as solid as they are sure.

Cool colours are the person's left side, warm ones the right side.
"""

import cv2
import numpy as np

from microgesture.pose.layouts import Layout

PART_COLOURS = {
    "head": "#f2a6cf",
    "face": "#f7cfe4",
    "torso": "#3ddbb0",
    "left_arm": "#56b4e9",
    "left_hand": "#2f8fe0",
    "left_leg": "#8fcdf2",
    "right_arm": "#f0b23e",
    "right_hand": "#f2703f",
    "right_leg": "#f6cf85",
}
OTHER = "#c9d1d9"
_THIN = ("face", "left_hand", "right_hand")
_LEVELS = 4  # opacities: one blending of the picture each
_SHIFT = 4  # cv2 draws with 1/16 pixel


def rgb_of(colour: str) -> tuple[int, int, int]:
    """ "#rrggbb" -> (red, green, blue), 0..255."""
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))


def part_of_joint(layout: Layout) -> list[str]:
    """The body part of every joint."""
    parts = {joint: part for part, joints in layout.parts.items() for joint in joints}
    return [parts.get(joint, "") for joint in range(layout.num_joints)]


def joint_colours(layout: Layout) -> np.ndarray:
    """(J, 3) uint8 RGB colour of every joint."""
    return np.array(
        [rgb_of(PART_COLOURS.get(part, OTHER)) for part in part_of_joint(layout)], dtype=np.uint8
    )


def draw_skeleton(
    picture: np.ndarray,
    points: np.ndarray,
    layout: Layout,
    thickness: float = 3.0,
    lowest_score: float = 0.05,
) -> np.ndarray:
    """A copy of the picture with the skeletons of its people.

    picture: uint8 (H, W, 3) RGB; points: (M, J, 3) x, y in pixels of the picture and score; joints
    below `lowest_score` and bones to them are left out. A bone (child, parent) has its child's
    colour and the lower of the two scores as opacity, in four steps.
    """
    drawn = np.ascontiguousarray(picture).copy()
    parts = part_of_joint(layout)
    colours = joint_colours(layout).tolist()
    scores = np.clip(points[..., 2], 0.0, 1.0)
    level = np.ceil(scores * _LEVELS).astype(int)
    level[scores < lowest_score] = 0
    fixed = np.round(np.clip(points[..., :2], -1e5, 1e5) * 2**_SHIFT).astype(int)
    for opacity in range(1, _LEVELS + 1):
        layer = drawn.copy()
        touched = False
        # A dark rim first, so that light bones stand out on light clothes.
        for rim in (True, False):
            for person in range(len(points)):
                for child, parent in layout.edges:
                    if min(level[person, child], level[person, parent]) != opacity:
                        continue
                    width = thickness * (0.55 if parts[child] in _THIN else 1.0)
                    if rim and width < 2:  # would bury a fine hand in black
                        continue
                    cv2.line(
                        layer,
                        fixed[person, child].tolist(),
                        fixed[person, parent].tolist(),
                        (18, 22, 28) if rim else colours[child],
                        max(1, round(width + (2 if rim else 0))),
                        cv2.LINE_AA,
                        _SHIFT,
                    )
                    touched = True
                for joint in np.flatnonzero(level[person] == opacity):
                    radius = thickness * (0.5 if parts[joint] in _THIN else 0.95)
                    if rim and radius < 1.8:
                        continue
                    cv2.circle(
                        layer,
                        fixed[person, joint].tolist(),
                        round((radius + (1 if rim else 0)) * 2**_SHIFT),
                        (18, 22, 28) if rim else colours[joint],
                        -1,
                        cv2.LINE_AA,
                        _SHIFT,
                    )
                    touched = True
        if touched:
            share = opacity / _LEVELS
            drawn = cv2.addWeighted(layer, share, drawn, 1.0 - share, 0.0)
    return drawn
