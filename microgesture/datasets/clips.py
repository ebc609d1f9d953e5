"""The clips of all batches: skeletons in mapped stores, RGB crops from theirs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.datasets.clip_points import ClipPoints
from microgesture.datasets.joined import JoinedArrays
from microgesture.metrics.groups import groups_of
from microgesture.pose.layouts import Layout, get_layout
from microgesture.provenance.errors import BadInput
from microgesture.stores.mapped import MappedSequences
from microgesture.stores.rgb import RgbStore


@dataclass
class Clips:
    """Clips in the order of their ids; every list has one entry per clip.

    clips, splits: names. labels: int64 (N,), -1 where hidden or unknown. weights: float32 (N,),
    loss weights. lengths: int64 (N,), frames. points: float32 (M, F, V, D + 1) in crop units
    (D = 2: x and y in [0, 1] inside the saliency crop; D = 3: body lengths around the central
    joint), score last, all 0 where a joint is missing, made at every use (`ClipPoints`); empty
    without skeletons. energies: float32 (F,) motion energy. rgb: the stores' clips, or None.
    groups: the person of every clip, or its video where nobody is known
    (`microgesture.metrics.groups`).
    """

    layout: Layout
    clips: list[str]
    splits: list[str]
    labels: np.ndarray
    weights: np.ndarray
    lengths: np.ndarray
    points: Sequence[np.ndarray] = field(default_factory=list)
    energies: Sequence[np.ndarray] = field(default_factory=list)
    rgb: "RgbClips | None" = None
    groups: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.clips)

    @property
    def dims(self) -> int:
        """Number of coordinates of a joint (2 without skeletons)."""
        return self.points[0].shape[-1] - 1 if self.points else 2

    def where(self, *splits: str) -> np.ndarray:
        """Numbers of the clips in these splits, int64."""
        return np.flatnonzero(np.isin(self.splits, splits))

    def frames_with_person(self, number: int, points: np.ndarray | None = None) -> np.ndarray:
        """Frames of a clip in which a joint is seen, int64; all where there is none. points: the
        clip's, where they are at hand."""
        points = self.points[number] if points is None else points
        seen = np.flatnonzero((points[..., -1] > 0).any(axis=(0, 2)))
        return seen if len(seen) else np.arange(points.shape[1])

    def counts(self, chosen: np.ndarray, num_classes: int) -> np.ndarray:
        """int64 (num_classes,): clips of every class among `chosen`, unlabelled ones left out."""
        labels = self.labels[chosen]
        return np.bincount(labels[labels >= 0], minlength=num_classes)


class RgbClips:
    """RGB crops by clip: whole clips in memory up to a budget, the others read at every use."""

    def __init__(self, stores: list[RgbStore], clips: list[str], megabytes: float):
        """stores: the store of every clip, in the order of `clips`."""
        self._stores, self._clips, self._kept = stores, clips, {}
        positions = (store.positions(clip) for store, clip in zip(stores, clips))
        self._positions = JoinedArrays(positions, np.int32)
        left = megabytes * 2**20
        for number, (store, clip) in enumerate(zip(stores, clips)):
            if not len(self._positions[number]):
                raise BadInput(f"{store.path}: clip {clip!r} holds no frames")
            if left <= 0:
                break
            frames = store.read(clip)
            left -= frames.nbytes
            if left > 0:
                self._kept[number] = frames

    def read(self, number: int, frames: np.ndarray) -> np.ndarray:
        """uint8 (T, S, S, 3): for every frame number the nearest stored picture."""
        positions = self._positions[number]
        middles = (positions[1:] + positions[:-1]) / 2
        indices = np.searchsorted(middles, frames)
        if number in self._kept:
            return self._kept[number][indices]
        return self._stores[number].read(self._clips[number], indices)


