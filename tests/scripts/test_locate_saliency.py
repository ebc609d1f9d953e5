import logging

import numpy as np
import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.saliency.boxes import locate
from microgesture.stores.sequences import Sequence, write_sequences
from scripts.locate_saliency import locate_saliency

SETTINGS = {"score_threshold": 0.3, "padding": 0.25, "motion_weight": 0.5, "minimum_share": 0.5}


@pytest.fixture
def inputs(tmp_path):
    generator = np.random.default_rng(0)
    points = generator.uniform(100, 300, (1, 50, 68, 3)).astype(np.float32)
    points[..., 2] = 0.9
    present = np.ones(50, dtype=bool)
    points[:, 30:], present[30:] = 0, False
    sequence = Sequence(points, present, "h68", 640, 480, 25.0)
    write_sequences(tmp_path / "s.h5", [("v", sequence), ("w", sequence)])
    rows = [["c", "w", 5, 20], ["a", "v", 0, 9], ["b", "v", 30, 49], ["d", "v", 25, 34]]
    table = pd.DataFrame(rows, columns=["clip", "video", "start", "end"]).assign(batch="b0")
    table.to_parquet(tmp_path / "clips.parquet")
    return tmp_path, points, present


def run(folder, layout="h68"):
    paths = [str(folder / name) for name in ("s.h5", "clips.parquet", "saliency.parquet")]
    locate_saliency(*paths[:2], "b0", paths[2], layout, SETTINGS)
    return pd.read_parquet(paths[-1])


def test_a_row_for_every_clip(inputs, caplog):
    folder, points, present = inputs
    with caplog.at_level(logging.WARNING):
        table = run(folder)
    assert list(table.columns) == ["clip", "x0", "y0", "x1", "y1", "person_frames", "motion"]
    assert table["clip"].tolist() == ["a", "b", "c", "d"]
    assert table["person_frames"].tolist() == [10, 0, 16, 5]
    assert [len(motion) for motion in table["motion"]] == [10, 20, 16, 10]
    assert table["motion"].iloc[0].dtype == np.float32
    assert (table["x1"] - table["x0"]).to_numpy() == pytest.approx(table["y1"] - table["y0"])
    # The clip without a person is taken whole, and said to be.
    assert table.loc[1, ["x0", "y0", "x1", "y1"]].tolist() == [0, -80, 640, 560]
    assert "b" in caplog.text
    expected = locate(points[:, 5:21], present[5:21], 640, 480, **SETTINGS)
    assert tuple(table.loc[2, ["x0", "y0", "x1", "y1"]]) == expected.box
    np.testing.assert_array_equal(table.loc[2, "motion"], expected.motion)


def test_the_same_input_gives_the_same_bytes(inputs):
    run(inputs[0])
    first = (inputs[0] / "saliency.parquet").read_bytes()
    run(inputs[0])
    assert (inputs[0] / "saliency.parquet").read_bytes() == first


def test_bad_input(inputs):
    folder = inputs[0]
    with pytest.raises(BadInput, match="layout 'h68', the config says 'coco17'"):
        run(folder, "coco17")
    table = pd.DataFrame([["a", "v", 45, 50]], columns=["clip", "video", "start", "end"])
    table.assign(batch="b0").to_parquet(folder / "clips.parquet")
    with pytest.raises(BadInput, match="clip 'a' ends at frame 50"):
        run(folder)


def test_the_crop_holds_the_person_whom_the_recogniser_sees(inputs):
    folder, points, present = inputs
    alone = run(folder)
    empty_first = np.concatenate([np.zeros_like(points), points])
    passer_by = np.concatenate(
        [points * np.float32([0.05, 0.05, 1]) + np.float32([500, 0, 0]), points]
    )
    passer_by[0][points[0, ..., 2] == 0] = 0
    for both in (empty_first, passer_by):
        sequence = Sequence(both, present, "h68", 640, 480, 25.0)
        write_sequences(folder / "s.h5", [("v", sequence), ("w", sequence)])
        pd.testing.assert_frame_equal(run(folder), alone)
    paths = [str(folder / name) for name in ("s.h5", "clips.parquet", "saliency.parquet")]
    locate_saliency(*paths[:2], "b0", paths[2], "h68", SETTINGS | {"persons": 2})
    assert (pd.read_parquet(paths[-1])["x1"] > alone["x1"]).iloc[0]
