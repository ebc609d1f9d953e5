"""Drawing primitives: anti-aliased shapes in world units on a supersampled canvas.

World units are the pixels of a 320x240 picture at zoom 1, x to the right, y down; integers are
pixel centres. Geometry is turned to OpenCV's fixed-point numbers for all frames of a video at once
(`Grid.fixed`), so that the loop over frames does nothing but call OpenCV.
"""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

SHIFT = 4  # fractional bits of OpenCV's sub-pixel coordinates
Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Grid:
    """Where the canvas lies in the world: `left`, `top` of its corner, `scale` pixels a unit."""

    left: float
    top: float
    width: int
    height: int
    scale: float

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns) of the canvas in pixels."""
        return round(self.height * self.scale), round(self.width * self.scale)

    def pixels(self, points: np.ndarray) -> np.ndarray:
        """World points (..., 2) -> canvas pixels, float64."""
        corner = np.array([self.left, self.top])
        return (np.asarray(points)[..., :2] - corner) * self.scale + (self.scale - 1) / 2

    def fixed(self, points: np.ndarray) -> np.ndarray:
        """World points (..., 2) -> int32 canvas coordinates with `SHIFT` fractional bits."""
        return np.rint(self.pixels(points) * (1 << SHIFT)).astype(np.int32, order="C")

    def thickness(self, units: float) -> int:
        """A line's thickness in whole canvas pixels, at least 1."""
        return max(1, round(units * self.scale))

    def matrix(self) -> np.ndarray:
        """3x3 transform from canvas pixels to world units."""
        offset = -(self.scale - 1) / 2 / self.scale
        return np.array(
            [
                [1 / self.scale, 0, self.left + offset],
                [0, 1 / self.scale, self.top + offset],
                [0, 0, 1],
            ]
        )


def fill(image: np.ndarray, polygon: np.ndarray, colour: Colour) -> None:
    """Fill one polygon of fixed-point corners (N, 2), in place."""
    cv2.fillPoly(image, [polygon], colour, cv2.LINE_AA, SHIFT)


def fill_convex(image: np.ndarray, polygon: np.ndarray, colour: Colour) -> None:
    """Fill one convex polygon of fixed-point corners (N, 2), in place; faster than `fill`."""
    cv2.fillConvexPoly(image, polygon, colour, cv2.LINE_AA, SHIFT)


def stroke(
    image: np.ndarray, points: np.ndarray, colour: Colour, thickness: int, closed: bool = False
) -> None:
    """Draw a line through fixed-point points (N, 2), in place."""
    cv2.polylines(image, [points], closed, colour, thickness, cv2.LINE_AA, SHIFT)


def disc(image: np.ndarray, centre: np.ndarray, radius: float, colour: Colour) -> None:
    """Fill a circle; `centre` fixed-point (2,), `radius` in canvas pixels."""
    cv2.circle(
        image,
        (int(centre[0]), int(centre[1])),
        max(1, round(radius * (1 << SHIFT))),
        colour,
        -1,
        cv2.LINE_AA,
        SHIFT,
    )


def blend(first, second, share):
    """The point or number at `share` of the way from `first` to `second`."""
    return first + (second - first) * share


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Blend two colours; `share` 0 gives the first, 1 the second."""
    return tuple(float(a + (b - a) * share) for a, b in zip(first, second))


def shade(colour: Colour, factor: float) -> Colour:
    """Darken (factor < 1) or lighten (> 1); shadows turn slightly blue, lights slightly warm."""
    warm = (1.01, 1.0, 0.98) if factor > 1 else (0.99, 0.99, 1.01)
    return tuple(float(min(255.0, max(0.0, c * factor * w))) for c, w in zip(colour, warm))


@cache
def _spline(count: int, per_span: int, closed: bool) -> np.ndarray:
    """Matrix (samples, count) of a Catmull-Rom curve through `count` points."""
    spans = count if closed else count - 1
    rows = []
    for span in range(spans):
        for t in np.arange(per_span) / per_span:
            weights = np.array(
                [
                    -0.5 * t + t**2 - 0.5 * t**3,
                    1 - 2.5 * t**2 + 1.5 * t**3,
                    0.5 * t + 2 * t**2 - 1.5 * t**3,
                    -0.5 * t**2 + 0.5 * t**3,
                ]
            )
            row = np.zeros(count)
            for offset, weight in zip((-1, 0, 1, 2), weights):
                index = span + offset
                row[index % count if closed else min(max(index, 0), count - 1)] += weight
            rows.append(row)
    if not closed:
        rows.append(np.eye(count)[-1])
    return np.array(rows)


def smooth(points: np.ndarray, per_span: int = 4, closed: bool = True) -> np.ndarray:
    """Catmull-Rom curve through control points (..., N, 2) -> (..., samples, 2)."""
    return _spline(points.shape[-2], per_span, closed) @ points


def capsule(
    start: np.ndarray, end: np.ndarray, radius_start, radius_end, steps: int = 7
) -> np.ndarray:
    """Outline of a tapered limb: half circles about two ends, joined by straight sides.

    `start`, `end` (..., 2); radii scalars or (...,). Returns (..., 2 * steps, 2), a polygon that
    is convex where one circle does not hold the other.
    """
    start, end = np.asarray(start, float), np.asarray(end, float)
    along = end - start
    length = np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-6)
    along = along / length
    across = np.stack([-along[..., 1], along[..., 0]], axis=-1)
    angle = np.linspace(-np.pi / 2, np.pi / 2, steps)
    cosine, sine = np.cos(angle)[:, None], np.sin(angle)[:, None]

    def cap(centre, direction, radius):
        radius = np.asarray(radius, float)[..., None, None]
        side = across if direction > 0 else -across
        arc = direction * along[..., None, :] * cosine + side[..., None, :] * sine
        return centre[..., None, :] + radius * arc

    return np.concatenate([cap(end, 1, radius_end), cap(start, -1, radius_start)], axis=-2)