def load_clips(
    clips: list[str | Path],
    skeletons: list[str | Path],
    saliency: list[str | Path],
    rgb: list[str | Path],
    *,
    layout: str,
    splits: tuple[str, ...],
    use_skeletons: bool,
    use_rgb: bool,
    persons: int = 1,
    facing: bool = False,
    cache_megabytes: float = 2048,
    extra: set[str] | frozenset[str] = frozenset(),
) -> Clips:
    """Load the clips of some splits (and those named in `extra`) from the batches' files.

    clips: tables of clips, whose column `batch` names the files of the other lists that hold a
    clip (batch b3: b3.h5, b3.parquet); where the batch has no file in `rgb`, the clip's video has
    one. `skeletons` or `rgb` may be empty where they are not used. persons: people of a clip, see
    `choose_persons`. facing: 3D skeletons are turned towards the camera (`facing_rotation`). Raises
    BadInput for a clip missing from a store, another layout, and a clip past its video's end.
    """
    layout_ = get_layout(layout)
    table = pd.concat([read_clip_table(path) for path in clips])
    table = table[table["split"].isin(splits) | table["clip"].isin(extra)]
    table = table.sort_values("clip", ignore_index=True)
    skeletons, saliency, rgb = map(_by_batch, (skeletons, saliency, rgb))
    # Pixels are stored by part: a batch, or a long video by itself (assign_batches).
    parts = table["batch"].where(table["batch"].isin(rgb.keys()), table["video"])
    stores = {part: RgbStore(rgb[part]) for part in parts.unique()} if use_rgb else {}
    table["number"] = np.arange(len(table))
    points = ClipPoints(len(table), persons)
    energies: list[np.ndarray] = [None] * len(table)
    for batch, part in table.groupby("batch"):
        boxes, motion = _load_saliency(part, saliency[batch])
        for clip, number in zip(part["clip"], part["number"]):
            energies[number] = motion[clip]
        if use_skeletons:
            points.add(MappedSequences(skeletons[batch]), part, boxes, layout_, facing)
    names = table["clip"].tolist()
    return Clips(
        layout=layout_,
        clips=names,
        splits=table["split"].tolist(),
        labels=table["label"].to_numpy(np.int64, copy=True),
        weights=np.ones(len(table), np.float32),
        lengths=(table["end"] - table["start"] + 1).to_numpy(np.int64),
        points=points if use_skeletons else [],
        energies=JoinedArrays(energies, np.float32),
        rgb=RgbClips([stores[part] for part in parts], names, cache_megabytes) if use_rgb else None,
        groups=groups_of(table["subject"].to_numpy(), table["video"].to_numpy()).tolist(),
    )


def _by_batch(paths: list[str | Path]) -> dict[str, str | Path]:
    return {Path(path).stem: path for path in paths}


def read_clip_table(path: str | Path) -> pd.DataFrame:
    """The clips of a table (clip, video, batch, subject, start, end, split, label). Raises
    BadInput."""
    table = pd.read_parquet(path)
    wanted = ["clip", "video", "batch", "subject", "start", "end", "split", "label"]
    missing = [column for column in wanted if column not in table]
    if missing:
        raise BadInput(f"{path}: has no column {', '.join(missing)}; expected a table of clips")
    return table[wanted]


def _load_saliency(
    table: pd.DataFrame, path: str | Path
) -> tuple[dict[str, tuple[float, float, float, float]], dict[str, np.ndarray]]:
    """Boxes (x0, y0, x1, y1) and motion energies, float32 (F,), by clip. BadInput where one is
    missing or too short."""
    saliency = pd.read_parquet(path)
    boxes = dict(zip(saliency["clip"], zip(*(saliency[side] for side in ("x0", "y0", "x1", "y1")))))
    motion = dict(zip(saliency["clip"], saliency["motion"]))
    for row in table.itertuples():
        if row.clip not in boxes:
            raise BadInput(f"{path}: holds no clip {row.clip!r}; run locate_saliency again")
        found, frames = len(motion[row.clip]), row.end - row.start + 1
        if found != frames:
            raise BadInput(
                f"{path}: clip {row.clip!r} has {found} motion values for {frames} frames; run "
                f"locate_saliency again"
            )
    return boxes, {clip: np.asarray(motion[clip], np.float32) for clip in table["clip"]}
