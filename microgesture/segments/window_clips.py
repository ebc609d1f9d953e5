"""Windows of whole videos in the form that networks are trained on and predict with: `Clips`.

Coordinates and pictures are stored once per video. A window is cut out of them when a sample is
asked for, in the units that a clip of the same frames would have (its own crop, its own body
length), and dropped afterwards: memory is that of the videos, however many windows look at them.
"""

from collections.abc import Sequence as AbstractSequence

import cv2
import numpy as np
import pandas as pd

from microgesture.datasets.body_units import to_body_units
from microgesture.datasets.clips import Clips
from microgesture.pose.layouts import Layout
from microgesture.pose.persons import choose_persons
from microgesture.provenance.errors import BadInput
from microgesture.saliency.boxes import crop_units, locate
from microgesture.segments.windows import UNKNOWN
from microgesture.stores.rgb import RgbStore
from microgesture.stores.sequences import Sequence

Box = tuple[float, float, float, float]


class WindowPoints(AbstractSequence):
    """The points of every window, float32 (M, F, V, D + 1), made when asked for.

    2D: crop units of the window's box; 3D: body units of the window. See `Clips.points`.
    """

    def __init__(
        self,
        windows: pd.DataFrame,
        sequences: dict[str, Sequence],
        boxes: np.ndarray,
        layout: Layout,
        persons: int,
        facing: bool,
    ):
        """boxes: float (N, 4), one per window; not looked at for coordinates in metres."""
        self._rows = list(windows[["video", "start", "end"]].itertuples(index=False, name=None))
        self._sequences, self._boxes = sequences, boxes
        self._layout, self._persons, self._facing = layout, persons, facing

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, number: int) -> np.ndarray:
        video, start, end = self._rows[number]
        sequence = self._sequences[video]
        present = sequence.present[start : end + 1]
        cut = sequence.points[:, start : end + 1]
        cut = cut[choose_persons(cut, present, self._persons)]
        if len(cut) < self._persons:
            missing = np.zeros((self._persons - len(cut), *cut.shape[1:]), cut.dtype)
            cut = np.concatenate([cut, missing])
        if cut.shape[-1] == 3:
            return crop_units(cut, tuple(self._boxes[number]))
        return to_body_units(cut, present, self._layout, facing=self._facing)


class WindowEnergies(AbstractSequence):
    """The motion energy of every window, float32 (F,): a cut out of its video's."""

    def __init__(self, windows: pd.DataFrame, energies: dict[str, np.ndarray]):
        self._rows = list(windows[["video", "start", "end"]].itertuples(index=False, name=None))
        self._energies = energies

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, number: int) -> np.ndarray:
        video, start, end = self._rows[number]
        return self._energies[video][start : end + 1]


class WindowPictures:
    """The pictures of every window, cut out of one stored picture stream per video.

    Stands in `Clips.rgb`: `read(number, frames)` as `RgbClips` has it.
    """

    def __init__(
        self,
        windows: pd.DataFrame,
        stores: dict[str, RgbStore],
        stored_boxes: dict[str, Box],
        boxes: np.ndarray,
        size: int,
    ):
        """stores: the store of every video, in which the video is a clip of its own, its
        positions frame numbers of the video; stored_boxes: the square in pixels of the original
        frame that its pictures show; boxes: float (N, 4), that of every window; size: side of
        what `read` gives, pixels. Raises BadInput for a video without a picture."""
        self._rows = list(windows[["video", "start"]].itertuples(index=False, name=None))
        self._stores, self._stored_boxes = stores, stored_boxes
        self._boxes, self._size = boxes, size
        self._positions = {video: store.positions(video) for video, store in stores.items()}
        for video, positions in self._positions.items():
            if not len(positions):
                raise BadInput(f"{stores[video].path}: video {video!r} holds no pictures")

    def read(self, number: int, frames: np.ndarray) -> np.ndarray:
        """uint8 (T, S, S, 3): for every frame of the window the nearest stored picture, of which
        the window's box is cut out; what lies outside of the stored picture is black."""
        video, start = self._rows[number]
        positions = self._positions[video]
        middles = (positions[1:] + positions[:-1]) / 2
        wanted = np.searchsorted(middles, np.asarray(frames) + start)
        places, back = np.unique(wanted, return_inverse=True)
        pictures = self._stores[video].read(video, places)
        cuts = cut_pictures(
            pictures, self._stored_boxes[video], tuple(self._boxes[number]), self._size
        )
        return cuts[back]


