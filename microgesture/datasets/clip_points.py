"""The skeletons of all clips, cut out of their stores when a sample is asked for.

What is kept of a clip is where it lies and what its coordinates are measured by, about a hundred
bytes; the keypoints themselves stay in the mapped stores, which all processes of a machine share
(microgesture/stores/mapped.py).
"""

from collections.abc import Iterator
from collections.abc import Sequence as AbstractSequence

import numpy as np
import pandas as pd

from microgesture.datasets.body_units import BodyFrame, body_frame, to_frame
from microgesture.pose.layouts import Layout
from microgesture.pose.persons import choose_persons
from microgesture.provenance.errors import BadInput
from microgesture.saliency.boxes import crop_units
from microgesture.stores.mapped import MappedSequences, Place


class ClipPoints(AbstractSequence):
    """The points of every clip, float32 (M, F, V, D + 1), made when asked for.

    2D: units of the clip's box; 3D: body units. See `Clips.points`.
    """

    def __init__(self, count: int, persons: int):
        """count: clips; persons: people of each. `add` puts the clips in, by number."""
        self._persons = persons
        self._stores: list[MappedSequences] = []
        self._videos: list[tuple[str, Place]] = []
        self._where = np.zeros((count, 4), np.int64)  # store, video, first frame, one past the last
        self._rows = np.zeros((count, persons), np.int16)  # of the store's people; -1: nobody
        self._boxes = np.zeros((count, 4))  # of clips in pixels
        self._frames: dict[int, BodyFrame] = {}  # of clips in metres

    def add(
        self,
        store: MappedSequences,
        table: pd.DataFrame,
        boxes: dict[str, tuple[float, float, float, float]],
        layout: Layout,
        facing: bool,
    ) -> None:
        """Take in the clips of a store. table: number, clip, video, start, end. boxes: by clip.

        Raises BadInput for a video that is not there, not as it was written, or in another layout,
        for a clip past its video's end, and for `facing` with keypoints in pixels.
        """
        self._stores.append(store)
        places = store.places(table["video"].unique().tolist())
        for clip, video in table[["clip", "video"]].itertuples(index=False):
            if video not in places:
                raise BadInput(
                    f"{store.path}: holds no video {video!r}, which clip {clip!r} is cut from; run "
                    f"the workflow again from clean_keypoints"
                )
        for video, place in places.items():
            _check_layout(store, video, place, layout, facing)
        store.check(places)
        numbers = {video: len(self._videos) + number for number, video in enumerate(places)}
        self._videos += places.items()
        for row in table.itertuples():
            place, stop = places[row.video], row.end + 1
            if row.start < 0 or stop > place.shape[1]:
                raise BadInput(
                    f"{store.path}: clip {row.clip!r} ends at frame {row.end}, video {row.video!r} "
                    f"has frames 0 to {place.shape[1] - 1}"
                )
            number = row.number
            self._where[number] = len(self._stores) - 1, numbers[row.video], row.start, stop
            points, present = store.read(row.video, place, row.start, stop)
            rows = choose_persons(points, present, self._persons)
            self._rows[number] = -1
            self._rows[number, : len(rows)] = rows
            if place.shape[-1] == 3:
                self._boxes[number] = boxes[row.clip]
            else:
                points = self._cut(points, number)
                self._frames[number] = body_frame(points, present, layout, facing=facing)

    def __len__(self) -> int:
        return len(self._where)

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> np.ndarray:
        number = range(len(self))[number]
        store, video, start, stop = self._where[number].tolist()
        video, place = self._videos[video]
        points, _ = self._stores[store].read(video, place, start, stop)
        points = self._cut(points, number)
        if place.shape[-1] == 3:
            return crop_units(points, tuple(self._boxes[number]))
        return to_frame(points, self._frames[number])

    def _cut(self, points: np.ndarray, number: int) -> np.ndarray:
        """A copy of the chosen people, empty ones behind them where there are too few."""
        rows = self._rows[number]
        cut = points[rows[rows >= 0]]
        if len(cut) < self._persons:
            cut = np.concatenate([cut, np.zeros((self._persons - len(cut), *cut.shape[1:]))])
        return cut


def _check_layout(
    store: MappedSequences, video: str, place: Place, layout: Layout, facing: bool
) -> None:
    if place.layout != layout.name:
        raise BadInput(
            f"{store.path}: video {video!r} has keypoints in the layout {place.layout}, "
            f"the configuration says {layout.name}; write layout: {place.layout}"
        )
    if facing and place.shape[-1] == 3:
        raise BadInput(
            f"{store.path}: facing: true turns skeletons in space, the keypoints of video "
            f"{video!r} are in pixels; take facing out, or import 3D keypoints"
        )
