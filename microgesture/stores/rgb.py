"""RGB crops of a batch in one HDF5 file: one group per clip, any frame read without the others.

Group `<clip>`: dataset `positions` int32 (F,), and the pictures: dataset `frames` uint8
(F, S, S, 3), stored raw, or `jpeg` uint8 (bytes of all pictures, one behind the other) with `ends`
int64 (F,), the end of each. Raw where there is room, because reading is what counts, every frame in
every epoch: 32 crops of 224 x 224 come in 0.5 ms; lzf takes 30 times and gzip 40 times as long, for
two thirds and half of the space. JPEG takes about a tenth of the space, and loses a little.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
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
    why_not_read,
)
from microgesture.stores.handles import HANDLES

KIND = "rgb"
_METADATA = 2**18  # bytes that HDF5 keeps of an open store's groups, at the most


def write_rgb_clips(path: str | Path, clips: Iterable[tuple[str, np.ndarray, np.ndarray]]) -> None:
    """Write (clip, frames uint8 (F, S, S, 3), positions (F,)) one after the other to `path`.

    `positions` are frame numbers relative to the clip's start. Raises `ValueError` for a repeated
    clip or arrays that do not fit together.
    """
    with created(path, KIND) as file:
        for clip, frames, positions in clips:
            put_rgb_clip(file, clip, frames, positions)


def put_rgb_clip(
    file: h5py.Group, clip: str, frames: np.ndarray, positions: np.ndarray, quality: int = 0
) -> None:
    """Write one clip as a group of its own. quality: 1 to 100, of JPEG; 0 = raw. Raises
    `ValueError` as `write_rgb_clips`."""
    name = encode_name(clip)
    if name in file:
        raise ValueError(f"clip {clip!r} comes twice")
    frames = np.asarray(frames)
    positions = np.asarray(positions, dtype=np.int32)
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[-1] != 3:
        raise ValueError(
            f"clip {clip!r}: frames must be uint8 (F, S, S, 3), not {frames.dtype} {frames.shape}"
        )
    if positions.shape != (len(frames),):
        raise ValueError(f"clip {clip!r}: {len(frames)} frames but positions {positions.shape}")
    group = file.create_group(name)
    group.create_dataset("positions", data=positions)
    if not quality:
        group.create_dataset("frames", data=frames)
        return
    pictures = [encode_jpeg(frame, quality) for frame in frames]
    lengths = [len(picture) for picture in pictures]
    data = np.concatenate(pictures) if pictures else np.empty(0, np.uint8)
    group.create_dataset("jpeg", data=data)
    group.create_dataset("ends", data=np.cumsum(lengths, dtype=np.int64))


def encode_jpeg(frame: np.ndarray, quality: int) -> np.ndarray:
    """One picture, uint8 (S, S, 3) RGB, as the bytes of a JPEG file; colours are kept at every
    pixel."""
    options = [cv2.IMWRITE_JPEG_QUALITY, quality]
    options += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    return cv2.imencode(".jpg", frame[..., ::-1], options)[1].reshape(-1)


def write_rgb_videos(
    path: str | Path, videos: Iterable[tuple[str, Iterable[np.ndarray], np.ndarray, int]]
) -> None:
    """Write whole videos, each as a clip: (video, its pictures uint8 (size, size, 3) one after the
    other, positions (F,), size). One picture at a time is in memory. Raises `ValueError` for a
    repeated video, other pictures, and fewer or more than there are positions."""
    with created(path, KIND) as file:
        for video, pictures, positions, size in videos:
            name = encode_name(video)
            if name in file:
                raise ValueError(f"clip {video!r} comes twice")
            positions = np.asarray(positions, dtype=np.int32)
            group = file.create_group(name)
            shape = (len(positions), size, size, 3)
            frames = group.create_dataset("frames", shape=shape, dtype=np.uint8)
            written = 0
            for picture in pictures:
                if picture.dtype != np.uint8 or picture.shape != shape[1:]:
                    raise ValueError(f"clip {video!r}: {picture.dtype} {picture.shape}")
                if written < len(positions):
                    frames[written] = picture
                written += 1
            if written != len(positions):
                raise ValueError(f"clip {video!r}: {written} frames but {len(positions)} positions")
            group.create_dataset("positions", data=positions)


def _limit_metadata(file: h5py.File) -> None:
    """Keep little of what HDF5 knows of the file's groups: by default 4 KiB a clip that was read,
    up to 32 MiB a store, of hundreds that may be open."""
    kept = file.id.get_mdc_config()
    kept.set_initial_size, kept.initial_size = True, _METADATA // 4
    kept.min_size, kept.max_size = _METADATA // 4, _METADATA
    file.id.set_mdc_config(kept)


class RgbStore:
    """Reads the clips of one RGB store; the file is opened at the first read, and again where too
    many others were read since (microgesture/stores/handles.py).

    May be handed to worker processes, before or after the first read: each process opens the file
    for itself.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self._file: h5py.File | None = None
        self._process = -1

    def __getstate__(self) -> dict:
        return {"path": self.path, "_file": None, "_process": -1}

    def _group(self, clip: str) -> h5py.Group:
        HANDLES.use(self)
        if self._file is None or self._process != os.getpid():
            self._file, self._process = opened(self.path, KIND), os.getpid()
            _limit_metadata(self._file)
        return group_of(self._file, clip, "clip")

    def clips(self) -> list[str]:
        """The clips in the store, sorted by id."""
        with opened(self.path, KIND) as file:
            return sorted(decode_name(name) for name in file)

    def positions(self, clip: str) -> np.ndarray:
        """int32 (F,): frame numbers of the stored frames, relative to the clip's start."""
        return dataset_of(self._group(clip), "positions")[:]

    def read(self, clip: str, indices: Sequence[int] | np.ndarray | None = None) -> np.ndarray:
        """Frames uint8 (n, S, S, 3) at `indices` of the stored frames (any order, repeats
        allowed), or all of them.

        Raises `BadInput` for a file that is no RGB store, a clip that is not in it and a damaged
        file, `IndexError` for an index outside 0 .. F - 1.
        """
        group = self._group(clip)
        try:
            if "jpeg" in group:
                return self._read_jpeg(group, clip, indices)
            stored = dataset_of(group, "frames")
            if indices is None:
                return stored[:]
            indices = np.asarray(indices, dtype=np.int64).reshape(-1)
            if indices.size and (indices.min() < 0 or indices.max() >= stored.shape[0]):
                raise IndexError(
                    f"{self.path}: clip {clip!r} holds frames 0 to {stored.shape[0] - 1}, "
                    f"asked for {indices.min()} to {indices.max()}"
                )
            if not indices.size:
                return np.empty((0, *stored.shape[1:]), dtype=np.uint8)
            low, high = int(indices.min()), int(indices.max())
            # One read of the whole range costs less than many small ones, unless it is mostly gaps.
            if high - low < 8 * len(indices):
                return stored[low : high + 1][indices - low]
            frames = np.empty((len(indices), *stored.shape[1:]), dtype=np.uint8)
            for place, index in enumerate(indices.tolist()):
                stored.read_direct(frames, np.s_[index], np.s_[place])
            return frames
        except (KeyError, OSError) as error:
            raise BadInput(f"{self.path}: clip {clip!r} {why_not_read(error)}") from error

    def _read_jpeg(self, group: h5py.Group, clip: str, indices) -> np.ndarray:
        """As `read`; every picture asked for is decoded once."""
        ends = dataset_of(group, "ends")[:]
        chosen = np.arange(len(ends)) if indices is None else np.asarray(indices, np.int64)
        chosen = chosen.reshape(-1)
        if chosen.size and (chosen.min() < 0 or chosen.max() >= len(ends)):
            raise IndexError(
                f"{self.path}: clip {clip!r} holds frames 0 to {len(ends) - 1}, "
                f"asked for {chosen.min()} to {chosen.max()}"
            )
        if not chosen.size:
            return np.empty((0, 0, 0, 3), np.uint8)
        begins = np.concatenate([[0], ends[:-1]])
        first, last = begins[chosen.min()], ends[chosen.max()]
        data = dataset_of(group, "jpeg")[first:last]
        pictures = {}
        for number in set(chosen.tolist()):
            content = data[begins[number] - first : ends[number] - first]
            pictures[number] = cv2.imdecode(content, cv2.IMREAD_COLOR_RGB)
            if pictures[number] is None:
                raise BadInput(
                    f"{self.path}: clip {clip!r}: picture {number} is no JPEG, the file is damaged"
                )
        return np.stack([pictures[number] for number in chosen.tolist()])

    def close(self) -> None:
        """Close the file; the next read opens it again."""
        HANDLES.forget(self)
        if self._file is not None and self._process == os.getpid():
            self._file.close()
        self._file = None
