"""Decode frames of a video: the only file that imports decord.

One decoder thread per reader (workers run side by side, so more threads only fight), and every
reader is opened, read and closed: decord's memory grows while many stay open. Frame numbers are
positions in presentation order, whatever the time between frames, so that a video with a variable
frame rate is counted like any other. A rotation noted in the container is applied: width and
height are those of the upright picture.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import decord
import numpy as np

from microgesture.provenance.errors import BadInput

decord.logging.set_level(decord.logging.QUIET)

_FAILURES = (decord.DECORDError, RuntimeError, StopIteration)
# Frames held at once by `read_frames`, so that 4K video does not multiply a worker's memory.
_CHUNK_BYTES = 128 * 2**20


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
def opened_video(path: str | Path) -> Iterator[decord.VideoReader]:
    """A decord reader on `path`, released when the body ends.

    Raises `BadInput` for a missing file, a folder, an empty file and a file that is no video.
    """
    path = Path(path)
    if not path.exists():
        raise BadInput(f"{path}: no such file; check the path column of videos.tsv")
    if not path.is_file():
        raise BadInput(f"{path}: is a folder, not a video file; name the file itself")
    if path.stat().st_size == 0:
        raise BadInput(f"{path}: the file is empty; copy or download it again")
    try:
        reader = decord.VideoReader(str(path), ctx=decord.cpu(0), num_threads=1)
        frames = len(reader)
    except _FAILURES as error:
        raise BadInput(
            f"{path}: not a readable video (no video stream, cut short, or another kind of file); "
            f"copy it again or convert it, e.g. ffmpeg -i INPUT -c:v libx264 OUTPUT.mp4"
        ) from error
    if frames == 0:
        raise BadInput(f"{path}: the video holds no frame; copy or convert it again")
    try:
        yield reader
    finally:
        del reader


def _undecodable(path: str | Path, frame: int, frames: int) -> BadInput:
    return BadInput(
        f"{path}: frame {frame} of {frames} (0-based) cannot be decoded; the file is damaged or "
        f"cut short. Copy it again, or re-encode what is left"
    )


def read_frames(
    path: str | Path, start: int = 0, end: int | None = None, chunk: int = 64
) -> Iterator[tuple[int, np.ndarray]]:
    """Frames `start` to `end` (0-based, inclusive; None = the last), in order, decoded once.

    Yields (first, frames): the number of the first frame of the chunk and uint8 (n, H, W, 3) RGB
    with n <= chunk (fewer where `chunk` frames would take more than 128 MiB). Each chunk is an
    array of its own. Raises `BadInput` as `opened_video`, for frames outside the video, and for a
    frame that cannot be decoded.
    """
    if chunk < 1:
        raise ValueError(f"chunk must be at least 1, not {chunk}")
    with opened_video(path) as reader:
        frames = len(reader)
        last = frames - 1 if end is None else end
        if start < 0 or last >= frames or start > last:
            raise BadInput(
                f"{path}: has frames 0 to {frames - 1}; frames {start} to {last} were asked for"
            )
        position = start
        try:
            if start:
                reader.seek_accurate(start)
            block = np.empty(0, dtype=np.uint8)
            while position <= last:
                first = position
                frame = _next_frame(reader)
                room = max(1, min(chunk, _CHUNK_BYTES // frame.nbytes, last - first + 1))
                block = np.empty((room, *frame.shape), dtype=np.uint8)
                block[0] = frame
                position += 1
                while position < first + room:
                    block[position - first] = _next_frame(reader)
                    position += 1
                yield first, block
        except _FAILURES as error:
            raise _undecodable(path, position, frames) from error


def iterate_selected(
    path: str | Path, indices: Sequence[int] | np.ndarray
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (index, frame uint8 (H, W, 3) RGB) for `indices`, which must ascend without repeats.

    One forward pass that never steps back; frames in between are skipped without converting them
    to RGB. The arrays are read-only. Raises `BadInput` as `read_frames`, `ValueError` for indices
    that do not ascend.
    """
    wanted = np.asarray(indices, dtype=np.int64).reshape(-1)
    if (np.diff(wanted) <= 0).any():
        raise ValueError("indices must ascend without repeats")
    if not wanted.size:
        return
    with opened_video(path) as reader:
        frames = len(reader)
        if wanted[0] < 0 or wanted[-1] >= frames:
            outside = wanted[0] if wanted[0] < 0 else wanted[-1]
            raise BadInput(f"{path}: has frames 0 to {frames - 1}; frame {outside} was asked for")
        following = 0
        for index in wanted.tolist():
            try:
                # A seek to the very next frame would go back to its key frame.
                if index != following:
                    reader.seek_accurate(index)
                frame = _next_frame(reader)
            except _FAILURES as error:
                raise _undecodable(path, index, frames) from error
            following = index + 1
            yield index, frame


def read_selected(path: str | Path, indices: Sequence[int] | np.ndarray) -> np.ndarray:
    """The frames at `indices` (ascending, no repeats) as uint8 (n, H, W, 3) RGB.

    Errors as `iterate_selected`; no index gives an empty array of shape (0, 0, 0, 3).
    """
    selected: Iterable[np.ndarray] = (frame for _, frame in iterate_selected(path, indices))
    stacked = list(selected)
    return np.stack(stacked) if stacked else np.empty((0, 0, 0, 3), dtype=np.uint8)


def measure(path: str | Path) -> tuple[int, float, int, int, float]:
    """Frames, mean frames per second, width, height and end of the last frame in seconds.

    Decodes the last frame and takes the size from it, so that a rotation is counted in and a
    video whose tail is missing is refused with `BadInput`.
    """
    with opened_video(path) as reader:
        frames = len(reader)
        try:
            if frames > 1:
                reader.seek_accurate(frames - 1)
            height, width = reader.next().shape[:2]
            end = float(reader.get_frame_timestamp(frames - 1)[-1])
            rate = float(reader.get_avg_fps())
        except _FAILURES as error:
            raise _undecodable(path, frames - 1, frames) from error
    return frames, rate, int(width), int(height), end
