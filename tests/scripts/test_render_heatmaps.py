import numpy as np
import pandas as pd
import pytest

from microgesture.heatmaps.volumes import read_heatmaps
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence, write_sequences
from scripts.render_heatmaps import render_heatmaps

SETTINGS = {"size": 20, "sigma": 0.6, "frames": 6, "kinds": ["joint", "limb"]}


def test_a_volume_for_every_clip(tmp_path):
    points = np.zeros((1, 30, 17, 3), dtype=np.float32)
    # A nose that moves right by 10 pixels a frame, that is by one pixel of the heatmap.
    points[0, :, 0, 0] = 100 + 10 * np.arange(30)
    points[0, :, 0, 1:] = (120, 1)
    sequence = Sequence(points, np.ones(30, dtype=bool), "coco17", 640, 480, 25.0)
    write_sequences(tmp_path / "s.h5", [("v", sequence)])
    rows = [["a", "v", 2, 7], ["b", "v", 0, 2]]
    columns = ["clip", "video", "start", "end"]
    table = pd.DataFrame(rows, columns=columns).assign(batch="b0")
    table.to_parquet(tmp_path / "clips.parquet")
    columns = ["clip", "x0", "y0", "x1", "y1"]
    boxes = pd.DataFrame([[clip, 100.0, 20.0, 300.0, 220.0] for clip in "ab"], columns=columns)
    boxes.to_parquet(tmp_path / "saliency.parquet")
    names = ("s.h5", "saliency.parquet", "clips.parquet", "h.h5")
    paths = [str(tmp_path / name) for name in names]
    render_heatmaps(*paths[:3], "b0", paths[3], "coco17", SETTINGS)
    joints = read_heatmaps(paths[-1], "a", "joint")
    assert joints.shape == (17, 6, 20, 20)
    peaks = [np.unravel_index(plane.argmax(), plane.shape) for plane in joints[0]]
    assert peaks == [(10, column) for column in range(2, 8)]
    assert joints[0].max() == 255 and joints[1:].max() == 0
    # Only one end of each limb is there.
    assert read_heatmaps(paths[-1], "a", "limb").max() == 0
    # The short clip is looped.
    looped = read_heatmaps(paths[-1], "b", "joint")
    np.testing.assert_array_equal(looped[:, :3], looped[:, 3:])

    boxes[:1].to_parquet(tmp_path / "saliency.parquet")
    with pytest.raises(BadInput, match="no row for clip 'b'"):
        render_heatmaps(*paths[:3], "b0", paths[3], "coco17", SETTINGS)
