import h5py
import numpy as np
import pandas as pd
import pytest

from bench.plain_heatmaps import plain_joints, plain_limbs
from microgesture.heatmaps.volumes import (
    as_bytes,
    read_heatmaps,
    render_clips,
    write_heatmaps,
)
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence, write_sequences

SETTINGS = {"size": 28, "sigma": 0.6, "frames": 4, "kinds": ["joint", "limb"]}


@pytest.fixture
def layout():
    return get_layout("coco17")


@pytest.fixture
def skeletons(tmp_path):
    generator = np.random.default_rng(0)
    points = generator.uniform(0, 400, (1, 20, 17, 3)).astype(np.float32)
    points[..., 2] = generator.random((1, 20, 17))
    sequence = Sequence(points, np.ones(20, dtype=bool), "coco17", 400, 400, 25.0)
    write_sequences(tmp_path / "s.h5", [("v", sequence)])
    return tmp_path / "s.h5", points


def clips():
    columns = ["clip", "video", "start", "end", "x0", "y0", "x1", "y1"]
    return pd.DataFrame([["a", "v", 0, 7, 50.0, 60.0, 330.0, 340.0]], columns=columns)


def test_the_export_equals_the_plain_loop(tmp_path, skeletons, layout):
    path, points = skeletons
    drawn = render_clips(path, clips(), layout, SETTINGS)
    write_heatmaps(tmp_path / "h.h5", drawn, layout, SETTINGS)
    # Centres of four segments of eight frames; 280 pixels of the frame are 28 of the heatmap.
    expected = points[:, [1, 3, 5, 7]].copy()
    expected[..., 0] = (expected[..., 0] - 50) / 10
    expected[..., 1] = (expected[..., 1] - 60) / 10
    joints = read_heatmaps(tmp_path / "h.h5", "a", "joint")
    limbs = read_heatmaps(tmp_path / "h.h5", "a", "limb")
    assert joints.dtype == np.uint8 and joints.shape == (17, 4, 28, 28)
    assert limbs.shape == (len(layout.edges), 4, 28, 28)
    for found, plain in (
        (joints, plain_joints(expected, (28, 28), 0.6)),
        (limbs, plain_limbs(expected, layout.edges, (28, 28), 0.6)),
    ):
        assert plain.max() > 0.5
        np.testing.assert_allclose(found / 255, plain, atol=0.5 / 255 + 1e-4)


def test_the_file_says_how_it_was_made(tmp_path, skeletons, layout):
    drawn = render_clips(skeletons[0], clips(), layout, SETTINGS)
    write_heatmaps(tmp_path / "h.h5", drawn, layout, SETTINGS)
    with h5py.File(tmp_path / "h.h5") as file:
        assert file.attrs["layout"] == "coco17" and file.attrs["sigma"] == 0.6
        assert list(file.attrs["joints"]) == list(layout.joints)
        assert file.attrs["edges"].tolist() == [list(edge) for edge in layout.edges]
        assert file["a/positions"][:].tolist() == [1, 3, 5, 7]
        assert file["a/joint"].id.get_storage_size() < file["a/joint"].size / 10


def test_bad_input(tmp_path, skeletons, layout):
    path, _ = skeletons
    with pytest.raises(BadInput, match="unknown kind 'joints'"):
        list(render_clips(path, clips(), layout, SETTINGS | {"kinds": ["joints"]}))
    with pytest.raises(BadInput, match="layout 'coco17'"):
        list(render_clips(path, clips(), get_layout("h68"), SETTINGS))
    drawn = render_clips(path, clips(), layout, SETTINGS | {"kinds": ["limb"]})
    write_heatmaps(tmp_path / "h.h5", drawn, layout, SETTINGS)
    with pytest.raises(BadInput, match="not 'joint'"):
        read_heatmaps(tmp_path / "h.h5", "a", "joint")


def test_as_bytes_rounds():
    values = np.array([0, 0.4 / 255, 0.6 / 255, 0.5, 1], dtype=np.float32)
    assert as_bytes(values).tolist() == [0, 0, 1, 128, 255]
