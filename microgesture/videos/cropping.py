"""Cut the clips of a video out of it in one pass: every frame is decoded at most once."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import cv2
import numpy as np

from microgesture.videos.decoding import iterate_selected
from microgesture.videos.frame_index import FrameIndex
from microgesture.videos.magnification import magnify
from microgesture.videos.magnification_settings import Magnification, check_band
from microgesture.videos.sampling import spread_positions


class ClipCrop(NamedTuple):
    """A clip to cut out: frames `start` to `end` (inclusive), box (x0, y0, x1, y1) in pixels."""

    clip: str
    start: int
    end: int
    box: tuple[float, float, float, float]


def crop_clips(
    path: str,
    clips: Iterable[ClipCrop],
    size: int,
    frames_per_clip: int,
    index: FrameIndex | None = None,
    magnification: Magnification | None = None,
    fps: float = 0.0,
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """The crops of the clips of one video, in one forward pass also where clips overlap.

    Of each clip at most `frames_per_clip` frames, spread uniformly, are taken, cut along its box
    and resized to `size` x `size`. Yields (clip, frames uint8 (F, size, size, 3) RGB, positions
    int32 (F,) relative to the clip's start) in the order in which the clips end; only the clips
    that are under way are held in memory. index: the video's; None = made on the spot.
    magnification: where given, every frame of a clip is decoded, and those that are kept show its
    motion magnified; fps: then the video's frames per second. Raises `BadInput` as
    `iterate_selected` and `check_band`.
    """
    if magnification is not None:
        check_band(magnification, fps, path)
    wanted: dict[int, list[tuple[int, int]]] = {}
    clips = list(clips)
    positions, seen = [], []  # of every clip, the frames that are kept and those that are decoded
    for number, clip in enumerate(clips):
        length = clip.end - clip.start + 1
        positions.append(spread_positions(length, frames_per_clip).astype(np.int32))
        seen.append(positions[-1] if magnification is None else np.arange(length))
        for place, position in enumerate(seen[-1].tolist()):
            wanted.setdefault(clip.start + position, []).append((number, place))
    under_way: dict[int, np.ndarray] = {}
    for position, frame in iterate_selected(path, sorted(wanted), index):
        for number, place in wanted[position]:
            if number not in under_way:
                shape = (len(seen[number]), size, size, 3)
                under_way[number] = np.empty(shape, dtype=np.uint8)
            under_way[number][place] = crop_square(frame, clips[number].box, size)
            if place == len(seen[number]) - 1:
                pictures = under_way.pop(number)
                if magnification is not None:
                    moved = magnify(pictures, len(pictures), fps, magnification, path)
                    kept = set(positions[number].tolist())
                    pictures = np.stack([each for at, each in enumerate(moved) if at in kept])
                yield clips[number].clip, pictures, positions[number]


def crop_square(frame: np.ndarray, box: tuple[float, float, float, float], size: int) -> np.ndarray:
    """The square `box` of a frame (H, W, 3), resized to uint8 (size, size, 3).

    The box, rounded to whole pixels (of the result, where it shrinks), may reach out of the frame:
    the frame's edge is repeated there. Shrinking averages over areas, so that nothing flickers;
    enlarging interpolates.
    """
    height, width = frame.shape[:2]
    factor = max(1, int((box[2] - box[0]) // size))
    side = max(1, round((box[2] - box[0]) / factor)) * factor
    left, top = round((box[0] + box[2] - side) / 2), round((box[1] + box[3] - side) / 2)
    right, bottom = left + side, top + side
    if left >= width or top >= height or right <= 0 or bottom <= 0:
        # Beside the frame: nothing but the nearest edge, repeated.
        rows = np.clip(np.arange(top, bottom), 0, height - 1)
        patch = frame[rows][:, np.clip(np.arange(left, right), 0, width - 1)]
    else:
        patch = frame[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
        outside = (-top, bottom - height, -left, right - width)
        if max(outside) > 0:
            outside = (max(pixels, 0) for pixels in outside)
            patch = cv2.copyMakeBorder(patch, *outside, cv2.BORDER_REPLICATE)
    return _resized(patch, factor, size)


def _resized(patch: np.ndarray, factor: int, size: int) -> np.ndarray:
    """A square resized: first the mean of `factor` x `factor` pixels, then the rest.

    OpenCV's area interpolation takes three to four times as long when the ratio is no whole
    number, as much as decoding the frame. So the rest, a ratio below 2, goes over twice the size:
    interpolated up to it, then the mean of 2 x 2.
    """
    if factor > 1:
        side = len(patch) // factor
        patch = cv2.resize(patch, (side, side), interpolation=cv2.INTER_AREA)
    if len(patch) > size:
        patch = cv2.resize(patch, (2 * size, 2 * size), interpolation=cv2.INTER_LINEAR)
        return cv2.resize(patch, (size, size), interpolation=cv2.INTER_AREA)
    if len(patch) < size:
        return cv2.resize(patch, (size, size), interpolation=cv2.INTER_LINEAR)
    return patch
