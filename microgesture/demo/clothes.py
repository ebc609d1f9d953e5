"""Trunk, neck, collars, and legs where no table hides them."""

import numpy as np

from microgesture.demo.anatomy import SIDE_SIGN, project
from microgesture.demo.drawing import (
    Grid,
    blend,
    capsule,
    fill,
    mix,
    shade,
    smooth,
    stroke,
)
from microgesture.demo.subjects import Subject


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
                blend(at(sign * 10 * girth, -3), shoulder - 4 * up * -1, 0.45) + 3.0 * up,
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
        points = [
            top[0],
            at(-9.6 * girth, -4),
            at(-13 * girth, 2),
            at(0, 17),
            at(13 * girth, 2),
            at(9.6 * girth, -4),
            top[1],
        ]
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
            shapes.append(
                (
                    [
                        at(-10 * girth, -10),
                        at(0, -7.5),
                        at(10 * girth, -10),
                        at(12 * girth, 3),
                        at(0, 7),
                        at(-12 * girth, 3),
                    ],
                    0.93,
                )
            )
        else:
            mid = 0.55 if top in ("crew", "hoodie") else 0.42
            opening = [
                at(sides[0], -8),
                at(sides[0] * 1.05 * mid * 1.6, low * 0.55),
                at(0, low),
                at(sides[1] * 1.05 * mid * 1.6, low * 0.55),
                at(sides[1], -8),
            ]
        if top == "shirt":
            for s in (-1, 1):
                shapes.append(
                    (
                        [
                            at(s * 9.5 * girth, -9),
                            at(s * 13.5 * girth, -3),
                            at(s * 11 * girth, 12),
                            at(s * 1.2, 14),
                            at(s * 5 * girth, 4),
                        ],
                        1.1,
                    )
                )
            lines.append([at(0, 14), at(0.5, 120)])
        if top == "jacket":
            for s in (-1, 1):
                shapes.append(
                    (
                        [
                            at(s * 9.5 * girth, -8),
                            at(s * 17 * girth, 1),
                            at(s * 19 * girth, 24),
                            at(s * 13 * girth, 26),
                            at(s * 1, 56),
                            at(s * 7 * girth, 20),
                        ],
                        0.84,
                    )
                )
            lines.append([at(0, 56), at(1.5, 130)])
        if top == "hoodie":
            for s in (-1, 1):
                shapes.append(
                    (
                        [
                            at(s * 9 * girth, -9),
                            at(s * 17 * girth, -5),
                            at(s * 17 * girth, 6),
                            at(s * 3, 14),
                            at(s * 7 * girth, 3),
                        ],
                        0.88,
                    )
                )
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
