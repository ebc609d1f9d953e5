"""Frame indexes of a batch in one HDF5 file: one group per video.

Group `<video>`: datasets `stamps` int64 (T,), `checksums` uint32 (T,) and `key_frames` int64 (K,);
attributes `unit` (a fraction of a second, "1/90000"), `origin`, `fps`, `width`, `height`,
`stamped`, `reader` and `size`, as in `FrameIndex`.
"""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import numpy as np

from microgesture.provenance.errors import BadInput
from microgesture.stores.files import created, decode_name, encode_name, group_of, opened
from microgesture.videos.frame_index import FrameIndex

KIND = "frame index"
_WHOLE = ("origin", "width", "height", "size")


def write_frame_indexes(path: str | Path, indexes: Iterable[tuple[str, FrameIndex]]) -> None:
    """Write (video, FrameIndex) pairs, one after the other, so that a generator will do.

    Raises `ValueError` for a repeated video.
    """
    with created(path, KIND) as file:
        for video, index in indexes:
            name = encode_name(video)
            if name in file:
                raise ValueError(f"video {video!r} comes twice")
            group = file.create_group(name)
            packed = {"compression": "gzip", "compression_opts": 1, "shuffle": True}
            for key, kind in (("stamps", "i8"), ("checksums", "u4"), ("key_frames", "i8")):
                data = np.asarray(getattr(index, key), dtype=kind)
                group.create_dataset(key, data=data, **(packed if data.size else {}))
            group.attrs["unit"] = f"{index.unit.numerator}/{index.unit.denominator}"
            group.attrs["fps"] = float(index.fps)
            group.attrs["stamped"] = bool(index.stamped)
            group.attrs["reader"] = index.reader
            for key in _WHOLE:
                group.attrs[key] = int(getattr(index, key))


def read_frame_index(path: str | Path, video: str) -> FrameIndex:
    """The index of one video. Raises `BadInput` for a file that is no such store or lacks it."""
    with opened(path, KIND) as file:
        group = group_of(file, video, "video")
        try:
            return FrameIndex(
                stamps=group["stamps"][:].astype(np.int64),
                unit=Fraction(str(group.attrs["unit"])),
                fps=float(group.attrs["fps"]),
                key_frames=group["key_frames"][:].astype(np.int64),
                checksums=group["checksums"][:].astype(np.uint32),
                stamped=bool(group.attrs["stamped"]),
                reader=str(group.attrs["reader"]),
                **{key: int(group.attrs[key]) for key in _WHOLE},
            )
        except (KeyError, OSError, ValueError) as error:
            raise BadInput(
                f"{path}: video {video!r} cannot be read, the file is damaged. Delete it and run "
                f"the workflow again"
            ) from error


def list_frame_indexes(path: str | Path) -> list[str]:
    """The videos in the store, sorted by id. Raises `BadInput` as `read_frame_index` does."""
    with opened(path, KIND) as file:
        return sorted(decode_name(name) for name in file)


def stored_index(path: str | Path | None, video: str) -> FrameIndex | None:
    """The index of one video; None where there is no store, so that readers make their own."""
    return None if path is None else read_frame_index(path, video)
