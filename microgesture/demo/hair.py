"""Hair styles, as outlines in the head's own axes."""

from collections.abc import Callable

import numpy as np

from microgesture.demo.drawing import Grid, disc, fill, mix, shade, smooth, stroke
from microgesture.demo.subjects import Subject

# Hair line over the forehead from the image's left temple to the right, head-local (x, y).
HAIR_LINES = {
    "short": [(-16.2, -5), (-14.6, -12), (-9, -15.8), (0, -16.6), (9, -15.8), (14.6, -12), (16.2, -5)],
    "side_part": [(-16.2, -5), (-14.8, -11.5), (-10.5, -17.5), (-7, -18.4), (3, -14.2), (13.6, -10.6),
                  (16.3, -4)],
    "fringe": [(-16.6, -3), (-14.8, -8.4), (-9, -10.4), (0, -11.2), (9, -10.4), (14.8, -8.4), (16.6, -3)],
    "long": [(-17.0, 2), (-14.6, -8), (-8, -15.2), (0, -18.6), (8, -15.2), (14.6, -8), (17.0, 2)],
    "bob": [(-17.2, 6), (-15.4, -7), (-11, -13.4), (0, -14.4), (11, -13.4), (15.4, -7), (17.2, 6)],
    "bun": [(-16.6, -4), (-14.2, -13), (-8, -17.8), (0, -19), (8, -17.8), (14.2, -13), (16.6, -4)],
    "curly": [(-16.4, -4), (-14.4, -11), (-8.4, -14.8), (0, -15.4), (8.4, -14.8), (14.4, -11), (16.4, -4)],
    "receding": [(-16.6, -4), (-14.6, -14), (-11, -20.4), (0, -19.6), (11, -20.4), (14.6, -14), (16.6, -4)],
}  # fmt: skip
VOLUME = {"short": 2.2, "side_part": 3.2, "fringe": 3.2, "long": 3.0, "bob": 3.6, "bun": 1.6,
          "curly": 4.6, "receding": 0.9}  # fmt: skip


def _cap(style: str, skew: float) -> np.ndarray:
    """Outline (N, 3) of the hair that is seen from the front."""
    volume = VOLUME[style]
    angle = np.deg2rad(np.linspace(-6, 186, 15))
    rim = np.stack([np.cos(angle) * (17.6 + volume), -4 - np.sin(angle) * (22.4 + volume)], -1)
    line = np.array(HAIR_LINES[style]) * [skew, 1]
    line = line[np.argsort(line[:, 0], kind="stable")]
    outline = np.concatenate([rim, line])
    depth = np.concatenate([np.full(len(rim), -4.0), np.interp(line[:, 0], [-17, 0, 17], [2, 12, 2])])
    return np.concatenate([outline, depth[:, None]], axis=1)


class HairPainter:
    """Draws hair behind the shoulders and around the face."""

    def __init__(
        self, subject: Subject, place: Callable[[np.ndarray], np.ndarray], figure, grid: Grid
    ):
        look = subject.look
        style = look.hair_style
        rng = np.random.default_rng([*subject.key, 9])
        self.grid, self.style = grid, style
        self.base, self.edge = look.hair, shade(look.hair, 0.6)
        self.light = mix(shade(look.hair, 1.3), (255, 236, 210), 0.06)
        skew = -1.0 if rng.random() < 0.5 else 1.0
        self.cap = grid.fixed(smooth(place(_cap(style, skew)), 2))
        strands = []
        for start in np.linspace(-13, 13, 7) + rng.normal(0, 0.6, 7):
            top = -4 - np.sqrt(max(0.0, 1 - (start / 20) ** 2)) * (20.5 + 0.6 * VOLUME[style])
            line = np.array(HAIR_LINES[style]) * [skew, 1]
            line = line[np.argsort(line[:, 0], kind="stable")]
            low = np.interp(start * 1.08, line[:, 0], line[:, 1])
            if low - top < 2.5:
                continue
            strands.append([(start * 0.9, top + 1.2, 4), (start * 1.05, (top + low) / 2, 8),
                            (start * 1.1, low - 0.8, 10)])  # fmt: skip
        self.strands = [grid.fixed(place(np.array(strand))) for strand in strands]
        self.back = self.curls = self.knot = None
        if style in ("long", "bob"):
            drop = 44 if style == "long" else 19
            width = 21 if style == "long" else 22
            local = np.array([(-19, -14, -8), (-width, 4, -8), (-width - 1, drop * 0.7, -8),
                              (-width * 0.72, drop, -8), (0, drop * 0.94, -8), (width * 0.72, drop, -8),
                              (width + 1, drop * 0.7, -8), (width, 4, -8), (19, -14, -8),
                              (0, -26, -8)])  # fmt: skip
            self.back = grid.fixed(smooth(place(local), 3))
        elif style == "curly":
            angle = np.deg2rad(np.linspace(-8, 188, 15))
            rim = np.stack([np.cos(angle) * 19.6, -5 - np.sin(angle) * 23.5, -4 + 0 * angle], -1)
            self.curls = grid.fixed(place(rim + rng.normal(0, 0.5, rim.shape)))
            self.radii = rng.uniform(3.8, 5.2, len(rim)) * grid.scale
        elif style == "bun":
            self.knot = grid.fixed(place(np.array([[0, -31.5, -8.0]])))[:, 0]

    def draw_back(self, image: np.ndarray, frame: int) -> None:
        """Hair behind the neck and shoulders."""
        if self.back is not None:
            stroke(image, self.back[frame], self.edge, self.grid.thickness(0.9), closed=True)
            fill(image, self.back[frame], shade(self.base, 0.82))
        if self.knot is not None:
            disc(image, self.knot[frame], 7.4 * self.grid.scale, self.edge)
            disc(image, self.knot[frame], 6.8 * self.grid.scale, self.base)
        if self.curls is not None:
            for centre, radius in zip(self.curls[frame], self.radii):
                disc(image, centre, radius + self.grid.scale * 0.5, self.edge)

    def draw_front(self, image: np.ndarray, frame: int) -> None:
        """Hair on the skull and over the forehead."""
        if self.curls is not None:
            for centre, radius in zip(self.curls[frame], self.radii):
                disc(image, centre, radius, self.base)
        stroke(image, self.cap[frame], self.edge, self.grid.thickness(0.7), closed=True)
        fill(image, self.cap[frame], self.base)
        for strand in self.strands:
            stroke(image, strand[frame], self.light, self.grid.thickness(0.5))
