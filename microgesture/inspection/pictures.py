"""What some of a video's pictures show: light, contrast, a frozen picture, a camera that moves."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from microgesture.tables.regions import parse_region
from microgesture.videos.decoding import iterate_selected
from microgesture.videos.frame_index import FrameIndex

PLACES, RUN = 8, 5  # runs of neighbouring frames that are looked at, spread over the video
_SIDE = 320  # pixels, the longer side of the pictures that are compared
_BLOCK = 20  # pixels, side of the blocks whose change is asked for
_SAME = 0.5  # levels by which the block that changes most may change in one and the same picture
_MOVED = 0.01  # of the picture's width: the camera moves
_BORDER = 0.2  # of the picture at both sides and above: behind whoever sits before the camera
_CORNERS = 6  # least number of corners there, left and right; fewer tell nothing


@dataclass(frozen=True)
class Look:
    """light, contrast: medians over the pictures of mean and standard deviation of the levels (0 to
    255). pairs: int (P,), the second frames of the neighbours that were compared. same: bool (P,),
    nothing changed. shifts: float (P,), how far the camera moved between the two, as a share of the
    picture's width; 0 where it stood."""

    light: float
    contrast: float
    pairs: np.ndarray
    same: np.ndarray
    shifts: np.ndarray


def chosen_frames(frames: int) -> np.ndarray:
    """Numbers of the frames that are looked at: runs of neighbours in equal distances, ascending.

    All frames of a short video.
    """
    if frames <= PLACES * RUN:
        return np.arange(frames)
    starts = np.linspace(0, frames - RUN, PLACES).astype(int)
    return np.unique((starts[:, None] + np.arange(RUN)).ravel())


def look_at(path: str | Path, frames: int, index: FrameIndex | None, region: str = "") -> Look:
    """Look at some pictures of the video at `path`, of its region only where there is one.

    Raises `BadInput` as `iterate_selected`.
    """
    levels, spreads, pairs, same, shifts = [], [], [], [], []
    last_number, last = -2, None
    for number, picture in iterate_selected(path, chosen_frames(frames), index):
        grey = _grey(picture, region)
        levels.append(float(grey.mean()))
        spreads.append(float(grey.std()))
        if number == last_number + 1:
            pairs.append(number)
            same.append(_most_changed(last, grey) < _SAME)
            shifts.append(_camera_shift(last, grey))
        last_number, last = number, grey
    return Look(
        light=float(np.median(levels)),
        contrast=float(np.median(spreads)),
        pairs=np.array(pairs, int),
        same=np.array(same, bool),
        shifts=np.array(shifts, float),
    )


def _grey(picture: np.ndarray, region: str) -> np.ndarray:
    """uint8 levels of the region, the longer side 320 pixels at most."""
    if region:
        height, width = picture.shape[:2]
        x0, y0, x1, y1 = parse_region(region)
        rows = slice(int(y0 * height), max(int(y0 * height) + 1, int(np.ceil(y1 * height))))
        columns = slice(int(x0 * width), max(int(x0 * width) + 1, int(np.ceil(x1 * width))))
        picture = picture[rows, columns]
    scale = min(1.0, _SIDE / max(picture.shape[:2]))
    size = (
        max(1, round(picture.shape[1] * scale)),
        max(1, round(picture.shape[0] * scale)),
    )
    small = cv2.resize(np.ascontiguousarray(picture), size, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)


def _most_changed(first: np.ndarray, second: np.ndarray) -> float:
    """Mean difference in levels of the block that changes most: a living person's does, however
    much of the picture stands still."""
    change = np.abs(first.astype(np.float32) - second)
    size = [max(1, side // _BLOCK) for side in change.shape[::-1]]
    return float(cv2.resize(change, size, interpolation=cv2.INTER_AREA).max())


def _camera_shift(first: np.ndarray, second: np.ndarray) -> float:
    """How far the background moved, as a share of the picture's width; 0 where it did not, or where
    too little of it can be followed.

    The median way of the corners near the left, right and upper edge, where the person is not; of
    both halves the shorter one, so that somebody who walks past one edge is no camera.
    """
    height, width = first.shape
    border = np.full(first.shape, 255, np.uint8)
    across = slice(int(_BORDER * width), int((1 - _BORDER) * width))
    border[int(_BORDER * height) :, across] = 0
    shares = []
    for half in (slice(0, width // 2), slice(width // 2, width)):
        mask = np.zeros_like(border)
        mask[:, half] = border[:, half]
        corners = cv2.goodFeaturesToTrack(first, 100, 0.02, 4, mask=mask)
        if corners is None:
            return 0.0
        found, followed, _ = cv2.calcOpticalFlowPyrLK(first, second, corners, None, maxLevel=4)
        ways = (found - corners)[followed[:, 0] == 1].reshape(-1, 2)
        if len(ways) < _CORNERS:
            return 0.0
        shares.append(float(np.linalg.norm(np.median(ways, axis=0))) / width)
    return min(shares) if min(shares) >= _MOVED else 0.0
