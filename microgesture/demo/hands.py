"""Hands: 21 points from wrist, angles and finger curls; and how a hand is drawn."""

import cv2
import numpy as np

from microgesture.demo.anatomy import KNUCKLES, PHALANGES, SIDE_SIGN, THUMB_BONES, THUMB_ROOT
from microgesture.demo.drawing import Colour, Grid, disc, fill, shade, stroke
from microgesture.demo.motion import AIM, CURL, PITCH, ROLL, SPREAD

BEND = np.deg2rad([78.0, 100.0, 62.0])  # of the three finger joints at curl 1
SPREADS = np.deg2rad([13.0, 2.0, -9.0, -20.0])
# thickness of the fingers in hand lengths, from the knuckle to the tip; thumb first
WIDTHS = np.array([[0.135, 0.12, 0.1], [0.105, 0.095, 0.082], [0.11, 0.1, 0.085],
                   [0.105, 0.092, 0.08], [0.09, 0.08, 0.07]])  # fmt: skip


def hand_axes(state: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Own-side unit vectors (T, 3): toward the thumb, along the fingers, out of the palm.

    Aim 0 points the fingers up, positive outward; pitch tilts them to the camera; roll 0 shows
    the palm to the camera, 180 the back.
    """
    aim, pitch, roll = (np.deg2rad(state[:, i]) for i in (AIM, PITCH, ROLL))
    zero = np.zeros_like(aim)
    along = np.stack([np.cos(pitch) * np.sin(aim), -np.cos(pitch) * np.cos(aim), np.sin(pitch)], -1)
    facing = np.stack(
        [-np.sin(pitch) * np.sin(aim), np.sin(pitch) * np.cos(aim), np.cos(pitch) + zero], -1
    )
    aside = np.cross(along, facing)
    palm = np.cos(roll)[:, None] * facing + np.sin(roll)[:, None] * aside
    return np.cross(along, palm), along, palm


def hand_points(wrist: np.ndarray, state: np.ndarray, side: int, length: float) -> np.ndarray:
    """The hand's 21 points in world units, (T, 21, 3), in the order of COCO-WholeBody.

    `wrist` (T, 3) in the world, `state` (T, 13) as in `motion`, `length` of the hand.
    """
    thumbward, along, palm = hand_axes(state)
    axes = np.stack([thumbward, along, palm], axis=1)  # (T, 3 local, 3 world)
    curl, spread = np.clip(state[:, CURL], 0, 1), state[:, SPREAD]
    local = np.zeros((len(wrist), 21, 3))

    open_thumb = 0.75 + 0.35 * spread - 0.55 * curl[:, 0]
    point = np.tile([*THUMB_ROOT, 0.03], (len(wrist), 1))
    local[:, 1] = point
    for bone in range(3):
        angle = open_thumb - (0.12 + 0.3 * curl[:, 0]) * bone
        depth = 0.15 + 0.5 * curl[:, 0]
        direction = np.stack(
            [np.sin(angle) * np.cos(depth), np.cos(angle) * np.cos(depth), np.sin(depth)], -1
        )
        point = point + THUMB_BONES[bone] * direction
        local[:, 2 + bone] = point

    for finger in range(4):
        sideways = SPREADS[finger] * spread * (1 - 0.7 * curl[:, finger + 1])
        point = np.tile([*KNUCKLES[finger], 0.0], (len(wrist), 1))
        bend = np.zeros(len(wrist))
        local[:, 5 + 4 * finger] = point
        for bone in range(3):
            bend = bend + BEND[bone] * curl[:, finger + 1]
            direction = np.stack(
                [np.sin(sideways) * np.cos(bend), np.cos(sideways) * np.cos(bend), np.sin(bend)], -1
            )
            point = point + PHALANGES[finger, bone] * direction
            local[:, 6 + 4 * finger + bone] = point
    own_side = np.einsum("tkl,tlw->tkw", local * length, axes)
    own_side[..., 0] *= SIDE_SIGN[side]
    return wrist[:, None] + own_side


class HandPainter:
    """Draws one hand frame by frame; everything that can be is worked out beforehand."""

    def __init__(
        self,
        flat: np.ndarray,
        world: np.ndarray,
        grid: Grid,
        skin: Colour,
        size: float,
        thick: float,
    ):
        """`flat` (T, 21, 2) projected points, `world` (T, 21, 3), `size` the hand's length."""
        self.points = grid.fixed(flat)
        fingers = world[:, 1:].reshape(len(world), 5, 4, 3)[..., 2].mean(-1)
        palm = world[:, (0, 5, 9, 17), 2].mean(-1)
        # the palm is a slab: it hides fingers only where they are clearly behind it
        depth = np.concatenate([palm[:, None] - 0.02 * size, fingers], axis=1)
        self.order = np.argsort(depth, axis=1, kind="stable")
        self.base = skin
        self.outline = shade(skin, 0.55)
        self.light = shade(skin, 1.09)
        self.dim = shade(skin, 0.9)
        self.widths = [[grid.thickness(w * size * thick) for w in row] for row in WIDTHS]
        self.edge = max(1, round(0.45 * grid.scale))
        self.size = size * grid.scale
        self.padding = grid.thickness(0.1 * size * thick)

    def draw(self, image: np.ndarray, frame: int) -> None:
        """Draw the hand of one frame, in place."""
        points = self.points[frame]
        for part in self.order[frame]:
            if part == 0:
                self._palm(image, points)
            else:
                self._finger(image, points, part - 1)

    def _palm(self, image, points):
        corners = points[[0, 1, 2, 5, 9, 13, 17]]
        hull = cv2.convexHull(corners)[:, 0]
        stroke(image, hull, self.outline, self.padding + 2 * self.edge, closed=True)
        fill(image, hull, self.base)
        stroke(image, hull, self.base, self.padding, closed=True)
        middle = corners.mean(0)
        inner = (middle + (hull - middle) * 0.55).astype(np.int32)
        fill(image, inner, self.light)
        disc(image, points[0], 0.5 * self.padding + 0.055 * self.size, self.base)

    def _finger(self, image, points, finger):
        first = 1 + 4 * finger
        joints = points[first : first + 4]
        near, far = self.widths[finger][0], self.widths[finger][2]
        # two lines a layer: the finger up to its last joint, then the thinner tip
        stroke(image, joints[2:], self.outline, far + 2 * self.edge)
        stroke(image, joints[:3], self.outline, near + 2 * self.edge)
        stroke(image, joints[2:], self.base, far)
        stroke(image, joints[:3], self.base, near)
        stroke(image, joints[1:], self.light, max(1, near // 3))
