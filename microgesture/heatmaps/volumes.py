"""Export of heatmap volumes for other tools: uint8, zstd, one HDF5 file per batch.

Training does not read these: it expands heatmaps from coordinates, which take a thousandth of the
space. A value v stands for v / 255. The root's attributes say how the volumes were drawn: `size`,
`sigma`, `frames`, `layout`, `joints` (names) and `edges` (pairs); group `<clip>` holds dataset
`joint` (V, T, size, size), dataset `limb` (L, T, size, size) or both, and `positions` int32 (T,),
the frame numbers relative to the clip's start. zstd is HDF5 filter 32015; in Python
`import hdf5plugin` is enough to read it.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import hdf5plugin
import numpy as np
import pandas as pd

from microgesture.heatmaps.gaussian import render_joints
from microgesture.heatmaps.limb import render_limbs
from microgesture.pose.layouts import Layout
from microgesture.pose.persons import choose_persons
from microgesture.provenance.errors import BadInput
from microgesture.saliency.boxes import crop_units
from microgesture.stores.files import created, dataset_of, encode_name, group_of, opened
from microgesture.stores.sequences import read_sequence
from microgesture.videos.sampling import sample_testing

KIND = "heatmaps"
KINDS = ("joint", "limb")
# Planes of a chunk: a few joints over the whole clip, so that single joints can be read.
_CHUNK_JOINTS = 8


def render_clips(
    skeletons: str, clips: pd.DataFrame, layout: Layout, settings: dict
) -> Iterator[tuple[str, dict[str, np.ndarray], np.ndarray]]:
    """Draw the clips (clip, video, start, end, x0, y0, x1, y1): yields (clip, volumes, positions).

    volumes: {"joint": uint8 (V, T, H, W), "limb": uint8 (L, T, H, W)} for the kinds asked for, in
    buffers that the next clip writes over. settings: size (pixels), sigma (pixels), frames (T),
    kinds. The frames are the centres of T equal segments; a shorter clip is looped.
    """
    size, sigma = int(settings["size"]), float(settings["sigma"])
    frames, kinds = int(settings["frames"]), list(settings["kinds"])
    for kind in kinds:
        if kind not in KINDS:
            raise BadInput(f"config, render_heatmaps: kinds: unknown kind {kind!r}; known: {KINDS}")
    buffers: dict[str, np.ndarray | None] = dict.fromkeys(kinds)
    for row in clips.itertuples():
        sequence = read_sequence(skeletons, row.video, int(row.start), int(row.end))
        if sequence.layout != layout.name:
            raise BadInput(
                f"{skeletons}: video {row.video!r} has keypoints of layout {sequence.layout!r}, "
                f"the config says {layout.name!r}; run clean_keypoints again"
            )
        positions = sample_testing(len(sequence.present), frames)[0].astype(np.int32)
        person = sequence.points[choose_persons(sequence.points, sequence.present, 1)]
        points = crop_units(person[:, positions], (row.x0, row.y0, row.x1, row.y1))
        points = points[..., [0, 1, -1]]
        points[..., :2] *= size
        for kind in kinds:
            if kind == "joint":
                drawn = render_joints(points, (size, size), sigma, buffers[kind])
            else:
                drawn = render_limbs(points, layout.edges, (size, size), sigma, buffers[kind])
            buffers[kind] = drawn
        yield row.clip, {kind: as_bytes(buffers[kind]) for kind in kinds}, positions


def as_bytes(volume: np.ndarray) -> np.ndarray:
    """Values in [0, 1] as uint8, rounded: v stands for v / 255."""
    return (volume * np.float32(255) + np.float32(0.5)).astype(np.uint8)


def write_heatmaps(
    path: str | Path,
    clips: Iterable[tuple[str, dict[str, np.ndarray], np.ndarray]],
    layout: Layout,
    settings: dict,
) -> None:
    """Write what `render_clips` yields to the store `path`."""
    with created(path, KIND) as file:
        file.attrs["size"] = int(settings["size"])
        file.attrs["sigma"] = float(settings["sigma"])
        file.attrs["frames"] = int(settings["frames"])
        file.attrs["scale"] = 255
        file.attrs["layout"] = layout.name
        file.attrs["joints"] = list(layout.joints)
        file.attrs["edges"] = np.asarray(layout.edges, dtype=np.int32).reshape(-1, 2)
        for clip, volumes, positions in clips:
            group = file.create_group(encode_name(clip))
            group.create_dataset("positions", data=positions)
            for kind, volume in volumes.items():
                group.create_dataset(
                    kind,
                    data=volume,
                    chunks=(min(_CHUNK_JOINTS, len(volume)), *volume.shape[1:]),
                    **hdf5plugin.Zstd(clevel=3),
                )


def read_heatmaps(path: str | Path, clip: str, kind: str) -> np.ndarray:
    """One clip's volume of `kind`, uint8 (V or L, T, H, W). `BadInput` when it is not there."""
    with opened(path, KIND) as file:
        group = group_of(file, clip, "clip")
        if kind not in group:
            raise BadInput(f"{path}: clip {clip!r} has {sorted(group)}, not {kind!r}")
        return dataset_of(group, kind)[:]
