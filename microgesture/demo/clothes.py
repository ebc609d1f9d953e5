"""Trunk, neck, sleeves and collars."""

import cv2
import numpy as np

from microgesture.demo.anatomy import SIDE_SIGN, magnification, project
from microgesture.demo.drawing import (
    Grid,
    capsule,
    disc,
    fill,
    fill_convex,
    mix,
    shade,
    smooth,
    stroke,
)
from microgesture.demo.subjects import Subject


# Nested shapes that shade a tube: share of its radius, shift toward the light, brightness.
GLOW = ((0.72, 0.2, 0.945), (0.5, 0.32, 0.99), (0.28, 0.42, 1.03))


def _blend(first, second, share):
    return first + (second - first) * share


class TrunkPainter:
    """Draws neck, trunk and collar."""

    def __init__(self, subject: Subject, figure, grid: Grid):
        build, look = subject.build, subject.look
        self.grid, self.look = grid, look
        neck, up = project(figure.neck), figure.up[:, :2]
        across = figure.across[:, :2]
        across = across / np.linalg.norm(across, axis=-1, keepdims=True)
        right, left = (project(figure.shoulders[:, side]) for side in (0, 1))
        girth, trunk = build.girth, build.trunk
        middle = neck

        def at(distance, height):
            """Points `distance` beside and `height` below the neck's base along the trunk."""
            return middle + distance * across - height * up

        self.sides = [
            (0.5 * trunk, (build.shoulder * 0.5 + 18) * girth),
            (0.78 * trunk, (build.shoulder * 0.45 + 18.5) * girth),
            (1.05 * trunk, (build.shoulder * 0.5 + 18) * girth),
            (1.5 * trunk, (build.shoulder * 0.5 + 22) * girth),
        ]

        def half(side):
            sign, shoulder = SIDE_SIGN[side], (right, left)[side]
            return [
                at(sign * 8.5 * girth, -7),
                _blend(at(sign * 10 * girth, -3), shoulder - 4 * up * -1, 0.45) + 3.0 * up,
                shoulder + sign * 2.5 * across + 9.6 * up,
                shoulder + sign * 9.5 * across + 3 * up,
                shoulder + sign * 4 * across - 20 * up,
                *[at(sign * width, height) for height, width in self.sides],
            ]

        outline = np.stack(half(1) + half(0)[::-1], axis=1)
        self.outline_world = outline
        self.trunk = grid.fixed(smooth(outline, 4))
        light = subject.room.light_side
        dark = half(0) if light > 0 else half(1)
        sign = -1 if light > 0 else 1
        self.shadows = []
        for depth in (13, 8, 4):
            inner = [point - sign * depth * across for point in dark[3:][::-1]]
            self.shadows.append(grid.fixed(np.stack(dark[3:] + inner, axis=1)))
        self._neck(at, figure, build, grid)
        self._collar(at, girth, grid)
        self._pattern(at, build, trunk, grid)
        self._legs(figure, build, grid, subject.room.table)
        self.folds = [
            grid.fixed(smooth(np.stack(points, 1), 3, False))
            for points in (
                [at(-34 * girth, 26), at(-27 * girth, 34), at(-16 * girth, 38)],
                [at(34 * girth, 26), at(27 * girth, 35), at(17 * girth, 40)],
                [at(-30 * girth, 70), at(-14 * girth, 76), at(2 * girth, 74)],
                [at(30 * girth, 82), at(12 * girth, 88), at(-4 * girth, 85)],
            )
        ]

    def _neck(self, at, figure, build, grid):
        chin = project(figure.face[:, 8])
        jaw = [project(figure.face[:, k]) for k in (4, 12)]
        girth = build.girth
        top = [jaw[0] * 0.78 + chin * 0.22, jaw[1] * 0.78 + chin * 0.22]
        points = [top[0], at(-9.6 * girth, -4), at(-13 * girth, 2), at(0, 17), at(13 * girth, 2),
                  at(9.6 * girth, -4), top[1]]  # fmt: skip
        self.neck = grid.fixed(np.stack(points, 1))
        shadow = [top[0], at(-9.2 * girth, -6), chin + [0, 7.5], at(9.2 * girth, -6), top[1]]
        self.chin_shadow = grid.fixed(smooth(np.stack(shadow, 1), 3))
        self.bones = [
            grid.fixed(np.stack([at(s * 3, 3), at(s * 9 * girth, 1.5)], 1)) for s in (-1, 1)
        ]

    def _collar(self, at, girth, grid):
        top = self.look.top
        shapes, lines = [], []
        low = {"crew": 5, "vee": 24, "shirt": 15, "hoodie": 9, "jacket": 52, "turtle": -6}[top]
        sides = (-9.5 * girth, 9.5 * girth)
        if top == "turtle":
            opening = None
            shapes.append(([at(-10 * girth, -10), at(0, -7.5), at(10 * girth, -10), at(12 * girth, 3),
                            at(0, 7), at(-12 * girth, 3)], 0.93))  # fmt: skip
        else:
            mid = 0.55 if top in ("crew", "hoodie") else 0.42
            opening = [at(sides[0], -8), at(sides[0] * 1.05 * mid * 1.6, low * 0.55), at(0, low),
                       at(sides[1] * 1.05 * mid * 1.6, low * 0.55), at(sides[1], -8)]  # fmt: skip
        if top == "shirt":
            for s in (-1, 1):
                shapes.append(([at(s * 9.5 * girth, -9), at(s * 13.5 * girth, -3), at(s * 11 * girth, 12),
                                at(s * 1.2, 14), at(s * 5 * girth, 4)], 1.1))  # fmt: skip
            lines.append([at(0, 14), at(0.5, 120)])
        if top == "jacket":
            for s in (-1, 1):
                shapes.append(([at(s * 9.5 * girth, -8), at(s * 17 * girth, 1), at(s * 19 * girth, 24),
                                at(s * 13 * girth, 26), at(s * 1, 56), at(s * 7 * girth, 20)], 0.84))  # fmt: skip
            lines.append([at(0, 56), at(1.5, 130)])
        if top == "hoodie":
            for s in (-1, 1):
                shapes.append(([at(s * 9 * girth, -9), at(s * 17 * girth, -5), at(s * 17 * girth, 6),
                                at(s * 3, 14), at(s * 7 * girth, 3)], 0.88))  # fmt: skip
                lines.append([at(s * 4, 11), at(s * 4.6, 34)])
        self.opening = (
            None if opening is None else grid.fixed(smooth(np.stack(opening, 1), 3, False))
        )
        self.inner = grid.fixed(
            np.stack(
                [
                    at(-8 * girth, -6),
                    at(-11 * girth, 6),
                    at(0, 56),
                    at(11 * girth, 6),
                    at(8 * girth, -6),
                ],
                1,
            )
        )
        self.throat = grid.fixed(
            np.stack(
                [
                    at(-8.5 * girth, -8),
                    at(-4 * girth, 6),
                    at(0, 14),
                    at(4 * girth, 6),
                    at(8.5 * girth, -8),
                ],
                1,
            )
        )
        self.tie = grid.fixed(
            np.stack(
                [
                    at(-2.6, 10),
                    at(2.6, 10),
                    at(1.8, 15),
                    at(4.6, 46),
                    at(0, 60),
                    at(-4.6, 46),
                    at(-1.8, 15),
                ],
                1,
            )
        )
        self.collar = [(grid.fixed(np.stack(points, 1)), factor) for points, factor in shapes]
        self.lines = [grid.fixed(np.stack(points, 1)) for points in lines]
        self.buttons = (
            grid.fixed(np.stack([at(0.4, 24 + 17 * k) for k in range(6)], 1))
            if top == "shirt"
            else None
        )

    def _pattern(self, at, build, trunk, grid):
        """Stripes across the trunk from side to side, (T, N, 2) polygons, or lines down it."""
        heights, widths = zip((14, build.shoulder * 0.98), (26, build.shoulder + 3), *self.sides)
        self.bands, self.pins = [], []

        def across(top, bottom, sag=3.5):
            upper, lower = [], []
            for share in np.linspace(-1, 1, 7):
                drop = sag * (1 - share**2)
                upper.append(at(share * (np.interp(top, heights, widths) - 0.4), top + drop))
                lower.append(at(share * (np.interp(bottom, heights, widths) - 0.4), bottom + drop))
            self.bands.append(grid.fixed(np.stack(upper + lower[::-1], 1)))

        if self.look.pattern == "stripes":
            for height in np.arange(0.19, 1.3, 0.115) * trunk:
                across(height, height + 5.4)
        elif self.look.pattern == "band":
            across(0.36 * trunk, 0.5 * trunk)
        elif self.look.pattern == "pinstripes":
            for x in np.arange(-32, 33, 8.0):
                line = [at(x * 0.92, 16), at(x, 0.6 * trunk), at(x * 1.02, 1.3 * trunk)]
                self.pins.append(grid.fixed(smooth(np.stack(line, 1), 3, False)))

    def _legs(self, figure, build, grid, table):
        """Thighs that come toward the camera, where no table hides them."""
        self.legs = []
        if table:
            return
        pelvis = project(figure.pelvis)
        wide = 31 + 0.5 * build.shoulder * build.girth
        lap = [(-wide, 13), (-16, 7), (0, 10), (16, 7), (wide, 13), (wide + 6, 95), (-wide - 6, 95)]
        self.legs.append(grid.fixed(pelvis[:, None] + np.array(lap)))
        for sign in SIDE_SIGN:
            hip = pelvis + [sign * 18 * build.girth, 12]
            knee = pelvis + [sign * 29 * build.girth, 84]
            for share in (1.0, 0.62):
                self.legs.append(
                    grid.fixed(
                        capsule(hip, knee, 18 * share * build.girth, 25 * share * build.girth)
                    )
                )
        tone = (44, 48, 62) if sum(self.look.fabric) > 260 else (122, 112, 98)
        self.trousers = (tone, shade(tone, 1.12))

    def draw(self, image: np.ndarray, frame: int) -> None:
        """Draw one frame's trunk and neck, in place."""
        look, grid = self.look, self.grid
        thin = grid.thickness(0.5)
        stroke(image, self.trunk[frame], shade(look.fabric, 0.5), grid.thickness(1.0), closed=True)
        fill(image, self.trunk[frame], look.fabric)
        for band in self.bands:
            fill(image, band[frame], look.second)
        for pin in self.pins:
            stroke(image, pin[frame], look.second, thin)
        for number, leg in enumerate(self.legs):
            if number % 2:
                stroke(image, leg[frame], shade(self.trousers[0], 0.6), thin * 2, closed=True)
            tone = self.trousers[int(number in (2, 4))]
            fill(image, leg[frame], tone)
        for depth, polygon in enumerate(self.shadows):
            if look.pattern in ("plain", "pinstripes"):
                fill(image, polygon[frame], shade(look.fabric, 0.95 - 0.05 * depth))
        for fold in self.folds:
            stroke(image, fold[frame], shade(look.fabric, 0.82), grid.thickness(0.8))
        if look.top == "jacket":
            fill(image, self.inner[frame], mix(look.second, (240, 240, 238), 0.75))
        if self.opening is not None and look.top != "jacket":
            fill(image, self.opening[frame], look.skin)
        fill(image, self.neck[frame] if look.top != "jacket" else self.throat[frame], look.skin)
        fill(image, self.chin_shadow[frame], shade(look.skin, 0.74))
        if look.top in ("crew", "vee", "shirt"):
            for bone in self.bones:
                stroke(image, bone[frame], shade(look.skin, 0.86), thin)
        if self.opening is not None and look.top in ("crew", "vee"):
            stroke(image, self.opening[frame], shade(look.fabric, 0.8), grid.thickness(1.8))
        if look.top == "jacket":
            fill(image, self.tie[frame], shade(look.second, 0.7))
        for polygon, factor in self.collar:
            tone = look.fabric
            stroke(image, polygon[frame], shade(tone, 0.55), grid.thickness(0.9), closed=True)
            fill(image, polygon[frame], shade(tone, factor))
        for line in self.lines:
            stroke(image, line[frame], shade(look.fabric, 0.62), thin)
        if self.buttons is not None:
            for button in self.buttons[frame]:
                stroke(
                    image, np.stack([button, button]), shade(look.fabric, 0.5), grid.thickness(1.4)
                )


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
                middle = _blend(start, end, share)
                radius = _blend(cloth[:, bone], cloth[:, bone + 1], share)
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
                above = _blend(start, flat[:, 0], reach)
                self._glow(start, above, radii[:, 1], _blend(radii[:, 1], radii[:, 0], reach), tone)
                below = _blend(start, end, 0.5)
                self._glow(start, below, radii[:, 1], _blend(radii[:, 1], radii[:, 2], 0.5), tone)
        if look.watch and side != subject.manner.dominant:
            centre = _blend(flat[:, 1], flat[:, 2], 0.93)
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
            wide = normal * _blend(radius_start, radius_end, t)[:, None] * 0.94
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