def cut_pictures(pictures: np.ndarray, stored: Box, wanted: Box, size: int) -> np.ndarray:
    """The square `wanted` out of pictures of the square `stored`: uint8 (T, size, size, 3).

    pictures: uint8 (T, S, S, 3); both squares in pixels of the original frame. Sampled with linear
    interpolation, from a mean over the pixels where the picture shrinks; black outside.
    """
    side = pictures.shape[1]
    scale = side / (stored[2] - stored[0])
    step = (wanted[2] - wanted[0]) * scale / size  # stored pixels per pixel of the result
    if step > 1:  # fewer pixels than are stored: shrink first, so that nothing flickers
        small = max(1, round(side / step))
        shrunk = [cv2.resize(p, (small, small), interpolation=cv2.INTER_AREA) for p in pictures]
        pictures, scale, step = np.stack(shrunk), scale * small / side, step * small / side
    # The centre of pixel 0 of the result lies half a step into the wanted square.
    x = (wanted[0] - stored[0]) * scale + step / 2 - 0.5
    y = (wanted[1] - stored[1]) * scale + step / 2 - 0.5
    place = np.array([[step, 0, x], [0, step, y]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.stack([cv2.warpAffine(p, place, (size, size), flags=flags) for p in pictures])


def locate_windows(
    windows: pd.DataFrame, sequences: dict[str, Sequence], settings: dict
) -> tuple[np.ndarray, np.ndarray]:
    """(box float64 (N, 4), person_frames int64 (N,)) of every window, as a clip of its frames
    would have them. settings: those of locate_saliency (see `saliency.table.locate_clips`)."""
    settings = dict(settings)
    people = settings.pop("persons", 1)
    boxes, persons = np.zeros((len(windows), 4)), np.zeros(len(windows), np.int64)
    for number, row in enumerate(windows.itertuples()):
        sequence = sequences[row.video]
        points = sequence.points[:, row.start : row.end + 1]
        present = sequence.present[row.start : row.end + 1]
        found = locate(
            points[choose_persons(points, present, people)],
            present,
            sequence.width,
            sequence.height,
            **settings,
        )
        boxes[number], persons[number] = found.box, found.person_frames
    return boxes, persons


def video_motion(sequence: Sequence, settings: dict) -> np.ndarray:
    """float32 (T,): the motion energy of every frame of a video. settings: as `locate_windows`."""
    settings = dict(settings)
    chosen = choose_persons(sequence.points, sequence.present, settings.pop("persons", 1))
    size = sequence.width, sequence.height
    return locate(sequence.points[chosen], sequence.present, *size, **settings).motion


def windows_as_clips(
    windows: pd.DataFrame,
    sequences: dict[str, Sequence],
    layout: Layout,
    *,
    boxes: np.ndarray | None = None,
    labels: np.ndarray | None = None,
    split: str = "unlabelled",
    persons: int = 1,
    facing: bool = False,
    energies: dict[str, np.ndarray] | None = None,
    pictures: WindowPictures | None = None,
) -> Clips:
    """The windows as `Clips`: number n is row n of `windows`, named video:start-end.

    sequences: whole videos; boxes: from `locate_windows`, needed for coordinates in pixels; labels:
    int64 (N,), -1 unknown; energies: motion energy of every video (T,), needed for sampling by
    motion. Raises BadInput for another layout and for a window past the end of its video.
    """
    for video, last in windows.groupby("video")["end"].max().items():
        sequence = sequences.get(video)
        if sequence is None:
            raise BadInput(f"video {video!r} has windows but no keypoints")
        if sequence.layout != layout.name:
            raise BadInput(
                f"video {video!r} has keypoints in the layout {sequence.layout}, the windows are "
                f"for {layout.name}; write layout: {sequence.layout}"
            )
        if last >= len(sequence.present):
            raise BadInput(
                f"video {video!r} has frames 0 to {len(sequence.present) - 1}, a window ends at "
                f"{last}"
            )
        if boxes is None and sequence.points.shape[-1] == 3:
            raise BadInput(f"video {video!r}: windows over pixels need a box each (locate_windows)")
    count = len(windows)
    return Clips(
        layout=layout,
        clips=[f"{row.video}:{row.start}-{row.end}" for row in windows.itertuples()],
        splits=[split] * count,
        labels=np.full(count, UNKNOWN, np.int64)
        if labels is None
        else np.asarray(labels, np.int64),
        weights=np.ones(count, np.float32),
        lengths=(windows["end"] - windows["start"] + 1).to_numpy(np.int64),
        points=WindowPoints(windows, sequences, boxes, layout, persons, facing),
        energies=WindowEnergies(windows, energies or {}),
        rgb=pictures,
    )
