"""Arms: skin, sleeves, cuffs, and the soft shadow that arm and hand cast."""

import cv2
import numpy as np

from microgesture.demo.anatomy import SIDE_SIGN, magnification, project
from microgesture.demo.drawing import Grid, blend, capsule, disc, fill_convex, shade, stroke
from microgesture.demo.subjects import Subject

# Nested shapes that shade a tube: share of its radius, shift toward the light, brightness.
GLOW = ((0.72, 0.2, 0.945), (0.5, 0.32, 0.99), (0.28, 0.42, 1.03))


class ArmPainter:
    """Draws one arm without its hand: skin, sleeve, cuff, watch, and the shadow it casts."""

    def __init__(self, subject: Subject, figure, side: int, grid: Grid):
        build, look = subject.build, subject.look
        self.grid, self.look = grid, look
        places = (figure.shoulders, figure.elbows, figure.wrists)
        joints = np.stack([place[:, side] for place in places], 1)
        size = magnification(joints[..., 2])
        flat = project(joints)
        bare = np.array([8.8, 7.2, 4.7]) * build.girth * size
        cloth = bare + np.array([1.0, 1.7, 1.6])
        self.light = np.array([subject.room.light_side, -0.5])
        self.parts = []  # what to draw, from the shoulder to the wrist
        for bone in (0, 1):
            start, end = flat[:, bone], flat[:, bone + 1]
            share = float(np.clip(look.sleeve - bone, 0, 1))
            if share < 1:
                self._tube(start, end, bare[:, bone], bare[:, bone + 1], look.skin)
            if share > 0:
                middle = blend(start, end, share)
                radius = blend(cloth[:, bone], cloth[:, bone + 1], share)
                self._tube(start, middle, cloth[:, bone], radius, look.fabric)
                if look.pattern == "stripes":
                    self._stripes(start, middle, cloth[:, bone], radius, share)
                if share < 1 or bone == 1:
                    line = self._ring(start, end, middle, radius)
                    self.parts.append(("line", line, shade(look.fabric, 0.72), 1.5))
            if bone == 0:
                # the joints hide the outlines where two tubes meet
                sleeved = look.sleeve > 0
                radius = float(cloth[:, 0].mean()) if sleeved else float(bare[:, 0].mean())
                inward = -SIDE_SIGN[side] * 2.6 * figure.across[:, :2] - 0.8 * figure.up[:, :2]
                tone = look.fabric if sleeved else look.skin
                self.parts.append(("disc", grid.fixed(start + inward), tone, radius * 0.84))
            else:
                covered = look.sleeve > 1
                radii = cloth if covered else bare
                tone = look.fabric if covered else look.skin
                radius = float(radii[:, 1].mean())
                self.parts.append(("disc", grid.fixed(start), shade(tone, 0.89), radius * 0.93))
                reach = 0.3 if covered else min(0.3, 0.8 * (1 - look.sleeve))
                above = blend(start, flat[:, 0], reach)
                self._glow(start, above, radii[:, 1], blend(radii[:, 1], radii[:, 0], reach), tone)
                below = blend(start, end, 0.5)
                self._glow(start, below, radii[:, 1], blend(radii[:, 1], radii[:, 2], 0.5), tone)
        if look.watch and side != subject.manner.dominant:
            centre = blend(flat[:, 1], flat[:, 2], 0.93)
            line = self._ring(flat[:, 1], flat[:, 2], centre, bare[:, 2] + 0.6)
            self.parts.append(("line", line, (40, 40, 46), 3.2))
        self._shadow(flat, bare, figure.hands[:, side])

    @staticmethod
    def _directions(start, end):
        along = end - start
        along = along / np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-6)
        return along, np.stack([-along[:, 1], along[:, 0]], -1)

    def _ring(self, start, end, centre, radius):
        _, normal = self._directions(start, end)
        normal = normal * radius[:, None]
        return self.grid.fixed(np.stack([centre + normal, centre - normal], 1))

    def _tube(self, start, end, radius_start, radius_end, colour):
        outline = self.grid.fixed(capsule(start, end, radius_start, radius_end))
        self.parts.append(("edge", outline, shade(colour, 0.5), 1.0))
        self.parts.append(("fill", outline, shade(colour, 0.89), 0))
        self._glow(start, end, radius_start, radius_end, colour)

    def _glow(self, start, end, radius_start, radius_end, colour):
        for share, offset, factor in GLOW:
            move = self.light * offset
            inner = capsule(
                start + move * radius_start[:, None],
                end + move * radius_end[:, None],
                share * radius_start,
                share * radius_end,
                5,
            )
            self.parts.append(("fill", self.grid.fixed(inner), shade(colour, factor), 0))

    def _stripes(self, start, end, radius_start, radius_end, share):
        unit, normal = self._directions(start, end)
        for t in np.arange(0.25, 1.0, 0.22 / max(share, 0.5)):
            middle = start + (end - start) * t
            wide = normal * blend(radius_start, radius_end, t)[:, None] * 0.94
            line = np.stack([middle - wide, middle + 2 * unit, middle + wide], 1)
            self.parts.append(("line", self.grid.fixed(line), self.look.second, 3.4))

    def _shadow(self, flat, bare, hand):
        """Coarse outlines of arm and hand, moved away from the light."""
        self.coarse = 4
        move = np.array([-2.2 * self.light[0], 3.2])
        points = project(hand)
        palm = capsule(
            points[:, 0], points[:, [5, 9, 13, 17]].mean(1), bare[:, 2], 1.8 * bare[:, 2], 4
        )
        tips = capsule(
            points[:, [5, 9, 13, 17]].mean(1), points[:, [8, 12, 16, 20]].mean(1),
            1.8 * bare[:, 2], 1.4 * bare[:, 2], 4,
        )  # fmt: skip
        fore = capsule(flat[:, 1], flat[:, 2], bare[:, 1], bare[:, 2], 4)
        outlines = np.stack([fore, palm, tips], 1) + move
        pixels = self.grid.pixels(outlines) / self.coarse
        self.outlines = np.rint(pixels * 16).astype(np.int32, order="C")
        rows, columns = (side // self.coarse for side in self.grid.shape)
        low, high = pixels.min((1, 2)) - 4, pixels.max((1, 2)) + 5
        self.corners = np.clip(
            np.concatenate([low, high], -1), 0, [columns, rows, columns, rows]
        ).astype(int)
        self.mask = np.empty((rows, columns, 3), np.uint8)

    def cast(self, image: np.ndarray, frame: int) -> None:
        """Darken, in place, what lies behind this arm and hand."""
        left, top, right, bottom = self.corners[frame]
        if right - left < 3 or bottom - top < 3:
            return
        self.mask[top:bottom, left:right] = 255
        for outline in self.outlines[frame]:
            cv2.fillConvexPoly(self.mask, outline, (186, 182, 190), cv2.LINE_AA, 4)
        soft = cv2.blur(self.mask[top:bottom, left:right], (5, 5))
        k = self.coarse
        soft = cv2.resize(soft, None, fx=k, fy=k, interpolation=cv2.INTER_LINEAR)
        part = image[top * k : bottom * k, left * k : right * k]
        cv2.multiply(part, soft, dst=part, scale=1 / 255)

    def draw(self, image: np.ndarray, frame: int) -> None:
        """Draw one frame's arm, in place."""
        grid = self.grid
        for kind, points, colour, size in self.parts:
            if kind == "fill":
                fill_convex(image, points[frame], colour)
            elif kind == "disc":
                disc(image, points[frame], size * grid.scale, colour)
            else:
                stroke(image, points[frame], colour, grid.thickness(size), closed=kind == "edge")
