"""A stage for recordings without a video: imported skeletons on a dark canvas."""

import numpy as np

from microgesture.figures.panel import BACKGROUND
from microgesture.figures.skeletons import rgb_of
from microgesture.pose.layouts import Layout

SIDE = 320  # pixels, for skeletons in metres
_MARGIN = 0.15  # around the crop, share of its side

Box = tuple[float, float, float, float]


def empty_frames(number: int, height: int, width: int) -> list[np.ndarray]:
    """The same dark picture `number` times, uint8 (height, width, 3)."""
    picture = np.empty((height, width, 3), dtype=np.uint8)
    picture[:] = rgb_of(BACKGROUND)
    return [picture] * number


def on_canvas(points: np.ndarray, box: Box, layout: Layout) -> tuple[np.ndarray, Box]:
    """Skeletons and their crop moved onto a square canvas of 320 pixels that shows the crop.

    points: (M, T, J, D + 1), D = 2 or 3, metres or pixels; of three dimensions the first two are
    kept, which is the view from the camera. Turned over where the head lies below the rest, because
    recorders count upwards and pictures downwards. Returns (M, T, J, 3) in canvas pixels, score
    last, missing joints zero, and the box in canvas pixels.
    """
    flat = np.concatenate([points[..., :2], points[..., -1:]], axis=-1).astype(np.float64)
    x0, y0, x1, _ = box
    side = max(x1 - x0, 1e-9)
    scale = SIDE / (side * (1 + 2 * _MARGIN))
    inset = (SIDE - side * scale) / 2
    flat[..., 0] = (flat[..., 0] - x0) * scale + inset
    flat[..., 1] = (flat[..., 1] - y0) * scale + inset
    if _upside_down(flat, layout):
        flat[..., 1] = SIDE - flat[..., 1]
    flat[flat[..., 2] <= 0] = 0
    return flat, (inset, inset, SIDE - inset, SIDE - inset)


def _upside_down(points: np.ndarray, layout: Layout) -> bool:
    head = np.zeros(layout.num_joints, dtype=bool)
    head[[joint for part in ("head", "face") for joint in layout.parts.get(part, ())]] = True
    seen = points[..., 2] > 0
    above, below = seen & head, seen & ~head
    if not above.any() or not below.any():
        return False
    return bool(points[..., 1][above].mean() > points[..., 1][below].mean())
