"""Faces: the 68 points with their expressions, and how a head is drawn."""

import numpy as np

from microgesture.demo.anatomy import (
    CRANIUM,
    EAR_CENTRES,
    EYES,
    LIPS,
    LOWER_LIDS,
    UPPER_LIDS,
    project,
)
from microgesture.demo.drawing import Grid, disc, fill, mix, shade, smooth, stroke
from microgesture.demo.hair import HairPainter
from microgesture.demo.motion import Motion
from microgesture.demo.subjects import Subject


def expression(template: np.ndarray, subject: Subject, motion: Motion) -> np.ndarray:
    """Face points (T, 68, 3) in the head's own axes: proportions, lids, brows and lips."""
    build = subject.build
    face = np.tile(template, (len(motion.time), 1, 1))
    side = np.sign(template[:, 0])
    face[:, 17:27, 0] += side[17:27] * 7 * (build.eye_gap - 1)
    face[:, 36:48, 0] += side[36:48] * 7 * (build.eye_gap - 1)
    face[:, 3:14, 0] *= build.jaw
    face[:, 31:36, 0] *= build.nose
    face[:, LIPS, 0] *= build.mouth
    # lids: the upper falls to the lower
    for upper, lower in zip(UPPER_LIDS, (41, 40, 47, 46)):
        gap = face[:, lower, 1] - face[:, upper, 1]
        face[:, upper, 1] += motion.blink * 0.95 * gap
    face[:, 17:27, 1] -= 0.8 * motion.brow[:, None]
    # jaw and lips; a press rolls both lips in, draws the line wider and lifts the chin
    lips = template[LIPS]
    middle = 16.9
    below = lips[:, 1] > middle + 0.05
    press = motion.press[:, None]
    height = (lips[:, 1] - middle) * (1 - 0.78 * np.minimum(press, 1))
    opening = motion.mouth[:, None] * np.where(below, 3.4, -0.5) * (np.abs(lips[:, 0]) < 5)
    face[:, LIPS, 1] = middle + height + opening
    face[:, LIPS, 0] *= (
        1 + 0.11 * press + 0.08 * motion.smile[:, None] - 0.08 * motion.mouth[:, None]
    )
    corner = np.abs(lips[:, 0]) > 5
    face[:, LIPS, 1] -= corner * (0.3 + 1.1 * motion.smile[:, None] - 0.3 * press)
    chin = np.array([0, 0, 0, 0, 0, 0.2, 0.5, 0.85, 1, 0.85, 0.5, 0.2, 0, 0, 0, 0, 0])
    face[:, :17, 1] += chin * (2.4 * motion.mouth - 1.1 * motion.press)[:, None]
    return face


