"""The part of a picture in which a row of the video table looks for its subject.

An interview with two people is two rows with the same path, two ids, two subjects and two regions,
written x0,y0,x1,y1 as shares of the picture: 0,0,0.5,1 is its left half.
"""

from collections.abc import Iterable, Iterator

import numpy as np

Region = tuple[float, float, float, float]


def region_pixels(region: Region, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom (exclusive) in pixels, at least one pixel each way."""
    x0, y0, x1, y1 = region
    left, top = min(round(x0 * width), width - 1), min(round(y0 * height), height - 1)
    return left, top, max(round(x1 * width), left + 1), max(round(y1 * height), top + 1)


def cut_region(batches: Iterable[np.ndarray], region: Region | None) -> Iterator[np.ndarray]:
    """The part of every frame that lies in the region: uint8 (N, h, w, 3) a batch."""
    for frames in batches:
        if region is None:
            yield frames
        else:
            left, top, right, bottom = region_pixels(region, frames.shape[2], frames.shape[1])
            yield np.ascontiguousarray(frames[:, top:bottom, left:right])


def move_into_picture(
    points: np.ndarray, region: Region | None, width: int, height: int
) -> np.ndarray:
    """Points (..., 3) found in a region, in pixels of the whole picture; missing stay zeros.

    width, height: of the whole picture.
    """
    if region is None:
        return points
    left, top, _, _ = region_pixels(region, width, height)
    offset = np.array([left, top, 0], points.dtype)
    return np.where(points[..., 2:] > 0, points + offset, points)
