"""Keypoint sequences of a batch in one HDF5 file: one group per video, read by frame range.

Group `<video>`: dataset `points` float32 (M, T, J, D + 1) and dataset `present` bool (T,);
attributes `layout`, `width`, `height` (pixels of the original frame; 0 for coordinates in metres)
and `fps`. Where the points were estimated: `tracks`, a text (JSON) with one object for every
stretch of frames that shows somebody (the fields of `Track`).

The points are chunked along time and compressed with gzip, which every HDF5 tool reads; or, as the
skeletons that networks learn from, they lie in the file as they are in memory, so that processes
map them (microgesture/stores/mapped.py), and `sums` uint32 (M,), the CRC-32 of each person's
points, stands for the check that gzip has built in.
"""

import dataclasses
import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from microgesture.provenance.errors import BadInput
from microgesture.stores.files import (
    created,
    dataset_of,
    decode_name,
    encode_name,
    group_of,
    opened,
    told_when_unreadable,
)

KIND = "sequences"
_CHUNK_FRAMES = 64


@dataclass(frozen=True)
class Track:
    """A stretch of frames in which one person was followed.

    start, end: frames, 0-based, inclusive. people: most people seen in one of them; 0 = not
    counted. reason: why this one ('alone', 'largest', 'continuity'; '' = the estimator does not
    say). size: side of the person's box as a share of the picture's height; score: of the person's
    detection; both when chosen, 0 = unknown. jump: elsewhere than in the frame with somebody
    before, so perhaps another person.
    """

    start: int
    end: int
    people: int
    reason: str
    size: float
    score: float
    jump: bool


@dataclass(frozen=True)
class Sequence:
    """The keypoints of one video, or of a range of its frames.

    points: float32 (M, T, J, D + 1), M persons, T frames, J joints of `layout`; the first D
        channels are coordinates in pixels of the original frame (D = 2) or metres (D = 3), the
        last is the score in [0, 1]. A missing joint has score 0 and coordinates 0, never NaN.
    present: bool (T,), a person was found in the frame.
    layout: name of the keypoint layout.
    width, height: frame size in pixels, 0 where there is no frame.
    fps: frames per second.
    tracks: whom the estimator followed, in order; empty where the points were not estimated here.
        Of the whole video, also where only some frames of it are read.
    """

    points: np.ndarray
    present: np.ndarray
    layout: str
    width: int
    height: int
    fps: float
    tracks: tuple[Track, ...] = ()

    def __post_init__(self):
        if self.points.ndim != 4 or self.points.shape[-1] not in (3, 4):
            raise ValueError(f"points must be (M, T, J, 3 or 4), not {self.points.shape}")
        if self.present.shape != (self.points.shape[1],):
            raise ValueError(
                f"present must be ({self.points.shape[1]},) like points, not {self.present.shape}"
            )


def write_sequences(
    path: str | Path, sequences: Iterable[tuple[str, Sequence]], *, packed: bool = True
) -> None:
    """Write (video, Sequence) pairs to `path`, one after the other, so that a generator will do.
    packed: see `open_sequence`.

    Raises `ValueError` for a repeated video and for coordinates or scores that are not finite: a
    missing joint is written as zeros.
    """
    with created(path, KIND) as file:
        for video, sequence in sequences:
            put_sequence(file, video, sequence, packed=packed)


def put_sequence(file: h5py.Group, video: str, sequence: Sequence, *, packed: bool = True) -> None:
    """Write one video's keypoints as a group of its own. Raises as `write_sequences`."""
    shape = sequence.points.shape
    write = open_sequence(file, video, sequence, sequence.present, shape, packed=packed)
    write(0, sequence.points)


def open_sequence(
    file: h5py.Group,
    video: str,
    facts: Sequence,
    present: np.ndarray,
    shape: tuple[int, int, int, int],
    *,
    packed: bool = True,
) -> Callable[[int, np.ndarray], None]:
    """Write a video's keypoints in parts: all but the points at once, the points by the function
    that comes back, called with the first frame of a part and the part, float32 (M, n, J, D + 1).

    facts: its points and `present` are not looked at. present: bool (T,). shape: that of all
    points. packed: compressed; else as they are in memory, for processes to map, and parts must
    come in order. Raises `ValueError` as `write_sequences`.
    """
    name = encode_name(video)
    if name in file:
        raise ValueError(f"video {video!r} comes twice")
    group = file.create_group(name)
    persons, frames, joints, channels = shape
    options = {"compression": "gzip", "compression_opts": 1, "shuffle": True}
    options["chunks"] = (persons, min(_CHUNK_FRAMES, frames), joints, channels)
    # An empty extent admits no chunks and needs no compression.
    options = options if packed and np.prod(shape) else {}
    stored = group.create_dataset("points", shape=shape, dtype="<f4", **options)
    sums, reached = np.zeros(persons, np.uint32), 0
    if not packed:
        group.create_dataset("sums", data=sums, dtype="<u4")
    group.create_dataset("present", data=np.asarray(present, dtype=bool))
    group.attrs["layout"] = facts.layout
    group.attrs["width"] = int(facts.width)
    group.attrs["height"] = int(facts.height)
    group.attrs["fps"] = float(facts.fps)
    if facts.tracks:
        group["tracks"] = json.dumps([dataclasses.asdict(t) for t in facts.tracks])

    def write(first: int, points: np.ndarray) -> None:
        nonlocal reached
        points = np.ascontiguousarray(points, dtype=np.float32)
        if not np.isfinite(points).all():
            raise ValueError(f"video {video!r}: keypoints that are not finite; write zeros")
        if points.size:
            stored[:, first : first + points.shape[1]] = points
        if not packed:
            if first != reached:
                raise ValueError(f"video {video!r}: frame {reached} comes next, not {first}")
            reached += points.shape[1]
            sums[:] = person_sums(points, sums)
            group["sums"][:] = sums

    return write


