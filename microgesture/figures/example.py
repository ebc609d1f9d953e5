"""One frame of a clip with its skeleton and its crop, small enough for a sheet of many."""

import cv2
import numpy as np

from microgesture.figures.panel import CROP
from microgesture.figures.skeletons import draw_skeleton, rgb_of
from microgesture.pose.layouts import Layout

WIDTH = 420  # pixels


def draw_example(
    frame: np.ndarray,
    points: np.ndarray,
    layout: Layout,
    box: tuple[float, float, float, float] | None,
    width: int = WIDTH,
) -> np.ndarray:
    """uint8 (H', width, 3) RGB: the frame, its people, and the crop as a yellow square.

    frame: uint8 (H, W, 3) RGB; points: (M, J, 3) in its pixels, score last; box: x0, y0, x1, y1 in
    the same pixels, None = no crop.
    """
    scale = width / frame.shape[1]
    height = max(1, round(frame.shape[0] * scale))
    mode = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    picture = cv2.resize(np.ascontiguousarray(frame), (width, height), interpolation=mode)
    grown = points.astype(np.float64)
    # A pixel's centre is at +0.5: enlarge around that, so that joints stay on their spot.
    grown[..., :2] = (grown[..., :2] + 0.5) * scale - 0.5
    picture = draw_skeleton(picture, grown, layout, thickness=max(2.0, height / 190))
    if box is not None:
        corners = [round((edge + 0.5) * scale - 0.5) for edge in box]
        cv2.rectangle(picture, corners[:2], corners[2:], rgb_of(CROP), 1, cv2.LINE_AA)
    return picture