class HeadPainter:
    """Draws neck-up: ears, skull, features and hair. The neck itself belongs to the clothes."""

    def __init__(self, subject: Subject, motion: Motion, figure, grid: Grid):
        look, room = subject.look, subject.room
        self.grid, self.look = grid, look
        size = np.array([subject.build.head_width, subject.build.head_height, 1.0])

        def place(local: np.ndarray) -> np.ndarray:
            """Head-local points (N, 3) -> picture plane (T, N, 2)."""
            world = figure.head[:, None] + np.einsum("tij,kj->tki", figure.turn, local * size)
            return project(world)

        self.hair = HairPainter(subject, place, figure, grid)
        face = project(figure.face)
        skull = np.concatenate([place(CRANIUM), face[:, 16::-1]], axis=1)
        # the contour runs from image left to right; close it over the top the same way round
        skull = np.concatenate([face[:, :17], place(CRANIUM)[:, ::-1]], axis=1)
        self.skull = grid.fixed(smooth(skull, 3))
        light = -room.light_side
        self.side = grid.fixed(smooth(self._crescent(skull, face, light), 3))
        self.jaw_shadow = None
        centre = face[:, [30]]
        self.cheeks = grid.fixed(face[:, [2, 14]] * 0.45 + centre * 0.55 + [0, 2.0])
        self.ears = [self._ear(place, side, grid) for side in (0, 1)]
        self.beard = None
        if look.beard > 0:
            top = face[:, [2, 14]]
            inner = face[:, [54, 53, 51, 49, 48]] + [0, -1.5]
            outline = np.concatenate([top[:, :1], face[:, 3:14], top[:, 1:], inner], axis=1)
            self.beard = grid.fixed(smooth(outline, 2))
            self.lip_gap = grid.fixed(face[:, [48, 49, 51, 53, 54, 55, 57, 59]])
        self.brows = [
            grid.fixed(smooth(face[:, 17 + 5 * i : 22 + 5 * i], 3, False)) for i in (0, 1)
        ]
        self.eyes = [grid.fixed(smooth(face[:, eye], 3)) for eye in EYES]
        self.lids = [grid.fixed(smooth(face[:, eye][:, :4], 3, False)) for eye in EYES]
        centres = np.stack([face[:, eye].mean(1) for eye in EYES], 1)
        self.opening = np.stack(
            [
                (face[:, [lower]] - face[:, [upper]])[..., 0, 1]
                for upper, lower in zip(UPPER_LIDS[::2], LOWER_LIDS[1::2])
            ],
            -1,
        )
        turned = figure.turn[:, :2, 2] * 1.2  # the iris follows the head a little ahead
        gaze = motion.gaze * np.array([1.0, 0.5]) + turned
        self.iris = grid.fixed(centres + np.clip(gaze, -1.6, 1.6)[:, None])
        nose = np.stack(
            [
                face[:, 28] + [light * 1.3, 0],
                face[:, 29] + [light * 2, 0],
                face[:, 31 if light < 0 else 35],
            ],
            1,
        )
        self.nose_side = grid.fixed(smooth(nose, 3, False))
        self.nose_base = grid.fixed(smooth(face[:, 31:36] + [0, 0.3], 3, False))
        self.nose_tip = grid.fixed(face[:, 30] + [-light * 0.6, 0.2])
        lips = face[:, LIPS]
        self.upper_lip = grid.fixed(np.concatenate([lips[:, :7], lips[:, [16, 15, 14, 13, 12]]], 1))
        self.lower_lip = grid.fixed(
            np.concatenate([lips[:, [6, 7, 8, 9, 10, 11, 0]], lips[:, [12, 19, 18, 17, 16]]], 1)
        )
        self.mouth = grid.fixed(lips[:, 12:])
        self.lip_line = grid.fixed(
            np.stack([lips[:, 0], lips[:, 13:16].mean(1) * 0.5 + lips[:, 17:20].mean(1) * 0.5,
                      lips[:, 6]], 1)
        )  # fmt: skip
        self.chin_line = grid.fixed(
            smooth(
                face[:, [59, 57, 55]] * 0.5 + [0, 1.6] + face[:, [7, 8, 9]] * 0.5 - [0, 1.0],
                3,
                False,
            )
        )
        self.dimples = grid.fixed(
            np.stack([np.stack([lips[:, k] + [s * 0.9, -1.4], lips[:, k] + [s * 1.3, 0.3],
                                lips[:, k] + [s * 0.8, 1.8]], 1) for k, s in ((0, -1), (6, 1))], 1)
        )  # fmt: skip
        self.press, self.open = motion.press, motion.mouth
        if look.glasses:
            self._glasses(face, place, grid)
        self._colours(look)

    @staticmethod
    def _crescent(skull, face, light):
        """The half of the face away from the light, (T, N, 2)."""
        rim = skull[:, 1:9] if light < 0 else skull[:, 15:7:-1]
        inner = rim * 0.8 + face[:, [30]] * 0.2
        return np.concatenate([rim, inner[:, ::-1]], axis=1)

    @staticmethod
    def _ear(place, side, grid):
        sign = (-1, 1)[side]
        angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
        rim = np.stack([np.cos(angle) * 3.4, np.sin(angle) * 5.6, 0 * angle], -1)
        rim[:, 0] += sign * 0.12 * -rim[:, 1]
        outer = place(EAR_CENTRES[side] + rim)
        inner = place(EAR_CENTRES[side] + rim * 0.55 + [sign * 0.3, -0.4, 0])
        return grid.fixed(outer), grid.fixed(inner)

    def _glasses(self, face, place, grid):
        frames = []
        for eye in EYES:
            centre = face[:, eye].mean(1, keepdims=True)
            angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
            power = lambda v: np.sign(v) * np.abs(v) ** 0.7  # noqa: E731
            rim = np.stack([6.1 * power(np.cos(angle)), 4.6 * power(np.sin(angle))], -1)
            frames.append(grid.fixed(centre + rim + [0, 0.4]))
        self.rims = frames
        self.bridge = grid.fixed(
            np.stack([face[:, 39] * 0.55 + face[:, 42] * 0.45 - [0, 0.8],
                      face[:, 39] * 0.45 + face[:, 42] * 0.55 - [0, 0.8]], 1)
        )  # fmt: skip

    def _colours(self, look):
        skin = look.skin
        self.skin, self.outline = skin, shade(skin, 0.52)
        self.dim, self.light = shade(skin, 0.88), shade(skin, 1.07)
        self.blush = mix(skin, (206, 96, 84), 0.16)
        self.lip_low = mix(look.lips, skin, 0.25)
        self.line = shade(mix(skin, look.lips, 0.4), 0.6)
        self.brow = mix(look.brow, skin, 0.22)
        self.stubble = mix(skin, look.hair, 0.35 + 0.5 * look.beard)

    def draw_back(self, image: np.ndarray, frame: int) -> None:
        """What lies behind the neck: long hair."""
        self.hair.draw_back(image, frame)

    def draw(self, image: np.ndarray, frame: int) -> None:
        """Draw the head of one frame, in place."""
        edge = self.grid.thickness(0.9)
        thin = self.grid.thickness(0.5)
        for outer, inner in self.ears:
            stroke(image, outer[frame], self.outline, edge, closed=True)
            fill(image, outer[frame], self.dim)
            fill(image, inner[frame], shade(self.skin, 0.72))
        stroke(image, self.skull[frame], self.outline, edge, closed=True)
        fill(image, self.skull[frame], self.skin)
        fill(image, self.side[frame], self.dim)
        for cheek in self.cheeks[frame]:
            disc(image, cheek, 3.0 * self.grid.scale, self.blush)
        if self.beard is not None:
            fill(image, self.beard[frame], self.stubble)
            fill(image, self.lip_gap[frame], self.skin)
        self._nose(image, frame, thin)
        self._eyes(image, frame, thin)
        self._mouth(image, frame, thin)
        for brow in self.brows:
            stroke(image, brow[frame], self.brow, self.grid.thickness(1.1))
        if self.look.glasses:
            frame_colour = shade(self.look.brow, 0.7)
            for rim in self.rims:
                stroke(image, rim[frame], frame_colour, self.grid.thickness(0.8), closed=True)
            stroke(image, self.bridge[frame], frame_colour, self.grid.thickness(0.8))
        self.hair.draw_front(image, frame)

    def _nose(self, image, frame, thin):
        stroke(image, self.nose_side[frame], shade(self.skin, 0.84), self.grid.thickness(0.9))
        disc(image, self.nose_tip[frame], 1.1 * self.grid.scale, self.light)
        stroke(image, self.nose_base[frame], shade(self.skin, 0.62), self.grid.thickness(0.7))

    def _eyes(self, image, frame, thin):
        for side in (0, 1):
            opening = self.opening[frame, side]
            if opening > 0.7:
                fill(image, self.eyes[side][frame], (234, 230, 224))
                radius = min(1.7, 0.6 * opening) * self.grid.scale
                disc(image, self.iris[frame, side], radius, self.look.iris)
                disc(image, self.iris[frame, side], 0.5 * radius, (18, 16, 16))
                glint = self.iris[frame, side] + np.int32([-8, -10])
                disc(image, glint, 0.4 * self.grid.scale, (250, 250, 250))
            else:
                fill(image, self.eyes[side][frame], self.dim)
            stroke(
                image, self.lids[side][frame], shade(self.outline, 0.6), self.grid.thickness(0.7)
            )

    def _mouth(self, image, frame, thin):
        fill(image, self.upper_lip[frame], shade(self.look.lips, 0.9))
        fill(image, self.lower_lip[frame], self.lip_low)
        if self.open[frame] > 0.08:
            fill(image, self.mouth[frame], (82, 32, 34))
        press = min(1.0, max(0.0, float(self.press[frame])))
        stroke(image, self.lip_line[frame], shade(self.line, 1 - 0.15 * press), thin)
        stroke(image, self.chin_line[frame], shade(self.skin, 0.93 - 0.12 * press), thin)
        if press > 0.3:
            tone = mix(self.skin, shade(self.skin, 0.66), press)
            for dimple in self.dimples[frame]:
                stroke(image, dimple, tone, thin)
