"""Rooms: what stands behind the person, the table, what stands on it, and what moves behind."""

import cv2
import numpy as np

from microgesture.demo.drawing import Grid, disc, fill, mix, shade, stroke
from microgesture.demo.subjects import Subject


class ScenePainter:
    """Static layers are painted once; `begin`, `table` and `finish` copy them into each frame."""

    def __init__(self, subject: Subject, grid: Grid, frames: int, fps: float):
        self.room, self.grid = subject.room, grid
        self.rng = np.random.default_rng([subject.room.seed, 1])
        rows, columns = grid.shape
        image = np.empty((rows, columns, 3), np.uint8)
        self._wall(image)
        getattr(self, f"_{self.room.kind}")(image)
        if self.room.plant:
            self._plant(image)
        # the room lies behind the plane of focus
        image = cv2.GaussianBlur(image, (0, 0), 1.3 * grid.scale)
        self._chair(image)
        self.background = image
        self.edge_row = None
        if self.room.table:
            self._table()
        self.front = None
        if self.room.front != "none":
            self._front()
        self._mover(frames, fps)

    # helpers -----------------------------------------------------------------------------------
    def _box(self, image, left, top, right, bottom, colour):
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], float)
        fill(image, self.grid.fixed(corners), colour)

    def _line(self, image, points, colour, units):
        stroke(image, self.grid.fixed(np.array(points, float)), colour, self.grid.thickness(units))

    def _ball(self, image, x, y, radius, colour):
        disc(image, self.grid.fixed(np.array([x, y], float)), radius * self.grid.scale, colour)

    # behind ------------------------------------------------------------------------------------
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
            self._box(image, left - 40, level, left + 110, level + 5, wood)
            self._box(
                image, left - 40, level + 5, left + 110, level + 8, shade(self.room.wall, 0.8)
            )
            x = left - 36
            while x < left + 100:
                width = float(self.rng.uniform(4, 9))
                height = float(self.rng.uniform(22, 36))
                colour = tuple(float(c) for c in self.rng.uniform(50, 210, 3))
                if self.rng.random() < 0.85:
                    self._box(
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
        self._box(image, x - 5, 2, x + 110, 132, (238, 236, 230))
        sky = np.linspace(0, 1, 12)
        for k, t in enumerate(sky[:-1]):
            tone = mix((158, 196, 232), (226, 232, 226), t)
            self._box(image, x, 8 + 10.2 * k, x + 105, 8 + 10.2 * (k + 1), tone)
        for _ in range(9):
            cx, cy = x + self.rng.uniform(4, 100), 112 + self.rng.uniform(-10, 8)
            self._ball(
                image,
                cx,
                cy,
                self.rng.uniform(8, 15),
                shade((92, 130, 84), self.rng.uniform(0.8, 1.2)),
            )
        self._box(image, x - 2, 124, x + 107, 132, (226, 224, 218))
        self._line(image, [(x + 52, 6), (x + 52, 126)], (236, 234, 228), 4)
        self._line(image, [(x, 66), (x + 105, 66)], (236, 234, 228), 3)

    def _frame(self, image, x, y, width, height):
        dark = shade(self.room.wood, 0.6)
        self._box(image, x - 3, y - 3, x + width + 3, y + height + 3, dark)
        self._box(image, x, y, x + width, y + height, (232, 228, 218))
        tones = [tuple(float(c) for c in self.rng.uniform(70, 220, 3)) for _ in range(3)]
        self._box(image, x + 5, y + 5, x + width - 5, y + height - 5, tones[0])
        self._ball(image, x + 0.65 * width, y + 0.42 * height, 0.2 * height, tones[1])
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
            self._line(image, [(x, -40), (x, 280)], shade(self.room.wall, 0.78), 1.6)
            self._line(image, [(x + 1.6, -40), (x + 1.6, 280)], shade(self.room.wall, 1.08), 1)
        low = float(self.rng.uniform(118, 150))
        self._box(image, -60, low, 400, 290, mix(self.room.wall, self.room.wood, 0.45))
        self._line(image, [(-60, low), (400, low)], shade(self.room.wood, 0.8), 3)

    def _curtain(self, image):
        colour = tuple(float(c) for c in self.rng.uniform(90, 190, 3))
        for x in np.arange(-50, 380, 7.0):
            wave = 0.84 + 0.2 * np.sin(x / 6.2 + 1.4 * np.sin(x / 31)) ** 2
            tone = shade(mix(colour, self.room.wall, 0.35), wave)
            self._box(image, x, -40, x + 7.5, 290, tone)

    def _plant(self, image):
        x = float(self.rng.choice([28, 292]) + self.rng.uniform(-12, 12))
        base = 168.0
        self._box(
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

    # before ------------------------------------------------------------------------------------
    def _table(self):
        image = self.background.copy()
        edge, wood = self.room.table_edge, self.room.wood
        for y in np.arange(edge, 285, 2.0):
            share = (y - edge) / (285 - edge)
            self._box(image, -60, y, 400, y + 2.4, shade(wood, 0.9 + 0.22 * share))
        for _ in range(26):
            y = float(self.rng.uniform(edge + 4, 275))
            x = float(self.rng.uniform(-60, 330))
            points = [
                (x, y),
                (x + 40, y + self.rng.normal(0, 0.7)),
                (x + self.rng.uniform(60, 120), y),
            ]
            self._line(image, points, shade(wood, self.rng.uniform(0.94, 0.99)), 0.7)
        self._line(image, [(-60, edge), (400, edge)], shade(wood, 1.2), 1.2)
        if self.rng.random() < 0.5:
            x, y = self.rng.uniform([36, edge + 24], [230, edge + 36])
            turn = self.rng.uniform(-9, 9)
            sheet = np.array(
                [(x, y), (x + 46, y + turn / 3), (x + 50, y + 22 + turn / 3), (x - 2, y + 22)]
            )
            fill(image, self.grid.fixed(sheet + [1.2, 1.6]), shade(wood, 0.7))
            fill(image, self.grid.fixed(sheet), (236, 234, 228))
            for k in range(5):
                line = [(x + 5, y + 4 + 3.4 * k), (x + 40, y + 4 + 3.4 * k + turn / 3.6)]
                self._line(image, line, (176, 176, 182), 0.6)
        row = int(np.ceil(self.grid.pixels(np.array([0, edge - 0.4]))[1]))
        self.edge_row, self.table_image = row, image[row:].copy()

    def _front(self):
        rows, columns = self.grid.shape
        image = np.zeros((rows, columns, 3), np.uint8)
        mask = np.zeros((rows, columns, 3), np.uint8)
        x = 160 + self.room.front_x
        y = self.room.table_edge + 34
        kind = self.room.front

        def both(polygon, colour):
            fixed = self.grid.fixed(np.array(polygon, float))
            fill(image, fixed, colour)
            fill(mask, fixed, (255, 255, 255))

        if kind == "mug":
            colour = tuple(float(c) for c in self.rng.uniform(60, 230, 3))
            handle = self.grid.fixed(
                np.array([(x + 9, y - 18), (x + 16, y - 15), (x + 15, y - 7), (x + 9, y - 5)])
            )
            for target, tone in ((image, shade(colour, 0.8)), (mask, (255, 255, 255))):
                stroke(target, handle, tone, self.grid.thickness(2.6))
            both([(x - 10, y - 22), (x + 10, y - 22), (x + 9, y), (x - 9, y)], colour)
            both([(x - 10, y - 22), (x - 4, y - 22), (x - 4, y), (x - 9, y)], shade(colour, 1.15))
            both(
                [(x - 10, y - 22), (x + 10, y - 22), (x + 8, y - 19), (x - 8, y - 19)],
                shade(colour, 0.5),
            )
        elif kind == "bottle":
            both(
                [(x - 7, y - 40), (x + 7, y - 40), (x + 8, y + 4), (x - 8, y + 4)], (150, 190, 206)
            )
            both(
                [(x - 3, y - 54), (x + 3, y - 54), (x + 7, y - 40), (x - 7, y - 40)],
                (170, 204, 216),
            )
            both(
                [(x - 3.4, y - 58), (x + 3.4, y - 58), (x + 3.4, y - 53), (x - 3.4, y - 53)],
                (60, 90, 150),
            )
            both(
                [(x - 7.4, y - 28), (x + 7.4, y - 28), (x + 7.8, y - 12), (x - 7.8, y - 12)],
                (230, 232, 236),
            )
        elif kind == "microphone":
            x = 160 + 0.45 * self.room.front_x
            both(
                [(x - 11, y + 22), (x + 11, y + 22), (x + 14, y + 27), (x - 14, y + 27)],
                (48, 48, 52),
            )
            both(
                [(x - 1, y + 24), (x + 1, y + 24), (x + 1.2 - 4, y - 28), (x - 1.2 - 4, y - 28)],
                (38, 38, 42),
            )
            angle = np.linspace(0, 2 * np.pi, 14, endpoint=False)
            both(
                np.stack([x - 4 + 4.2 * np.cos(angle), y - 32 + 6 * np.sin(angle)], -1),
                (30, 30, 32),
            )
            both(
                np.stack([x - 5 + 1.6 * np.cos(angle), y - 34 + 3 * np.sin(angle)], -1),
                (78, 78, 84),
            )
        elif kind == "laptop":
            x = 160 + 1.15 * self.room.front_x
            both(
                [(x - 42, y - 22), (x + 42, y - 22), (x + 46, y + 30), (x - 46, y + 30)],
                (152, 156, 162),
            )
            both(
                [(x - 39, y - 19), (x + 39, y - 19), (x + 42.5, y + 27), (x - 42.5, y + 27)],
                (172, 176, 182),
            )
            self._ball(image, x, y + 3, 4, (206, 210, 214))
        ys, xs = np.nonzero(mask[..., 0])
        box = (slice(ys.min(), ys.max() + 1), slice(xs.min(), xs.max() + 1))
        alpha = mask[box].astype(np.uint16)
        self.front = box, image[box].astype(np.uint16) * alpha, 255 - alpha

    # moving behind -----------------------------------------------------------------------------
    def _mover(self, frames, fps):
        self.moving = self.room.moving
        time = np.arange(frames) / fps
        rng = np.random.default_rng([self.room.seed, 2])
        if self.moving == "passer_by":
            pace, start = rng.uniform(45, 80), rng.uniform(0, 200)
            span = 700.0
            position = (start + pace * time) % span - 100
            bob = 1.5 * np.sin(2 * np.pi * 1.8 * time)
            body = np.array(
                [(-14, 250), (-17, 110), (-12, 84), (0, 78), (12, 84), (17, 110), (14, 250)], float
            )
            angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
            head = np.stack([9 * np.cos(angle), 64 + 12 * np.sin(angle)], -1)
            move = np.stack([position, bob], -1)[:, None]
            tone = tuple(float(c) for c in rng.uniform(60, 170, 3))
            self.walker = [(self.grid.fixed(body + move), mix(tone, self.room.wall, 0.4)),
                           (self.grid.fixed(head + move), mix((176, 136, 112), self.room.wall, 0.4))]  # fmt: skip
            self.visible = (position > -60) & (position < 390)
        elif self.moving == "screen":
            x = float(rng.choice([8, 250]))
            self.screen = self.grid.fixed(
                np.array([(x, 60), (x + 66, 60), (x + 66, 104), (x, 104)])
            )
            self._screen_frame = self.grid.fixed(
                np.array([(x - 3, 57), (x + 69, 57), (x + 69, 107), (x - 3, 107)])
            )
            fill(self.background, self._screen_frame, (34, 34, 38))
            self.caption = self.grid.fixed(
                np.array([(x + 6, 88), (x + 48, 88), (x + 48, 95), (x + 6, 95)])
            )
            keys = rng.uniform(70, 150, (1, 3)) + rng.normal(
                0, 22, (frames // max(1, round(0.7 * fps)) + 2, 3)
            )
            self.glow = np.clip(keys, 0, 255)[(time / 0.7).astype(int) % len(keys)]
        elif self.moving == "curtain":
            x = float(rng.choice([2, 286]))
            sway = 5 * np.sin(2 * np.pi * time / rng.uniform(2.5, 4.5))
            levels = np.linspace(-30, 280, 9)
            left = np.stack([x - 14 + 0 * levels, levels], -1)
            growth = np.clip((levels + 30) / 310, 0, 1)[:, None] * [1.0, 0]
            self.drape = []
            tone = tuple(float(c) for c in rng.uniform(120, 220, 3))
            for k in range(5):
                strip = np.concatenate([left + [6 * k, 0], (left + [6 * k + 6, 0])[::-1]])
                grow = np.concatenate([growth, growth[::-1]])
                moved = strip + sway[:, None, None] * grow * (1 + 0.2 * k)
                self.drape.append((self.grid.fixed(moved), shade(tone, (0.82, 0.95)[k % 2])))

    # per frame ---------------------------------------------------------------------------------
    def begin(self, frame: int) -> np.ndarray:
        """A fresh canvas with everything behind the person."""
        image = self.background.copy()
        if self.moving == "passer_by" and self.visible[frame]:
            for polygon, tone in self.walker:
                fill(image, polygon[frame], tone)
        elif self.moving == "screen":
            fill(image, self.screen, tuple(float(c) for c in self.glow[frame]))
            fill(image, self.caption, tuple(float(c) for c in 0.35 * self.glow[frame] + 130))
        elif self.moving == "curtain":
            for polygon, tone in self.drape:
                fill(image, polygon[frame], tone)
        return image

    def table(self, image: np.ndarray) -> None:
        """Lay the table over what was drawn, in place."""
        if self.edge_row is not None:
            image[self.edge_row :] = self.table_image

    def finish(self, image: np.ndarray) -> None:
        """What stands before the person, in place."""
        if self.front is not None:
            box, colour, rest = self.front
            image[box] = (colour + image[box] * rest) // 255
