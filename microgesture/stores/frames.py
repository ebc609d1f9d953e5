"""Probabilities of every frame of whole videos, a batch in one HDF5 file.

Group `<video>`: `probabilities` float16 (T, K + 1), the gestures in the labels' order and
background last (a column of zeros where background was not learned); `present` bool (T,), a person
is seen; attribute `fps`.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from microgesture.stores.files import (
    created,
    dataset_of,
    decode_name,
    encode_name,
    group_of,
    opened,
    told_when_unreadable,
)

KIND = "frame probabilities"


def write_frames(
    path: str | Path, videos: Iterable[tuple[str, np.ndarray, np.ndarray, float]]
) -> None:
    """Write (video, probabilities (T, K + 1), present (T,), fps) one after the other."""
    with created(path, KIND) as file:
        for video, probabilities, present, fps in videos:
            group = file.create_group(encode_name(video))
            group["probabilities"] = np.asarray(probabilities, np.float16)
            group["present"] = np.asarray(present, bool)
            group.attrs["fps"] = float(fps)


def read_frames_of(path: str | Path, video: str) -> tuple[np.ndarray, np.ndarray, float]:
    """(probabilities float64 (T, K + 1), present bool (T,), fps) of one video."""
    with opened(path, KIND) as file:
        group = group_of(file, video, "video")
        with told_when_unreadable(path, f"video {video!r}"):
            return (
                dataset_of(group, "probabilities")[:].astype(np.float64),
                dataset_of(group, "present")[:].astype(bool),
                float(group.attrs["fps"]),
            )


def list_frames(path: str | Path) -> list[str]:
    """The videos in the store, sorted by id."""
    with opened(path, KIND) as file:
        return sorted(decode_name(name) for name in file)
