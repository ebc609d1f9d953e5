"""Annotated clips: skeleton, crop and prediction drawn on the video itself."""

from collections.abc import Iterable, Iterator

import cv2
import numpy as np

from microgesture.figures.panel import (
    BACKGROUND,
    CROP,
    FIRST,
    FOREGROUND,
    TRACK,
    ClipText,
    draw_caption,
    draw_panel,
    font,
)
from microgesture.figures.skeletons import draw_skeleton, rgb_of
from microgesture.pose.layouts import Layout
from microgesture.videos.cropping import crop_square

TALLEST = 1080


def overlay_scale(height: int, scale: float) -> float:
    """The wanted enlargement, less where the picture would be taller than 1080 pixels."""
    return min(scale, TALLEST / height)


def draw_overlay(
    frames: Iterable[np.ndarray],
    points: np.ndarray,
    layout: Layout,
    box: tuple[float, float, float, float] | None,
    motion: np.ndarray,
    text: ClipText,
    fps: float,
    scale: float = 2.0,
) -> Iterator[np.ndarray]:
    """Yield the annotated frames of one clip, uint8 (H', W', 3) RGB with even sides.

    frames: uint8 (H, W, 3) RGB, one by one; points: (M, T, J, 3) in pixels of those frames, score
    last; box: saliency crop in the same pixels, None = no person found, nothing is cropped; motion:
    (T,) energy per frame; fps for the clock. Left the frame, right a panel with the prediction and
    the crop that the networks see, below the motion energy with the play head.
    """
    total = points.shape[1]
    panel = strip = None
    for number, frame in enumerate(frames):
        if panel is None:
            height, width = frame.shape[:2]
            scale = overlay_scale(height, scale)
            tall, wide = _even(height * scale), _even(width * scale)
            side, low = _even(max(300, 0.72 * tall)), _even(max(44, 0.1 * tall))
            panel, free = draw_panel(text, side, tall)
            strip = draw_strip(motion, wide + side, low)
        seen = cv2.resize(frame, (wide, tall), interpolation=cv2.INTER_CUBIC)
        grown = points[:, number].astype(np.float64)
        # A pixel's centre is at +0.5: enlarge around that, so that joints stay on their spot.
        grown[..., :2] = (grown[..., :2] + 0.5) * scale - 0.5
        seen = draw_skeleton(seen, grown, layout, thickness=max(2.0, tall / 190))
        beside = panel
        if box is not None:
            edges = [round((edge + 0.5) * scale - 0.5) for edge in box]
            cv2.rectangle(
                seen, edges[:2], edges[2:], rgb_of(CROP), max(1, tall // 360), cv2.LINE_AA
            )
            beside = _with_crop(panel, frame, box, free)
        below = _with_play_head(strip, number, total, fps)
        yield np.vstack([np.hstack([seen, beside]), below])


def draw_strip(motion: np.ndarray, width: int, height: int) -> np.ndarray:
    """(height, width, 3) motion energy over the clip as an area, without the play head."""
    strip = np.empty((height, width, 3), dtype=np.uint8)
    strip[:] = rgb_of(BACKGROUND)
    left, right, top, bottom = strip_inside(width, height)
    strip[top:bottom, left:right] = rgb_of(TRACK)
    motion = np.nan_to_num(np.asarray(motion, dtype=np.float64))
    peak = motion.max(initial=0.0)
    if len(motion) > 1 and peak > 0:
        x = np.linspace(left, right - 1, len(motion))
        y = bottom - 1 - (bottom - top - 2) * motion / peak
        outline = np.concatenate(
            [np.stack([x, y], 1), [[right - 1, bottom - 1], [left, bottom - 1]]]
        )
        cv2.fillPoly(
            strip, [np.round(outline * 16).astype(np.int32)], (70, 88, 104), cv2.LINE_AA, 4
        )
    size = max(10, round(height * 0.24))
    return draw_caption(strip, "motion", left, max(0, (top - size) // 2), size)


def strip_inside(width: int, height: int) -> tuple[int, int, int, int]:
    """left, right, top, bottom of the curve's field in the strip."""
    margin = max(8, height // 5)
    return margin, width - margin, round(height * 0.36), height - max(4, height // 8)


def _with_play_head(strip: np.ndarray, number: int, total: int, fps: float) -> np.ndarray:
    strip = strip.copy()
    height, width = strip.shape[:2]
    left, right, top, bottom = strip_inside(width, height)
    at = left + (right - 1 - left) * (number / max(1, total - 1))
    passed = strip[top:bottom, left : int(at) + 1]
    passed[:] = cv2.addWeighted(passed, 0.72, np.full_like(passed, rgb_of(FIRST)), 0.28, 0)
    cv2.line(strip, (round(at), top - 2), (round(at), bottom), rgb_of(FOREGROUND), 2)
    rate = fps if fps > 0 else 25.0
    size = max(10, round(height * 0.24))
    clock = f"{number / rate:.2f} s of {total / rate:.2f} s"
    x = right - round(font(size).getlength(clock))
    return draw_caption(strip, clock, x, max(0, (top - size) // 2), size)


def _with_crop(
    panel: np.ndarray, frame: np.ndarray, box: tuple[float, ...], free: int
) -> np.ndarray:
    """The panel with the crop below its text, where there is room for one."""
    height, width = panel.shape[:2]
    margin = max(9, round(width / 22))
    size = min(width - 2 * margin, height - free - margin)
    if size < 64:
        return panel
    panel = panel.copy()
    left, top = margin, height - margin - size
    panel[top : top + size, left : left + size] = _enlarged_crop(frame, box, size)
    cv2.rectangle(
        panel, (left - 1, top - 1), (left + size, top + size), rgb_of(CROP), max(1, height // 360)
    )
    lines = ("what the", "networks", "see")
    letters = max(9, round(0.8 * margin))
    if width - margin - (left + size) > font(letters).getlength(lines[0]) + letters:
        for place, line in enumerate(lines):
            panel = draw_caption(
                panel, line, left + size + letters, top + round(1.4 * letters * place), letters
            )
    return panel


def _enlarged_crop(frame: np.ndarray, box: tuple[float, ...], size: int) -> np.ndarray:
    """The crop as it is cut for the networks, but smoothly enlarged where it is small."""
    side = max(1, round(box[2] - box[0]))
    crop = crop_square(frame, box, min(side, size))
    return cv2.resize(crop, (size, size), interpolation=cv2.INTER_CUBIC)


def _even(value: float) -> int:
    """H.264 in its common form wants even sides."""
    return 2 * round(value / 2)
