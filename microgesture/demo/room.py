"""Backdrops: wall, furniture, plants and the chair, painted once for a video."""

import cv2
import numpy as np

from microgesture.demo.drawing import Grid, disc, fill, mix, shade, stroke
from microgesture.demo.subjects import Room


class Brush:
    """Boxes, lines and balls in world units; `rng` decides the details of a room."""

    def __init__(self, room: Room, grid: Grid):
        self.room, self.grid = room, grid
        self.rng = np.random.default_rng([room.seed, 1])

    def box(self, image, left, top, right, bottom, colour):
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], float)
        fill(image, self.grid.fixed(corners), colour)

    def line(self, image, points, colour, units):
        stroke(image, self.grid.fixed(np.array(points, float)), colour, self.grid.thickness(units))

    def ball(self, image, x, y, radius, colour):
        disc(image, self.grid.fixed(np.array([x, y], float)), radius * self.grid.scale, colour)


class Backdrop(Brush):
    """What stands behind a person."""

    def paint(self) -> np.ndarray:
        """The whole backdrop, uint8 canvas (rows, columns, 3)."""
        image = np.empty((*self.grid.shape, 3), np.uint8)
        self._wall(image)
        getattr(self, f"_{self.room.kind}")(image)
        if self.room.plant:
            self._plant(image)
        # the room lies behind the plane of focus
        image = cv2.GaussianBlur(image, (0, 0), 1.3 * self.grid.scale)
        self._chair(image)
        return image

    def _wall(self, image):
        rows, columns = image.shape[:2]
        x = np.linspace(-1, 1, columns, dtype=np.float32)[None, :] * self.room.light_side
        y = np.linspace(-1, 1, rows, dtype=np.float32)[:, None]
        glow = 1 + self.room.light * (0.7 * x - 0.35 * y)
        image[:] = np.clip(np.array(self.room.wall, np.float32) * glow[..., None], 0, 255)

    def _shelf(self, image):
        wood = shade(self.room.wood, 0.85)
        left = float(self.rng.uniform(-30, 30))
        for level in (38, 92, 146):
            self.box(image, left - 40, level, left + 110, level + 5, wood)
            self.box(image, left - 40, level + 5, left + 110, level + 8, shade(self.room.wall, 0.8))
            x = left - 36
            while x < left + 100:
                width = float(self.rng.uniform(4, 9))
                height = float(self.rng.uniform(22, 36))
                colour = tuple(float(c) for c in self.rng.uniform(50, 210, 3))
                if self.rng.random() < 0.85:
                    self.box(
                        image,
                        x,
                        level - height,
                        x + width,
                        level,
                        mix(colour, self.room.wall, 0.25),
                    )
                x += width + 0.6
        self._frame(image, 262, 40, 54, 40)

    def _window(self, image):
        x = float(self.rng.choice([-20, 216]) + self.rng.uniform(-10, 10))
        self.box(image, x - 5, 2, x + 110, 132, (238, 236, 230))
        sky = np.linspace(0, 1, 12)
        for k, t in enumerate(sky[:-1]):
            tone = mix((158, 196, 232), (226, 232, 226), t)
            self.box(image, x, 8 + 10.2 * k, x + 105, 8 + 10.2 * (k + 1), tone)
        for _ in range(9):
            cx, cy = x + self.rng.uniform(4, 100), 112 + self.rng.uniform(-10, 8)
            self.ball(
                image,
                cx,
                cy,
                self.rng.uniform(8, 15),
                shade((92, 130, 84), self.rng.uniform(0.8, 1.2)),
            )
        self.box(image, x - 2, 124, x + 107, 132, (226, 224, 218))
        self.line(image, [(x + 52, 6), (x + 52, 126)], (236, 234, 228), 4)
        self.line(image, [(x, 66), (x + 105, 66)], (236, 234, 228), 3)

    def _frame(self, image, x, y, width, height):
        dark = shade(self.room.wood, 0.6)
        self.box(image, x - 3, y - 3, x + width + 3, y + height + 3, dark)
        self.box(image, x, y, x + width, y + height, (232, 228, 218))
        tones = [tuple(float(c) for c in self.rng.uniform(70, 220, 3)) for _ in range(3)]
        self.box(image, x + 5, y + 5, x + width - 5, y + height - 5, tones[0])
        self.ball(image, x + 0.65 * width, y + 0.42 * height, 0.2 * height, tones[1])
        points = [
            (x + 5, y + height - 5),
            (x + 0.4 * width, y + 0.45 * height),
            (x + width - 5, y + height - 5),
        ]
        fill(image, self.grid.fixed(np.array(points)), tones[2])

    def _frames(self, image):
        for x, y, width, height in (
            (-6, 28, 62, 48),
            (12, 96, 40, 52),
            (252, 22, 50, 66),
            (262, 108, 56, 42),
        ):
            if self.rng.random() < 0.85:
                self._frame(
                    image, x + self.rng.uniform(-6, 6), y + self.rng.uniform(-6, 6), width, height
                )

    def _panels(self, image):
        step = float(self.rng.uniform(38, 70))
        for x in np.arange(-44 + self.rng.uniform(0, step), 370, step):
            self.line(image, [(x, -40), (x, 280)], shade(self.room.wall, 0.78), 1.6)
            self.line(image, [(x + 1.6, -40), (x + 1.6, 280)], shade(self.room.wall, 1.08), 1)
        low = float(self.rng.uniform(118, 150))
        self.box(image, -60, low, 400, 290, mix(self.room.wall, self.room.wood, 0.45))
        self.line(image, [(-60, low), (400, low)], shade(self.room.wood, 0.8), 3)

    def _curtain(self, image):
        colour = tuple(float(c) for c in self.rng.uniform(90, 190, 3))
        for x in np.arange(-50, 380, 7.0):
            wave = 0.84 + 0.2 * np.sin(x / 6.2 + 1.4 * np.sin(x / 31)) ** 2
            tone = shade(mix(colour, self.room.wall, 0.35), wave)
            self.box(image, x, -40, x + 7.5, 290, tone)

    def _plant(self, image):
        x = float(self.rng.choice([28, 292]) + self.rng.uniform(-12, 12))
        base = 168.0
        self.box(
            image, x - 13, base, x + 13, base + 40, shade((176, 96, 66), self.rng.uniform(0.7, 1.1))
        )
        for _ in range(16):
            angle = self.rng.uniform(-1.25, 1.25)
            length = self.rng.uniform(34, 74)
            tip = np.array([x + np.sin(angle) * length, base - np.cos(angle) * length])
            middle = np.array(
                [x + np.sin(angle) * length * 0.4, base - np.cos(angle) * length * 0.62]
            )
            side = np.array([np.cos(angle), np.sin(angle)]) * self.rng.uniform(4, 7)
            leaf = np.array([(x, base), middle - side, tip, middle + side])
            fill(image, self.grid.fixed(leaf), shade((64, 118, 70), self.rng.uniform(0.65, 1.3)))

    def _chair(self, image):
        colour, style = self.room.chair, self.room.chair_style
        width = (56, 64, 48)[style]
        top = (82, 104, 66)[style]
        angle = np.linspace(np.pi, 2 * np.pi, 16)
        arch = np.stack([160 + width * np.cos(angle), top + 18 + 18 * np.sin(angle)], -1)
        outline = np.concatenate([arch, [(160 + width + 4, 290), (160 - width - 4, 290)]])
        stroke(
            image,
            self.grid.fixed(outline),
            shade(colour, 0.55),
            self.grid.thickness(1.4),
            closed=True,
        )
        fill(image, self.grid.fixed(outline), colour)
        inner = (outline - [160, 180]) * [0.86, 0.9] + [160, 182]
        fill(image, self.grid.fixed(inner), shade(colour, 1.12))
