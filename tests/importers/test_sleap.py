"""SLEAP's analysis files, written by sleap-io in both orders of axes."""

import gzip
from pathlib import Path

import h5py
import numpy as np
import pytest
import yaml

from microgesture.importers.recordings import Options, Picture
from microgesture.importers.sleap import main, read_analysis, read_recording
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import read_sequence

FILES = Path(__file__).parent / "files"


def unpacked(tmp_path, name):
    path = tmp_path / f"{name}.analysis.h5"
    path.write_bytes(gzip.decompress((FILES / f"{name}.h5.gz").read_bytes()))
    return path


@pytest.mark.parametrize("name", ["sleap_matlab", "sleap_standard"])
def test_both_orders_of_axes(tmp_path, name):
    points, nodes, edges = read_analysis(unpacked(tmp_path, name))
    assert points.shape == (2, 8, 4, 3)
    assert nodes == ["nose", "left_wrist", "right_wrist", "tail"]
    assert edges == [("left_wrist", "nose"), ("right_wrist", "nose"), ("tail", "right_wrist")]
    # anna has 0.5 everywhere but in frame 5, where the left wrist is not found; ben is away in 3, 4
    score = points[..., 2]
    assert score[0, 0].tolist() == [0.5] * 4 and score[0, 5].tolist() == [0.5, 0, 0.5, 0.5]
    assert not score[1, 3:5].any() and np.allclose(score[1, 0], 0.6)
    other = read_analysis(unpacked(tmp_path, "sleap_standard"))[0]
    assert np.array_equal(points, other)


def test_points_are_those_of_the_file(tmp_path):
    path = unpacked(tmp_path, "sleap_matlab")
    with h5py.File(path) as file:
        tracks = file["tracks"][()]  # (tracks, 2, nodes, frames)
    points = read_analysis(path)[0]
    assert np.allclose(points[1, 7, 2, :2], tracks[1, :, 2, 7])


def test_without_scores_and_without_names_of_axes(tmp_path):
    with h5py.File(tmp_path / "old.h5", "w") as file:
        tracks = np.arange(2 * 2 * 3 * 5, dtype=float).reshape(2, 2, 3, 5) + 1
        tracks[0, :, 1, 2] = np.nan
        file["tracks"] = tracks
        file["node_names"] = np.array([b"nose", b"left_wrist", b"right_wrist"])
    points, _, edges = read_analysis(tmp_path / "old.h5")
    assert points.shape == (2, 5, 3, 3) and edges == []
    assert points[0, 2, 1].tolist() == [0, 0, 0]
    assert points[1, 4, 2].tolist() == [tracks[1, 0, 2, 4], tracks[1, 1, 2, 4], 1]


def test_a_layout_file_that_is_not_there_is_written(tmp_path):
    path = unpacked(tmp_path, "sleap_matlab")
    mine = tmp_path / "mine.yaml"
    options = Options(out="", layout=str(mine))
    with pytest.raises(BadInput, match="is written now"):
        read_recording(path, Picture(640, 480, 30.0), options)
    content = yaml.safe_load(mine.read_text())
    assert content["joints"] == ["nose", "left_wrist", "right_wrist", "tail"]
    content["edges"][2] = ["tail", "nose"]  # the skeleton hung it on one hand
    content["pairs"] = [["left_wrist", "right_wrist"]]
    mine.write_text(yaml.safe_dump(content))
    main([str(path), "--layout", str(mine), "--size", "640x480", "--out", str(tmp_path / "o")])
    sequence = read_sequence(tmp_path / "o/keypoints.h5", "sleap_matlab")
    assert np.array_equal(sequence.points, read_analysis(path)[0])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"a": np.zeros(2)}, "has no datasets tracks and node_names"),
        ({"instances": np.zeros(2)}, "this is a project"),
        ({"tracks": np.zeros((1, 2, 3)), "node_names": np.array([b"a"])}, "four axes"),
        ({"tracks": np.zeros((1, 3, 1, 5)), "node_names": np.array([b"a"])}, "expected .tracks, 2"),
        (
            {
                "tracks": np.zeros((1, 2, 1, 5)),
                "node_names": np.array([b"a"]),
                "point_scores": np.zeros((1, 1, 4)),
            },
            "do not belong to the tracks",
        ),
    ],
)
def test_broken_files(tmp_path, content, message):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name, values in content.items():
            file[name] = values
    with pytest.raises(BadInput, match=message):
        read_analysis(tmp_path / "a.h5")
