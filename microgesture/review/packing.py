"""Keypoints and times of a video as text that a page holds and a browser unpacks.

A video's points become one base64 text: int16 x and y in steps of a fraction of a pixel, then uint8
scores; its times float64. All little-endian, as browsers have it.
"""

import base64
import math
from dataclasses import dataclass

import numpy as np

LARGEST = 32000  # of an int16, with room for points outside the picture
FINEST = 16  # steps of a pixel
SCORES = 255


@dataclass(frozen=True)
class PackedPoints:
    """text: base64 of int16 (S, V, 2) and uint8 (S, V), one behind the other; kept: S; stride:
    every how many frames one is kept; scale: steps of a pixel; joints: V."""

    text: str
    kept: int
    stride: int
    scale: float
    joints: int


def pack_numbers(numbers: np.ndarray, dtype: str) -> str:
    """Base64 of the numbers in `dtype` ("<f8", "<i2", ...)."""
    return base64.b64encode(np.ascontiguousarray(numbers, dtype=dtype).tobytes()).decode("ascii")


def stride_for(sizes: list[tuple[int, int]], budget: int) -> int:
    """Every how many frames a skeleton is kept, so that all videos' (frames, joints) fit `budget`
    bytes at five bytes a point."""
    total = sum(frames * joints * 5 for frames, joints in sizes)
    return max(1, math.ceil(total / budget))


def pack_points(points: np.ndarray, side: float, stride: int = 1) -> PackedPoints:
    """points: float (T, V, 3), x and y in pixels, score last in [0, 1] (0 = missing); side: the
    picture's longer one. Every `stride`-th frame is kept, the last one too, so that what lies
    between can be drawn between two. Points further away than a picture's side are cut there."""
    frames, joints = points.shape[:2]
    kept = kept_frames(frames, stride)
    chosen = np.nan_to_num(np.asarray(points[kept], np.float64))
    scale = min(FINEST, LARGEST / max(2 * side, 1))
    places = np.clip(np.round(chosen[..., :2] * scale), -LARGEST, LARGEST)
    scores = np.round(np.clip(chosen[..., 2], 0, 1) * SCORES)
    raw = places.astype("<i2").tobytes() + scores.astype("u1").tobytes()
    text = base64.b64encode(raw).decode("ascii")
    return PackedPoints(text, len(kept), stride, scale, joints)


def kept_frames(frames: int, stride: int) -> np.ndarray:
    """The frames 0, stride, 2 x stride, ... and the last, int64."""
    kept = np.arange(0, frames, stride)
    return kept if not frames or kept[-1] == frames - 1 else np.append(kept, frames - 1)


def pack_boxes(boxes: np.ndarray | None) -> list[list[int]]:
    """Crops over time as [frame, x0, y0, x1, y1] from which frame on it holds, and [frame] where
    there is none from there on. boxes: float (T, 4) in pixels, NaN = none; rounded to whole
    pixels."""
    changes: list[list[int]] = []
    if boxes is None:
        return changes
    last: list[int] | None = None
    for frame, box in enumerate(np.asarray(boxes, np.float64)):
        now = None if np.isnan(box).any() else np.round(box).astype(int).tolist()
        if now != last:
            changes.append([frame, *(now or [])])
            last = now
    return changes
