"""Trunk, neck, sleeves and collars."""

import numpy as np

from microgesture.demo.anatomy import SIDE_SIGN, magnification, project
from microgesture.demo.drawing import Grid, capsule, fill, fill_convex, mix, shade, smooth, stroke
from microgesture.demo.subjects import Subject


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

        def half(side):
            sign, shoulder = SIDE_SIGN[side], (right, left)[side]
            return [
                at(sign * 8.5 * girth, -7),
                _blend(at(sign * 10 * girth, -3), shoulder - 4 * up * -1, 0.45) + 3.0 * up,
                shoulder + sign * 3 * across + 8.5 * up,
                shoulder + sign * 10.5 * across + 1 * up,
                shoulder + sign * 5 * across - 20 * up,
                at(sign * (build.shoulder * 0.5 + 16) * girth, 0.5 * trunk),
                at(sign * (build.shoulder * 0.42 + 15) * girth, 0.78 * trunk),
                at(sign * (build.shoulder * 0.45 + 17) * girth, 1.05 * trunk),
                at(sign * (build.shoulder * 0.45 + 20) * girth, 1.5 * trunk),
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
        self._pattern(at, build, girth, trunk, grid, right, left)
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
        self.opening = None if opening is None else grid.fixed(smooth(np.stack(opening, 1), 3, False))
        self.inner = grid.fixed(
            np.stack([at(-8 * girth, -6), at(-11 * girth, 6), at(0, 56), at(11 * girth, 6), at(8 * girth, -6)], 1)
        )
        self.throat = grid.fixed(
            np.stack([at(-8.5 * girth, -8), at(-4 * girth, 6), at(0, 14), at(4 * girth, 6), at(8.5 * girth, -8)], 1)
        )
        self.tie = grid.fixed(
            np.stack([at(-2.6, 10), at(2.6, 10), at(1.8, 15), at(4.6, 46), at(0, 60), at(-4.6, 46), at(-1.8, 15)], 1)
        )
        self.collar = [(grid.fixed(np.stack(points, 1)), factor) for points, factor in shapes]
        self.lines = [grid.fixed(np.stack(points, 1)) for points in lines]
        self.buttons = (
            grid.fixed(np.stack([at(0.4, 24 + 17 * k) for k in range(6)], 1)) if top == "shirt" else None
        )

    def _pattern(self, at, build, girth, trunk, grid, right, left):
        bands = []
        edge = lambda h: (build.shoulder * 0.5 + 15 - 5 * np.clip(h - 0.3, 0, 0.5)) * girth  # noqa: E731
        if self.look.pattern == "stripes":
            for height in np.arange(0.2, 1.3, 0.115):
                w = edge(height)
                h = height * trunk
                bands.append([at(-w, h - 1.5), at(-w / 2, h + 1.2), at(0, h + 2), at(w / 2, h + 1.2), at(w, h - 1.5)])
        elif self.look.pattern == "pinstripes":
            for x in np.arange(-32, 33, 8.0):
                bands.append([at(x * 0.92, 16), at(x, 0.6 * trunk), at(x * 1.02, 1.3 * trunk)])
        elif self.look.pattern == "band":
            w, h = edge(0.42), 0.42 * trunk
            bands.append([at(-w, h - 2), at(0, h + 2), at(w, h - 2)])
        self.bands = [grid.fixed(smooth(np.stack(points, 1), 3, False)) for points in bands]
        self.band_width = grid.thickness({"stripes": 5.2, "pinstripes": 0.6, "band": 15}.get(self.look.pattern, 1))

    def draw(self, image: np.ndarray, frame: int) -> None:
        """Draw one frame's trunk and neck, in place."""
        look, grid = self.look, self.grid
        thin = grid.thickness(0.5)
        stroke(image, self.trunk[frame], shade(look.fabric, 0.5), grid.thickness(1.0), closed=True)
        fill(image, self.trunk[frame], look.fabric)
        for band in self.bands:
            stroke(image, band[frame], look.second, self.band_width)
        for depth, polygon in enumerate(self.shadows):
            if self.look.pattern in ("plain", "pinstripes"):
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
                stroke(image, np.stack([button, button]), shade(look.fabric, 0.5), grid.thickness(1.4))


class ArmPainter:
    """Draws one arm without its hand: skin, sleeve, cuff, watch."""

    def __init__(self, subject: Subject, figure, side: int, grid: Grid):
        build, look = subject.build, subject.look
        self.grid, self.look = grid, look
        joints = np.stack([figure.shoulders[:, side], figure.elbows[:, side], figure.wrists[:, side]], 1)
        size = magnification(joints[..., 2])
        flat = project(joints)
        bare = np.array([9.6, 7.4, 4.9]) * build.girth * size
        cloth = bare + np.array([1.6, 1.9, 1.7])
        light = np.array([-subject.room.light_side * -1.0, -0.5])
        self.parts = []  # (polygon, highlight polygon, colour) from the shoulder to the wrist
        cover = look.sleeve
        for bone in (0, 1):
            start, end = flat[:, bone], flat[:, bone + 1]
            share = np.clip(cover - bone, 0, 1)
            if share < 1:
                self.parts.append(self._tube(start, end, bare[:, bone], bare[:, bone + 1], light, look.skin))
            if share > 0:
                middle = _blend(start, end, share)
                radius = _blend(cloth[:, bone], cloth[:, bone + 1], share)
                self.parts.append(self._tube(start, middle, cloth[:, bone], radius, light, look.fabric))
                if share < 1 or bone == 1:
                    along = (end - start) / np.maximum(np.linalg.norm(end - start, axis=-1, keepdims=True), 1e-6)
                    normal = np.stack([-along[:, 1], along[:, 0]], -1) * radius[:, None]
                    cuff = np.stack([middle + normal, middle - normal], 1)
                    self.parts.append((grid.fixed(cuff), None, shade(look.fabric, 0.72)))
                if look.pattern == "stripes":
                    self._stripes(start, middle, cloth[:, bone], radius, share)
        self.watch = None
        if look.watch and side != subject.manner.dominant:
            centre = _blend(flat[:, 1], flat[:, 2], 0.93)
            along = flat[:, 2] - flat[:, 1]
            along = along / np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-6)
            normal = np.stack([-along[:, 1], along[:, 0]], -1) * (bare[:, 2, None] + 0.6)
            self.watch = grid.fixed(np.stack([centre + normal, centre - normal], 1))

    def _tube(self, start, end, radius_start, radius_end, light, colour):
        outline = self.grid.fixed(capsule(start, end, radius_start, radius_end))
        glow = []
        for share, offset in ((0.66, 0.26), (0.36, 0.4)):
            move = light * offset
            shine_start = start + move * np.asarray(radius_start)[:, None]
            shine_end = end + move * np.asarray(radius_end)[:, None]
            glow.append(self.grid.fixed(capsule(shine_start, shine_end, share * radius_start, share * radius_end)))
        return outline, glow, colour

    def _stripes(self, start, end, radius_start, radius_end, share):
        along = end - start
        unit = along / np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-6)
        normal = np.stack([-unit[:, 1], unit[:, 0]], -1)
        for t in np.arange(0.25, 1.0, 0.22 / max(share, 0.5)):
            middle = start + along * t
            radius = _blend(radius_start, radius_end, t)[:, None] * 0.94
            line = np.stack([middle - normal * radius, middle + 2 * unit, middle + normal * radius], 1)
            self.parts.append((self.grid.fixed(line), "stripe", self.look.second))

    def draw(self, image: np.ndarray, frame: int) -> None:
        """Draw one frame's arm, in place."""
        grid = self.grid
        for polygon, glow, colour in self.parts:
            if glow is None:
                stroke(image, polygon[frame], colour, grid.thickness(1.6))
            elif glow == "stripe":
                stroke(image, polygon[frame], colour, grid.thickness(3.4))
            else:
                stroke(image, polygon[frame], shade(colour, 0.5), grid.thickness(1.0), closed=True)
                fill_convex(image, polygon[frame], shade(colour, 0.88))
                fill_convex(image, glow[0][frame], shade(colour, 0.97))
                fill_convex(image, glow[1][frame], shade(colour, 1.05))
        if self.watch is not None:
            stroke(image, self.watch[frame], (40, 40, 46), grid.thickness(3.2))
