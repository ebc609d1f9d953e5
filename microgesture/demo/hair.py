"""Hair styles, as outlines in the head's own axes."""

from collections.abc import Callable

import numpy as np

from microgesture.demo.drawing import Grid, disc, fill, mix, shade, smooth, stroke
from microgesture.demo.subjects import Subject

# Hair line over the forehead from the image's left temple to the right, head-local (x, y).
HAIR_LINES = {
    "short": [
        (-16.2, -5),
        (-14.6, -12),
        (-9, -15.8),
        (0, -16.6),
        (9, -15.8),
        (14.6, -12),
        (16.2, -5),
    ],
    "side_part": [
        (-16.2, -5),
        (-14.8, -11.5),
        (-10.5, -17.5),
        (-7, -18.4),
        (3, -14.2),
        (13.6, -10.6),
        (16.3, -4),
    ],
    "fringe": [
        (-16.6, -3),
        (-14.8, -8.4),
        (-9, -10.4),
        (0, -11.2),
        (9, -10.4),
        (14.8, -8.4),
        (16.6, -3),
    ],
    "long": [(-17.0, 2), (-14.6, -8), (-8, -15.2), (0, -18.6), (8, -15.2), (14.6, -8), (17.0, 2)],
    "bob": [(-17.2, 6), (-15.4, -7), (-11, -13.4), (0, -14.4), (11, -13.4), (15.4, -7), (17.2, 6)],
    "bun": [(-16.6, -4), (-14.2, -13), (-8, -17.8), (0, -19), (8, -17.8), (14.2, -13), (16.6, -4)],
    "curly": [
        (-16.4, -4),
        (-14.4, -11),
        (-8.4, -14.8),
        (0, -15.4),
        (8.4, -14.8),
        (14.4, -11),
        (16.4, -4),
    ],
    "receding": [
        (-16.6, -4),
        (-14.6, -14),
        (-11, -20.4),
        (0, -19.6),
        (11, -20.4),
        (14.6, -14),
        (16.6, -4),
    ],
}
VOLUME = {
    "short": 2.2,
    "side_part": 3.2,
    "fringe": 3.2,
    "long": 3.0,
    "bob": 3.6,
    "bun": 1.6,
    "curly": 4.6,
    "receding": 0.9,
}


RAGGED = {"short": 0.9, "side_part": 0.7, "fringe": 1.3, "curly": 1.2}  # uneven hair lines


def _hair_line(style: str, skew: float) -> np.ndarray:
    """The hair line (N, 2) from the image's left to its right; `skew` -1 mirrors it."""
    line = np.array(HAIR_LINES[style], float) * [skew, 1]
    line = line[np.argsort(line[:, 0], kind="stable")]
    dense = smooth(line, 3, closed=False)
    dense[1:-1:2, 1] += RAGGED.get(style, 0.0)
    dense[2:-1:2, 1] -= RAGGED.get(style, 0.0)
    return dense


def _rim(style: str, angle: np.ndarray, volume: float) -> np.ndarray:
    """Points (N, 2) around the skull; angles in degrees, 0 at the image's right, 90 on top."""
    angle = np.deg2rad(angle)
    return np.stack([np.cos(angle) * (17.6 + volume), -4 - np.sin(angle) * (22.4 + volume)], -1)


def _deep(points: np.ndarray, front: float) -> np.ndarray:
    """Put depth to points (N, 2) on the skull: `front` in the middle, less to the sides."""
    depth = front * (1 - (points[:, 0] / 21) ** 2)
    return np.concatenate([points, depth[:, None]], axis=1)


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
        glow = 1.22 if sum(look.hair) > 150 else 1.6
        self.light = mix(self.base, shade(look.hair, glow), 0.55)
        self.bright = shade(look.hair, glow)
        skew = -1.0 if rng.random() < 0.5 else 1.0
        volume = VOLUME[style]
        line = _hair_line(style, skew)
        rim = _rim(style, np.linspace(-6, 186, 15), volume)
        cap = np.concatenate([_deep(rim, -4.0), _deep(line, 11.0)])
        self.cap = grid.fixed(smooth(place(cap), 2))
        # a gleam follows the skull on the lit side; strands fan out from the crown
        centre = 90 - 32 * subject.room.light_side
        sweep = np.linspace(centre - 34, centre + 34, 9)
        self.gleams = []
        if style != "receding":
            for share, tone, width in ((0.76, self.light, 4.2), (0.77, self.bright, 1.6)):
                arc = _rim(style, sweep if width > 2 else sweep[2:-2], volume) * share - [0, 1.2]
                arc[:, 1] = np.minimum(
                    arc[:, 1], np.interp(arc[:, 0], line[:, 0], line[:, 1]) - 2.6
                )
                placed = grid.fixed(smooth(place(_deep(arc, 6.0)), 2, False))
                self.gleams.append((placed, tone, grid.thickness(width)))
        crown = np.array([7.0 * skew if style == "side_part" else 0.0, -25.0 - 0.5 * volume])
        self.strands = []
        for index in np.linspace(1, len(line) - 2, 8).astype(int):
            end = line[index] + [0, -0.8]
            bend = crown + (end - crown) * [0.75, 0.35]
            placed = place(_deep(np.stack([crown, bend, end]), 9.0))
            tone = shade(self.base, 0.82 if index % 2 else 1.14)
            self.strands.append((grid.fixed(smooth(placed, 3, False)), tone))
        self.back = self.curls = self.knot = None
        if style in ("long", "bob"):
            drop = 44 if style == "long" else 19
            width = 21 if style == "long" else 22
            local = np.array(
                [
                    (-19, -14, -8),
                    (-width, 4, -8),
                    (-width - 1, drop * 0.7, -8),
                    (-width * 0.72, drop, -8),
                    (0, drop * 0.94, -8),
                    (width * 0.72, drop, -8),
                    (width + 1, drop * 0.7, -8),
                    (width, 4, -8),
                    (19, -14, -8),
                    (0, -26, -8),
                ]
            )
            self.back = grid.fixed(smooth(place(local), 3))
        elif style == "curly":
            rim = _rim(style, np.linspace(4, 176, 15), 2.0)
            rim = np.concatenate([rim, np.full((15, 1), -4.0)], axis=1)
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
        for strand, tone in self.strands:
            stroke(image, strand[frame], tone, self.grid.thickness(0.5))
        for gleam, tone, width in self.gleams:
            stroke(image, gleam[frame], tone, width)
