"""Bytes that one clip takes: float32 volumes, the uint8 + zstd export, coordinates."""

import tempfile
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from bench.clips import seated_person
from bench.timing import medians, table
from microgesture.heatmaps.volumes import read_heatmaps, render_clips, write_heatmaps
from microgesture.pose.layouts import get_layout
from microgesture.stores.sequences import Sequence, read_sequence, write_sequences

SETTINGS = {"size": 56, "sigma": 0.6, "frames": 48, "kinds": ["joint", "limb"]}


def bench_storage():
    """Lines of the report."""
    layout = get_layout("h68")
    points = seated_person(48, np.random.default_rng(0))
    points[..., :2] *= 480
    sequence = Sequence(points, np.ones(48, dtype=bool), "h68", 480, 480, 25.0)
    columns = ["clip", "video", "start", "end", "x0", "y0", "x1", "y1"]
    clips = pd.DataFrame([["c", "v", 0, 47, 0.0, 0.0, 480.0, 480.0]], columns=columns)
    with tempfile.TemporaryDirectory() as folder:
        skeletons, heatmaps = Path(folder) / "s.h5", Path(folder) / "h.h5"
        write_sequences(skeletons, [("v", sequence)], packed=False)  # as clean_keypoints does
        drawn = render_clips(str(skeletons), clips, layout, SETTINGS)
        write_heatmaps(heatmaps, drawn, layout, SETTINGS)
        with h5py.File(skeletons) as file:
            coordinates = file["v/points"].id.get_storage_size()
        with h5py.File(heatmaps) as file:
            packed = sum(file[f"c/{kind}"].id.get_storage_size() for kind in ("joint", "limb"))
        taken = medians(
            {
                "packed": lambda: [read_heatmaps(heatmaps, "c", k) for k in ("joint", "limb")],
                "coordinates": lambda: read_sequence(skeletons, "v"),
            },
            repeats=15,
        )
    volumes = (68 + len(layout.edges)) * 48 * 56 * 56 * 4
    rows = [
        ["float32 volumes, joint + limb", f"{volumes / 1024:.0f}", "1", ""],
        ["uint8 + zstd volumes", f"{packed / 1024:.0f}", f"1/{volumes / packed:.0f}"]
        + [f"{taken['packed']:.1f}"],
        ["coordinates (serve both)", f"{coordinates / 1024:.1f}", f"1/{volumes / coordinates:.0f}"]
        + [f"{taken['coordinates']:.1f}"],
    ]
    return table(["one clip, 68 points, 48 frames", "KiB", "share", "open and read, ms"], rows)
