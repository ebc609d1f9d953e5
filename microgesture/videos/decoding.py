"""Read frames of a video by the numbers of its index: the only file that imports decord.

Whoever holds no index leaves it out: it is then made on the spot by one more pass. decord reads
where its numbers were found to be the index's (plain H.264 and HEVC in mp4 and mov), libav through
PyAV everything else; both give the same pixels. One decoder thread per reader (workers run side by
side, so more threads only fight), and every reader is opened, read and closed: decord's memory
grows while many stay open. A rotation noted in the container is applied.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import decord
import numpy as np

from microgesture.provenance.errors import BadInput
from microgesture.videos.frame_index import FrameIndex
from microgesture.videos.libav import check_file
from microgesture.videos.libav_reading import iterate_wanted
from microgesture.videos.numbering import Pass, number_frames

decord.logging.set_level(decord.logging.QUIET)

_FAILURES = (decord.DECORDError, RuntimeError, StopIteration)
# Frames held at once by `read_frames`, so that 4K video does not multiply a worker's memory.
_CHUNK_BYTES = 128 * 2**20
# decord keeps a group of pictures when it picks a frame: larger ones are left to libav.
_GROUP_BYTES = 2**30
_DECORD_CODECS = ("h264", "hevc")
# Places at which decord's pictures are held against the index's, frames behind a key frame that are
# looked at, and levels (mean) that the two may lie apart.
_PLACES, _RUN, _LEVELS = 6, 8, 2.0


class _Shared:
    """Lets numpy look at a decord frame through DLPack instead of copying it."""

    def __init__(self, frame: decord.nd.NDArray):
        self._frame = frame

    def __dlpack__(self, **_):
        return self._frame.to_dlpack()

    def __dlpack_device__(self) -> tuple[int, int]:
        return 1, 0  # the processor's memory


def _next_frame(reader: decord.VideoReader) -> np.ndarray:
    """The next frame, uint8 (H, W, 3), read-only; its memory lives as long as the array."""
    return np.from_dlpack(_Shared(reader.next()))


@contextmanager
def _opened_decord(path: str | Path) -> Iterator[decord.VideoReader]:
    """A decord reader on `path`, released when the body ends."""
    reader = decord.VideoReader(str(path), ctx=decord.cpu(0), num_threads=1)
    try:
        yield reader
    finally:
        del reader


def index_frames(path: str | Path) -> FrameIndex:
    """The index of the shown frames of the video at `path`, by one full pass.

    The last few are kept in memory, so that several readers of one file share a pass. Raises
    `BadInput` as `microgesture.videos.numbering.number_frames`.
    """
    check_file(Path(path))
    state = os.stat(path)
    return _indexed(os.path.abspath(path), state.st_mtime_ns, state.st_size, str(path))


@lru_cache(maxsize=16)
def _indexed(_absolute: str, _time: int, _size: int, path: str) -> FrameIndex:
    index, seen = number_frames(path)
    return replace(index, reader="decord") if _decord_agrees(path, index, seen) else index


def forget_indexes() -> None:
    """Drop the indexes that `index_frames` keeps, so that the next call makes its pass."""
    _indexed.cache_clear()


def _decord_agrees(path: str, index: FrameIndex, seen: Pass) -> bool:
    """Whether decord numbers this file as the index does, reading forward and picking.

    Asked of H.264 and HEVC in mp4 and mov with closed groups of pictures only: the number of
    frames, the time stamp of each, and at some places the pictures themselves, where they change
    most, so that a shift by one frame would be seen.
    """
    plain = seen.container.startswith("mov,") and seen.codec in _DECORD_CODECS and index.stamped
    # Behind a key frame whose followers are shown before it decord picks frames three too late.
    if not plain or seen.hidden or seen.leading or seen.packets != index.frames:
        return False
    gaps = np.diff(np.concatenate([[0], index.key_frames, [index.frames]]))
    if int(gaps.max()) * index.width * index.height * 3 > _GROUP_BYTES:
        return False
    places = _telling_places(index, np.asarray(seen.change))
    # A run that is read forward, and beside every place its neighbour.
    run = np.arange(min(index.frames, _RUN))
    wanted = np.unique(np.concatenate([run, places, np.maximum(places - 1, 0)]))
    try:
        with _opened_decord(path) as reader:
            if len(reader) != index.frames:
                return False
            begins = reader.get_frame_timestamp(np.arange(index.frames))[:, 0].astype(np.float64)
            times = (index.stamps - index.stamps[0]) * float(index.unit)
            if np.abs(begins - begins[0] - times).max() > 1e-3 + 1e-6 * times[-1]:
                return False
            forward = [_next_frame(reader).copy() for _ in run]
        picked = dict(_selected_by_decord(path, index, wanted))
    except (*_FAILURES, BadInput):
        return False
    if any((picked[number] != image).any() for number, image in zip(run.tolist(), forward)):
        return False
    for number, image in iterate_wanted(path, index, wanted):
        if image.shape != picked[number].shape:
            return False
        if np.abs(image.astype(np.int16) - picked[number]).mean() > _LEVELS:
            return False
    return True


def _telling_places(index: FrameIndex, change: np.ndarray) -> np.ndarray:
    """Frames by which a shift would be seen: the first, the last, one right before a key frame, and
    shortly behind some key frames those that change most (deeper ones cost more decoding)."""
    keys = np.concatenate([[0], index.key_frames])
    keys = keys[np.unique(np.linspace(0, len(keys) - 1, _PLACES - 2).astype(int))]
    runs = [(key, change[key + 1 : key + _RUN]) for key in keys.tolist()]
    changing = [key + 1 + int(run.argmax()) for key, run in runs if run.size]
    before = max(0, int(keys[len(keys) // 2]) - 1)
    return np.unique([0, *changing, before, index.frames - 1])


def _known(path: str | Path, index: FrameIndex | None) -> FrameIndex:
    """The index given, held against the file, or one made on the spot."""
    if index is None:
        return index_frames(path)
    check_file(Path(path))
    if (size := os.path.getsize(path)) != index.size:
        raise BadInput(
            f"{path}: has {size} bytes, but {index.size} when its frames were numbered; the file "
            f"was changed. Run the workflow again from probe_videos"
        )
    return index


def _undecodable(path: str | Path, frame: int, frames: int) -> BadInput:
    return BadInput(
        f"{path}: frame {frame} of {frames} (0-based) cannot be decoded; the file is damaged or "
        f"cut short. Copy it again, or re-encode what is left"
    )


def read_frames(
    path: str | Path,
    start: int = 0,
    end: int | None = None,
    chunk: int = 64,
    index: FrameIndex | None = None,
) -> Iterator[tuple[int, np.ndarray]]:
    """Frames `start` to `end` (0-based, inclusive; None = the last), in order, decoded once.

    Yields (first, frames): the number of the first frame of the chunk and uint8 (n, H, W, 3) RGB
    with n <= chunk (fewer where `chunk` frames would take more than 128 MiB). Each chunk is an
    array of its own. index: the video's; None = made on the spot. Raises `BadInput` as
    `index_frames`, for frames outside the video, and for a file that changed since it was indexed.
    """
    if chunk < 1:
        raise ValueError(f"chunk must be at least 1, not {chunk}")
    index = _known(path, index)
    last = index.frames - 1 if end is None else end
    if start < 0 or last >= index.frames or start > last:
        raise BadInput(
            f"{path}: has frames 0 to {index.frames - 1}; frames {start} to {last} were asked for"
        )
    block, first, filled = np.empty(0, dtype=np.uint8), start, 0
    for number, frame in _selected(path, index, np.arange(start, last + 1)):
        if not filled:
            room = max(1, min(chunk, _CHUNK_BYTES // frame.nbytes, last - number + 1))
            block, first = np.empty((room, *frame.shape), dtype=np.uint8), number
        block[filled] = frame
        filled += 1
        if filled == len(block):
            yield first, block
            filled = 0


def iterate_selected(
    path: str | Path, indices: Sequence[int] | np.ndarray, index: FrameIndex | None = None
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (number, frame uint8 (H, W, 3) RGB) for `indices`, which must ascend without repeats.

    One forward pass that never steps back; frames in between are skipped without converting them
    to RGB. The arrays may be read-only. index: the video's; None = made on the spot. Raises
    `BadInput` as `read_frames`, `ValueError` for indices that do not ascend.
    """
    wanted = np.asarray(indices, dtype=np.int64).reshape(-1)
    if (np.diff(wanted) <= 0).any():
        raise ValueError("indices must ascend without repeats")
    if not wanted.size:
        return
    index = _known(path, index)
    if wanted[0] < 0 or wanted[-1] >= index.frames:
        outside = wanted[0] if wanted[0] < 0 else wanted[-1]
        raise BadInput(f"{path}: has frames 0 to {index.frames - 1}; frame {outside} was asked for")
    yield from _selected(path, index, wanted)


