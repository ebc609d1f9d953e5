"""The pictures of a whole video, stored once: a square around its person, some a second.

A window cuts its own, tighter square out of them (`window_clips.WindowPictures`): one store a video
serves windows of every length and place.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from microgesture.saliency.boxes import square_around, whole_frame
from microgesture.videos.magnification import magnify
from microgesture.videos.magnification_settings import Magnification

Box = tuple[float, float, float, float]
_TAIL = 0.01  # share of the frames that may reach out at each side: one wild joint is no person
_AT_ONCE = 4096  # frames looked at together: memory does not grow with the video


def video_box(
    points: np.ndarray,
    present: np.ndarray,
    width: int,
    height: int,
    *,
    score_threshold: float = 0.3,
    padding: float = 0.25,
) -> Box:
    """The square in pixels in which the person of a video is, a hundredth of the frames aside.

    points: float (M, T, J, 3), pixels and score; present: bool (T,); padding: as in
    `saliency.boxes.locate`, so that a window's own square seldom reaches out. The whole frame's
    square where nobody is seen.
    """
    parts = [slice(start, start + _AT_ONCE) for start in range(0, len(present) or 1, _AT_ONCE)]
    limits = (width, height, score_threshold)
    low, high = np.concatenate(
        [_extremes(points[:, part], present[part], *limits) for part in parts], axis=1
    )
    if not len(low):
        return whole_frame(width, height)
    x0, y0 = np.quantile(low, _TAIL, axis=0)
    x1, y1 = np.quantile(high, 1 - _TAIL, axis=0)
    smallest = max(width, height) / 8
    return square_around((float(x0), float(y0), float(x1), float(y1)), padding, smallest)


def _extremes(
    points: np.ndarray, present: np.ndarray, width: int, height: int, score_threshold: float
) -> np.ndarray:
    """(2, F, 2): lowest and highest x and y of what stands, in the F frames where anything does."""
    standing = (points[..., -1] > score_threshold) & present[None, :, None]
    standing &= ((points[..., :2] >= 0) & (points[..., :2] <= (width, height))).all(axis=-1)
    seen = standing.any(axis=(0, 2))
    places, stands = points[:, seen, :, :2], standing[:, seen, :, None]
    low = np.where(stands, places, np.inf).min(axis=(0, 2))
    return np.stack([low, np.where(stands, places, -np.inf).max(axis=(0, 2))])


def picture_positions(frames: int, fps: float, per_second: float) -> np.ndarray:
    """int64 ascending: the frames whose pictures are kept, `per_second` of them, evenly; all where
    the video has no more. Raises ValueError for rates that are not above 0."""
    if not (fps > 0 and per_second > 0):
        raise ValueError(f"rates must be above 0, not {fps} and {per_second}")
    count = min(frames, max(1, round(frames * per_second / fps)))
    return (
        ((np.arange(count) + 0.5) * frames / count).astype(np.int64)
        if frames
        else np.empty(0, np.int64)
    )


def magnified_pictures(
    pictures: Iterable[np.ndarray],
    frames: int,
    fps: float,
    band: Magnification,
    positions: np.ndarray,
    origin: str,
) -> Iterator[np.ndarray]:
    """Those of a whole video's pictures at `positions`, their motion magnified as in its clips.

    pictures: all `frames` of them, in order. A clip sees its own frames alone and a video all, so
    a window's pictures differ from its clip's within the filter's reach of the clip's ends. Errors
    as `magnify`.
    """
    kept = set(positions.tolist())
    for number, picture in enumerate(magnify(pictures, frames, fps, band, origin)):
        if number in kept:
            yield picture
