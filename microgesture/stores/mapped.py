"""Keypoints of a store as they lie in the file: mapped, so that processes share one copy of them.

The system keeps what is read of a mapped file once for all processes of a machine, gives it up
where memory is wanted for something else, and fetches it again: a process's own memory does not
grow with the number of clips. It holds where the points are uncompressed (the skeletons of this
workflow, see `open_sequence`); a compressed video is read from the file at every use.
"""

import mmap
import os
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from microgesture.provenance.errors import BadInput
from microgesture.stores.files import (
    dataset_of,
    decode_name,
    group_of,
    opened,
    told_when_unreadable,
)
from microgesture.stores.handles import HANDLES
from microgesture.stores.sequences import KIND, check_sums, read_sequence


@dataclass(frozen=True, slots=True)
class Place:
    """Where the keypoints of a video lie.

    points, present: first byte in the file, -1 where they cannot be mapped. shape: (M, T, J, D + 1)
    of the points. layout: of the keypoints.
    """

    points: int
    present: int
    shape: tuple[int, int, int, int]
    layout: str

    @property
    def is_mapped(self) -> bool:
        """The points can be used where they lie."""
        return self.points >= 0


class MappedSequences:
    """The keypoints of one store. The file is mapped at the first use, and again where too many
    others were since (microgesture/stores/handles.py); it may be handed to other processes."""

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self._bytes: np.ndarray | None = None
        self._known: tuple | None = None  # which file the places were read from

    def __getstate__(self) -> dict:
        return {"path": self.path, "_bytes": None, "_known": self._known}

    def places(self, videos: list[str]) -> dict[str, Place]:
        """Where these videos lie, those that are not in the store left out.

        Raises BadInput as `read_sequence`, also for a store of others whose numbers lie elsewhere.
        """
        found = {}
        with opened(self.path, KIND) as file:
            self._known = _which(self.path.stat())
            there = {decode_name(name) for name in file}
            for video in videos:
                if video in there:
                    group = group_of(file, video, "video")
                    with told_when_unreadable(self.path, f"video {video!r}"):
                        found[video] = self._place(group)
        return found

    def _place(self, group: h5py.Group) -> Place:
        points, present = dataset_of(group, "points"), dataset_of(group, "present")
        where = [_offset(points, "<f4"), _offset(present, "|b1")]
        if -1 in where:
            where = [-1, -1]
        return Place(*where, points.shape, str(group.attrs["layout"]))

    def check(self, places: dict[str, Place]) -> None:
        """BadInput where a mapped video is not as it was written (all of it is read)."""
        with opened(self.path, KIND) as file:
            for video, place in places.items():
                if place.is_mapped:
                    points, _ = self.read(video, place, 0, place.shape[1])
                    check_sums(self.path, video, group_of(file, video, "video"), points)

    def read(
        self, video: str, place: Place, start: int, stop: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """(points float32 (M, stop - start, J, D + 1), present bool (stop - start,)) of a range of
        frames. Mapped ones cannot be written to; what is kept of them keeps the whole file open."""
        if not place.is_mapped:
            sequence = read_sequence(self.path, video, start, stop - 1)
            return sequence.points, sequence.present
        content = self._content()
        points = _numbers(content, place.points, "<f4", place.shape)
        present = _numbers(content, place.present, "|b1", place.shape[1:2])
        return points[:, start:stop], present[start:stop]

    def _content(self) -> np.ndarray:
        HANDLES.use(self)
        if self._bytes is None:
            try:
                with open(self.path, "rb") as file:
                    which = _which(os.fstat(file.fileno()))
                    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except (OSError, ValueError) as error:
                HANDLES.forget(self)
                raise BadInput(
                    f"{self.path}: cannot be mapped ({error}); keep the file and run again"
                ) from error
            if which != self._known:
                HANDLES.forget(self)
                raise BadInput(f"{self.path}: was replaced while it was in use; run again")
            self._bytes = np.frombuffer(mapped, np.uint8)
        return self._bytes

    def close(self) -> None:
        """Let go of the file; the next read maps it again."""
        HANDLES.forget(self)
        self._bytes = None


def _which(facts: os.stat_result) -> tuple:
    """Tells a file from another one that took its name."""
    return facts.st_ino, facts.st_size, facts.st_mtime_ns


def _offset(stored: h5py.Dataset, dtype: str) -> int:
    """First byte of numbers that lie in the file as they are in memory; -1 for others."""
    plain = stored.chunks is None and stored.dtype == np.dtype(dtype)
    offset = stored.id.get_offset() if plain else None
    return -1 if offset is None else int(offset)


def _numbers(content: np.ndarray, offset: int, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    return content[offset : offset + size].view(dtype).reshape(shape)
