"""The scene of a frame: backdrop, the table and what stands on it, and what moves behind."""

import numpy as np

from microgesture.demo.drawing import Grid, fill, mix, shade, stroke
from microgesture.demo.room import Backdrop, Brush
from microgesture.demo.subjects import Subject


class ScenePainter(Brush):
    """Static layers are painted once; `begin`, `table` and `finish` copy them into each frame."""

    def __init__(self, subject: Subject, grid: Grid, frames: int, fps: float):
        super().__init__(subject.room, grid)
        self.background = Backdrop(subject.room, grid).paint()
        self.edge_row = None
        if self.room.table:
            self._table()
        self.front = None
        if self.room.front != "none":
            self._front()
        self._mover(frames, fps)

    # before ------------------------------------------------------------------------------------
    def _table(self):
        image = self.background.copy()
        edge, wood = self.room.table_edge, self.room.wood
        for y in np.arange(edge, 285, 2.0):
            share = (y - edge) / (285 - edge)
            self.box(image, -60, y, 400, y + 2.4, shade(wood, 0.9 + 0.22 * share))
        for _ in range(26):
            y = float(self.rng.uniform(edge + 4, 275))
            x = float(self.rng.uniform(-60, 330))
            points = [
                (x, y),
                (x + 40, y + self.rng.normal(0, 0.7)),
                (x + self.rng.uniform(60, 120), y),
            ]
            self.line(image, points, shade(wood, self.rng.uniform(0.94, 0.99)), 0.7)
        self.line(image, [(-60, edge), (400, edge)], shade(wood, 1.2), 1.2)
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
                self.line(image, line, (176, 176, 182), 0.6)
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
            self.ball(image, x, y + 3, 4, (206, 210, 214))
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
            self.walker = [
                (self.grid.fixed(body + move), mix(tone, self.room.wall, 0.4)),
                (self.grid.fixed(head + move), mix((176, 136, 112), self.room.wall, 0.4)),
            ]
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
