"""The clips of all batches in memory: skeletons as compact arrays, RGB crops from their store."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.datasets.facing import facing_rotation
from microgesture.metrics.groups import groups_of
from microgesture.pose.layouts import Layout, get_layout
from microgesture.pose.persons import choose_persons
from microgesture.provenance.errors import BadInput
from microgesture.saliency.boxes import crop_units
from microgesture.stores.rgb import RgbStore
from microgesture.stores.sequences import list_sequences, read_sequence


@dataclass
class Clips:
    """Clips in the order of their ids; every list has one entry per clip.

    clips, splits: names. labels: int64 (N,), -1 where hidden or unknown. weights: float32 (N,),
    loss weights. lengths: int64 (N,), frames. points: float32 (M, F, V, D + 1) in crop units
    (D = 2: x and y in [0, 1] inside the saliency crop; D = 3: body lengths around the central
    joint), score last, all 0 where a joint is missing; empty without skeletons. energies: float32
    (F,) motion energy. rgb: the stores' clips, or None. groups: the person of every clip, or its
    video where nobody is known (`microgesture.metrics.groups`).
    """

    layout: Layout
    clips: list[str]
    splits: list[str]
    labels: np.ndarray
    weights: np.ndarray
    lengths: np.ndarray
    points: list[np.ndarray] = field(default_factory=list)
    energies: list[np.ndarray] = field(default_factory=list)
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

    def frames_with_person(self, number: int) -> np.ndarray:
        """Frames of a clip in which a joint is seen, int64; all where there is none."""
        points = self.points[number]
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
        self._positions = [store.positions(clip) for store, clip in zip(stores, clips)]
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
    points: dict[str, np.ndarray] = {}
    energies: dict[str, np.ndarray] = {}
    for batch, part in table.groupby("batch"):
        boxes = _load_saliency(part, saliency[batch])
        for clip in part["clip"]:
            energies[clip] = np.asarray(boxes.at[clip, "motion"], np.float32)
        if use_skeletons:
            _load_skeletons(part, skeletons[batch], boxes, layout_, persons, facing, points)
    names = table["clip"].tolist()
    return Clips(
        layout=layout_,
        clips=names,
        splits=table["split"].tolist(),
        labels=table["label"].to_numpy(np.int64, copy=True),
        weights=np.ones(len(table), np.float32),
        lengths=(table["end"] - table["start"] + 1).to_numpy(np.int64),
        points=[points[name] for name in names] if use_skeletons else [],
        energies=[energies[name] for name in names],
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


def _load_saliency(table: pd.DataFrame, path: str | Path) -> pd.DataFrame:
    """The rows of the clips, by clip. BadInput where one is missing or too short."""
    saliency = pd.read_parquet(path).set_index("clip")
    for row in table.itertuples():
        if row.clip not in saliency.index:
            raise BadInput(f"{path}: holds no clip {row.clip!r}; run locate_saliency again")
        found, frames = len(saliency.at[row.clip, "motion"]), row.end - row.start + 1
        if found != frames:
            raise BadInput(
                f"{path}: clip {row.clip!r} has {found} motion values for {frames} frames; run "
                f"locate_saliency again"
            )
    return saliency


def _load_skeletons(table, store, boxes, layout, persons, facing, points) -> None:
    videos = set(list_sequences(store))
    for video, part in table.groupby("video"):
        if video not in videos:
            raise BadInput(
                f"{store}: holds no video {video!r}, which clip {part['clip'].iloc[0]!r} is cut "
                f"from; run the workflow again from clean_keypoints"
            )
        sequence = read_sequence(store, video)
        if sequence.layout != layout.name:
            raise BadInput(
                f"{store}: video {video!r} has keypoints in the layout {sequence.layout}, "
                f"the configuration says {layout.name}; write layout: {sequence.layout}"
            )
        if facing and sequence.points.shape[-1] == 3:
            raise BadInput(
                f"{store}: facing: true turns skeletons in space, the keypoints of video {video!r} "
                "are in pixels; take facing out, or import 3D keypoints"
            )
        for row in part.itertuples():
            cut = sequence.points[:, row.start : row.end + 1]
            present = sequence.present[row.start : row.end + 1]
            if cut.shape[1] != row.end - row.start + 1:
                raise BadInput(
                    f"{store}: clip {row.clip!r} ends at frame {row.end}, video {video!r} has "
                    f"frames 0 to {sequence.points.shape[1] - 1}"
                )
            cut = cut[choose_persons(cut, present, persons)]
            if len(cut) < persons:
                cut = np.concatenate([cut, np.zeros((persons - len(cut), *cut.shape[1:]))])
            box = boxes.loc[row.clip]
            points[row.clip] = (
                crop_units(cut, (box["x0"], box["y0"], box["x1"], box["y1"]))
                if cut.shape[-1] == 3
                else to_body_units(cut, present, layout, facing=facing)
            )


def to_body_units(
    points: np.ndarray, present: np.ndarray, layout: Layout, *, facing: bool = False
) -> np.ndarray:
    """Metres to half body lengths around the central joint of the first frame with a person.

    points: (M, F, V, 4) float; present: bool (F,). One shift and one scale for the clip. The
    body's length is the longest way through the skeleton (head to foot, hand to hand), with the
    median length of every bone over frames and persons. Where the central joint is missing the
    mean of the seen joints stands for it. facing: the clip is turned towards the camera as well
    (`facing_rotation`). Returns float32; missing joints all 0.
    """
    seen = points[..., -1] > 0
    frames = np.flatnonzero(present & seen.any(axis=(0, 2)))
    if not len(frames):
        return np.zeros(points.shape, np.float32)
    first = frames[0]
    person = int(np.flatnonzero(seen[:, first].any(axis=1))[0])
    if seen[person, first, layout.center]:
        origin = points[person, first, layout.center, :3]
    else:
        origin = points[person, first][seen[person, first], :3].mean(axis=0)
    length = _longest_way(points, seen, layout)
    moved = np.array(points, np.float64)
    moved[..., :3] = (moved[..., :3] - origin) / (length / 2 if length > 0 else 1.0)
    if facing:
        moved[..., :3] = moved[..., :3] @ facing_rotation(points, layout).T
    return (moved * seen[..., None]).astype(np.float32)


def _longest_way(points: np.ndarray, seen: np.ndarray, layout: Layout) -> float:
    parents = np.asarray(layout.parents)
    both = seen & seen[:, :, parents]
    bones = np.linalg.norm(points[..., :3] - points[:, :, parents, :3], axis=-1)
    lengths = [
        float(np.median(bones[..., v][both[..., v]])) if both[..., v].any() else 0.0
        for v in range(len(parents))
    ]
    depth = np.zeros(len(parents))  # longest way down from a joint
    longest = 0.0
    for joint in _leaves_first(layout.parents):
        parent = layout.parents[joint]
        if parent != joint:
            reach = depth[joint] + lengths[joint]
            longest = max(longest, depth[parent] + reach)
            depth[parent] = max(depth[parent], reach)
    return longest


def _leaves_first(parents: tuple[int, ...]) -> list[int]:
    def level(joint: int) -> int:
        return 0 if parents[joint] == joint else 1 + level(parents[joint])

    return sorted(range(len(parents)), key=level, reverse=True)
