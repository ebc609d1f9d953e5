"""A tidy table holds every point of the store and nothing else."""

import numpy as np
import pandas as pd
import pytest

from microgesture.importers.sheet_writer import SheetRows, write_sheets
from microgesture.importers.tidy import main
from microgesture.pose.layouts import get_layout
from microgesture.stores.sequences import Sequence, write_sequences


@pytest.mark.parametrize("dims", [2, 3])
def test_the_store_can_be_made_again_from_the_table(tmp_path, dims):
    rng = np.random.default_rng(dims)
    points = rng.uniform(10, 200, (2, 6, 17, dims + 1)).astype(np.float32)
    points[..., -1] = rng.uniform(0.1, 1, points.shape[:-1])
    points[rng.random(points.shape[:-1]) < 0.3] = 0
    points[:, 2] = 0
    store = tmp_path / "k.h5"
    write_sequences(store, [("v", Sequence(points, np.ones(6, bool), "coco17", 0, 0, 25.0))])
    videos = [{"video": "v", "subject": "anna", "fps": 25, "keypoints": str(store)}]
    clips = [{"clip": "c", "video": "v", "start": 0, "end": 5, "label": "", "split": "unlabelled"}]
    write_sheets(tmp_path, SheetRows(videos, clips, []))
    main([str(tmp_path), "--out", str(tmp_path / "out.csv")])
    table = pd.read_csv(
        tmp_path / "out.csv", dtype=dict.fromkeys(("x", "y", "z", "score"), np.float32)
    )
    assert list(table)[:6] == ["video", "subject", "frame", "time", "person", "joint"]
    assert set(table["video"]) == {"v"} and set(table["subject"]) == {"anna"}
    assert table.loc[table["frame"] == 5, "time"].iloc[0] == pytest.approx(0.2)
    again = np.zeros_like(points)
    joints = table["joint"].map(get_layout("coco17").joints.index)
    again[table["person"], table["frame"], joints] = table[[*"xyz"[:dims], "score"]]
    np.testing.assert_array_equal(again, points)