def _selected(path, index: FrameIndex, wanted: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    read = _selected_by_decord if index.reader == "decord" else iterate_wanted
    return read(path, index, wanted)


def _selected_by_decord(
    path: str | Path, index: FrameIndex, wanted: np.ndarray
) -> Iterator[tuple[int, np.ndarray]]:
    number = 0
    try:
        with _opened_decord(path) as reader:
            following = 0
            for number in wanted.tolist():
                # A seek to the very next frame would go back to its key frame.
                if number != following:
                    reader.seek_accurate(number)
                frame = _next_frame(reader)
                following = number + 1
                yield number, frame
    except _FAILURES as error:
        raise _undecodable(path, number, index.frames) from error


def read_selected(
    path: str | Path, indices: Sequence[int] | np.ndarray, index: FrameIndex | None = None
) -> np.ndarray:
    """The frames at `indices` (ascending, no repeats) as uint8 (n, H, W, 3) RGB.

    Errors as `iterate_selected`; no index gives an empty array of shape (0, 0, 0, 3).
    """
    selected: Iterable[np.ndarray] = (frame for _, frame in iterate_selected(path, indices, index))
    stacked = list(selected)
    return np.stack(stacked) if stacked else np.empty((0, 0, 0, 3), dtype=np.uint8)


def measure(
    path: str | Path, index: FrameIndex | None = None
) -> tuple[int, float, int, int, float]:
    """Frames, frames per second, width, height and end of the last frame in seconds."""
    index = _known(path, index)
    return index.frames, index.fps, index.width, index.height, index.end
