"""Read the frames of an index through PyAV; after a jump every frame proves that it is the one."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import av
import numpy as np

from microgesture.provenance.errors import BadInput
from microgesture.videos.frame_index import FrameIndex
from microgesture.videos.libav import RgbConverter, checksum, decoded_frames, opened_stream

# Frames that decoding on passes faster than a jump to a key frame and a cold decoder.
_NEAR = 12
# Key frames before a wanted frame that are tried until one leads there, each directly and then
# from some seconds before it.
_TRIES, _LEAD = 2, 0.7


class _Astray(Exception):
    """A jump did not lead where the index says."""


def iterate_wanted(
    path: str | Path, index: FrameIndex, wanted: np.ndarray
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (number, frame uint8 (H, W, 3) RGB) for `wanted`, int64 ascending, all in the video.

    Jumps to key frames where frames are far apart. A frame reached by a jump counts only where
    its time stamp and its checksum are the index's; else the file is read forward from its
    beginning. Raises `BadInput` where the file is no longer the indexed one.
    """
    to_rgb, done, jumps = RgbConverter(), 0, index.stamped and len(index.key_frames) > 0
    while done < len(wanted):
        try:
            for number, frame in _pass(path, index, wanted[done:], jumps):
                yield number, to_rgb(frame)
                done += 1
            return
        except _Astray:
            jumps = False


def _pass(
    path: str | Path, index: FrameIndex, wanted: np.ndarray, jumps: bool
) -> Iterator[tuple[int, av.VideoFrame]]:
    """One opening of the file. Raises _Astray where a jump went wrong (only with `jumps`)."""
    with opened_stream(path) as (container, stream):
        number, jumped = -1, False
        frames = _checked(path, index, container, stream, 0)
        for target in wanted.tolist():
            keys = _keys_between(index, number, target) if jumps else []
            if keys and keys[0] > number + _NEAR:
                frames, jumped = _jump(index, container, stream, keys, target), True
            for number, frame in frames:
                if number == target:
                    yield target, frame
                    break
            else:
                if jumped:
                    raise _Astray
                raise _changed(path, f"ends before frame {target} of {index.frames}")


def _keys_between(index: FrameIndex, number: int, target: int) -> list[int]:
    """The last key frames after `number` and not after `target`, the nearest to `target` first."""
    first, last = np.searchsorted(index.key_frames, [number, target], side="right")
    return index.key_frames[first:last][::-1][:_TRIES].tolist()


def _jump(index, container, stream, keys, target):
    """The frames from `target` on, behind a jump to one of `keys`."""
    # Formats without a list of their packets lead to a place a little behind the one asked for.
    lead = int(_LEAD / index.unit)
    places = [stamp for key in index.stamps[keys].tolist() for stamp in (key, key - lead)]
    for place in places:
        frames = _after_jump(index, container, stream, place, target)
        try:
            for number, frame in frames:
                if number == target:
                    return chain([(number, frame)], frames)
        except _Astray:
            continue
    raise _Astray


def _checked(path, index, container, stream, number) -> Iterator[tuple[int, av.VideoFrame]]:
    """Frames read forward, counted from the beginning of the file."""

    def fault(reason: str) -> None:
        if number:
            raise _changed(path, f"{reason} after frame {number - 1} of {index.frames}")

    for frame in decoded_frames(container, stream, on_fault=fault):
        if number >= index.frames or (index.stamped and frame.pts != index.stamps[number]):
            raise _changed(path, f"shows another frame {number} than when it was numbered")
        yield number, frame
        number += 1


def _after_jump(index, container, stream, place, target) -> Iterator[tuple[int, av.VideoFrame]]:
    """Frames behind a jump to the time stamp `place`, known by their own time stamps."""

    last = None

    def fault(reason: str) -> None:
        if last is not None:  # before the first frame: packets whose key frame lies before `place`
            raise _Astray

    try:
        container.seek(place, stream=stream, backward=True)
    except (av.FFmpegError, OSError) as error:
        raise _Astray from error
    for frame in decoded_frames(container, stream, on_fault=fault):
        if frame.pts is None or frame.pts > index.stamps[-1]:
            raise _Astray
        number = int(np.searchsorted(index.stamps, frame.pts))
        known = index.stamps[number] == frame.pts
        if last is None:
            if number > target:
                raise _Astray
            if not known or frame.is_corrupt:
                continue
        elif not known or number != last + 1:
            raise _Astray
        last = number
        if number >= target and checksum(frame) != index.checksums[number]:
            raise _Astray
        yield number, frame


def _changed(path: str | Path, what: str) -> BadInput:
    return BadInput(
        f"{path}: {what}; the file is damaged or was changed after it was numbered. Copy it again "
        f"or run the workflow again from probe_videos"
    )
