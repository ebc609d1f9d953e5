"""What some of a video's pictures show: light, contrast, a frozen picture, a camera that moves."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from microgesture.tables.regions import parse_region
from microgesture.videos.decoding import iterate_selected
from microgesture.videos.frame_index import FrameIndex

PLACES, RUN = 8, 5  # runs of neighbouring frames that are looked at, spread over the video
_SIDE = 160  # pixels, the longer side of the pictures that are compared
_MOVED = 0.01  # of the picture's width: the whole picture moves
_SURE = 0.15  # response of the phase correlation below which a shift means nothing
_SAME = 0.02  # mean difference in levels below which two pictures are one


@dataclass(frozen=True)
class Look:
    """light, contrast: medians over the pictures of mean and standard deviation of the levels (0 to
    255). pairs: int (P,), the second frames of the neighbours that were compared. same: bool (P,),
    no difference. shifts: float (P,), how far the whole picture moved between the two, as a share
    of its width; 0 where it did not."""

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
            same.append(float(np.abs(grey - last).mean()) < _SAME)
            shifts.append(_shift(last, grey))
        last_number, last = number, grey
    return Look(
        light=float(np.median(levels)),
        contrast=float(np.median(spreads)),
        pairs=np.array(pairs, int),
        same=np.array(same, bool),
        shifts=np.array(shifts, float),
    )


def _grey(picture: np.ndarray, region: str) -> np.ndarray:
    """float32 levels of the region, the longer side 160 pixels."""
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
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)


def _shift(first: np.ndarray, second: np.ndarray) -> float:
    """How far the whole picture moved, as a share of its width; 0 where that is not sure."""
    if min(first.shape) < 16 or first.std() < 2 or second.std() < 2:
        return 0.0
    window = cv2.createHanningWindow(first.shape[::-1], cv2.CV_32F)
    (x, y), response = cv2.phaseCorrelate(first, second, window)
    share = float(np.hypot(x, y)) / first.shape[1]
    return share if response >= _SURE and share >= _MOVED else 0.0
