"""What a member says about the windows of whole videos, a batch in one HDF5 file.

Group `<video>`: datasets `start`, `end` (frames, inclusive) and `length` (the wanted length, ms),
int32 (N,); `logits` float16 (N, K) and `features` float16 (N, F). Half precision: a window's logits
are averaged with its neighbours', and rounding them changes nothing that a person would see.
Attributes: `frames` and `fps` of the video, for what turns windows into frames. `present` bool
(T,): a person is seen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.stores.files import (
    created,
    dataset_of,
    decode_name,
    encode_name,
    group_of,
    opened,
    told_when_unreadable,
)

KIND = "windows"
_MOST = 65504.0  # the largest float16


@dataclass(frozen=True)
class VideoWindows:
    """The windows of one video and what a member says of them.

    windows: start, end (frames, inclusive), length (ms). logits float32 (N, K), features float32
    (N, F). present bool (T,): somebody is seen in the frame. fps: frames per second.
    """

    windows: pd.DataFrame
    logits: np.ndarray
    features: np.ndarray
    present: np.ndarray
    fps: float

    @property
    def frames(self) -> int:
        """Frames of the video."""
        return len(self.present)


def write_windows(path: str | Path, videos: Iterable[tuple[str, VideoWindows]]) -> None:
    """Write (video, VideoWindows) one after the other. ValueError for a repeated video and for
    values that are not finite."""
    with created(path, KIND) as file:
        for video, found in videos:
            name = encode_name(video)
            if name in file:
                raise ValueError(f"video {video!r} comes twice")
            group = file.create_group(name)
            for column in ("start", "end", "length"):
                group[column] = found.windows[column].to_numpy(np.int32)
            for column in ("logits", "features"):
                values = np.asarray(getattr(found, column), np.float32)
                if not np.isfinite(values).all():
                    raise ValueError(f"video {video!r}: {column} that are not finite")
                group[column] = np.clip(values, -_MOST, _MOST).astype(np.float16)
            group["present"] = np.asarray(found.present, bool)
            group.attrs["fps"] = float(found.fps)


def read_windows(path: str | Path, video: str) -> VideoWindows:
    """What a member says of one video. BadInput for another file and a video that is not in it."""
    with opened(path, KIND) as file:
        group = group_of(file, video, "video")
        with told_when_unreadable(path, f"video {video!r}"):
            columns = {name: dataset_of(group, name)[:] for name in ("start", "end", "length")}
            return VideoWindows(
                windows=pd.DataFrame(columns).astype(np.int64),
                logits=dataset_of(group, "logits")[:].astype(np.float32),
                features=dataset_of(group, "features")[:].astype(np.float32),
                present=dataset_of(group, "present")[:].astype(bool),
                fps=float(group.attrs["fps"]),
            )


def list_windows(path: str | Path) -> list[str]:
    """The videos in the store, sorted by id."""
    with opened(path, KIND) as file:
        return sorted(decode_name(name) for name in file)