def person_sums(points: np.ndarray, before: np.ndarray | None = None) -> np.ndarray:
    """CRC-32 of every person's points (M, T, J, D + 1), uint32 (M,); before: of frames that come
    before these."""
    before = np.zeros(len(points), np.uint32) if before is None else before
    return np.array(
        [
            zlib.crc32(np.ascontiguousarray(own), int(start)) if own.size else start
            for own, start in zip(points, before)
        ],
        np.uint32,
    )


def check_sums(path: str | Path, video: str, group: h5py.Group, points: np.ndarray) -> None:
    """`BadInput` where all points of a video differ from those that were written, if their sums
    were."""
    if "sums" in group and not np.array_equal(dataset_of(group, "sums")[:], person_sums(points)):
        raise BadInput(
            f"{path}: the keypoints of video {video!r} are not those that were written, the file "
            f"is damaged"
        )


def read_sequence(
    path: str | Path, video: str, start: int | None = None, end: int | None = None
) -> Sequence:
    """Frames `start` to `end` (0-based, inclusive; the whole video without them) of one video.

    Only the chunks that hold these frames are read. Raises `BadInput` for a file that is no such
    store, a video that is not in it, and frames outside the video.
    """
    with opened(path, KIND) as file:
        group = group_of(file, video, "video")
        with told_when_unreadable(path, f"video {video!r}"):
            stored = dataset_of(group, "points")
            frames = stored.shape[1]
            first = 0 if start is None else int(start)
            last = frames - 1 if end is None else int(end)
            if first < 0 or last >= frames or (first > last and frames > 0):
                raise BadInput(
                    f"{path}: video {video!r} has frames 0 to {frames - 1}; "
                    f"{first} to {last} were asked for"
                )
            points = stored[:, first : last + 1]
            if points.shape[1] == frames:
                check_sums(path, video, group, points)
            return Sequence(
                points=points,
                present=dataset_of(group, "present")[first : last + 1].astype(bool),
                layout=str(group.attrs["layout"]),
                width=int(group.attrs["width"]),
                height=int(group.attrs["height"]),
                fps=float(group.attrs["fps"]),
                tracks=_read_tracks(group),
            )


def _read_tracks(group) -> tuple[Track, ...]:
    if "tracks" not in group:
        return ()
    return tuple(Track(**track) for track in json.loads(group["tracks"].asstr()[()]))


def list_sequences(path: str | Path) -> list[str]:
    """The videos in the store, sorted by id. Raises `BadInput` as `read_sequence` does."""
    with opened(path, KIND) as file:
        return sorted(decode_name(name) for name in file)


def sequence_shape(path: str | Path, video: str) -> tuple[str, int, int]:
    """(layout, dimensions of the coordinates, frames) of a video, without reading its points.

    Raises `BadInput` as `read_sequence` does.
    """
    with opened(path, KIND) as file:
        group = group_of(file, video, "video")
        try:
            shape = group["points"].shape
            return str(group.attrs["layout"]), shape[-1] - 1, shape[1]
        except KeyError as error:
            raise BadInput(
                f"{path}: video {video!r} cannot be read, the file is damaged"
            ) from error


def sequence_facts(path: str | Path, video: str) -> tuple[Sequence, np.ndarray, tuple[int, ...]]:
    """All of a video but its points: the sequence without frames, present bool (T,), and the shape
    (M, T, J, D + 1) of the points. Raises `BadInput` as `read_sequence` does."""
    with opened(path, KIND) as file:
        group = group_of(file, video, "video")
        with told_when_unreadable(path, f"video {video!r}"):
            stored = dataset_of(group, "points")
            facts = Sequence(
                points=np.zeros((stored.shape[0], 0, *stored.shape[2:]), np.float32),
                present=np.zeros(0, bool),
                layout=str(group.attrs["layout"]),
                width=int(group.attrs["width"]),
                height=int(group.attrs["height"]),
                fps=float(group.attrs["fps"]),
                tracks=_read_tracks(group),
            )
            return facts, dataset_of(group, "present")[:].astype(bool), stored.shape
