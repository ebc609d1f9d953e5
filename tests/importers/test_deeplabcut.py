"""DeepLabCut's files as pandas writes them: csv and both formats of h5, one animal and several."""

import gzip
import shutil
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import yaml

from microgesture.importers.deeplabcut import find_recordings, main, read_csv, read_recording
from microgesture.importers.deeplabcut_h5 import read_h5
from microgesture.importers.recordings import Options, Picture
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import read_sequence

FILES = Path(__file__).parent / "files"
PICTURE = Picture(640, 480, 25.0)


def unpacked(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.decompress((FILES / f"{name}.gz").read_bytes()))
    return path


def layout(tmp_path, joints=("nose", "left_wrist", "right_wrist", "left_elbow", "right_elbow")):
    edges = [[joint, "nose"] for joint in joints[1:]]
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({"joints": list(joints), "edges": edges}))
    return str(path)


@pytest.mark.parametrize(
    ("h5", "csv"),
    [("deeplabcut_table.h5", "deeplabcut_many.csv"), ("deeplabcut_fixed.h5", "deeplabcut_one.csv")],
)
def test_h5_and_csv_say_the_same(tmp_path, h5, csv):
    columns, frames, values = read_h5(unpacked(tmp_path, h5))
    again = read_csv(FILES / csv)
    assert columns == again[0] and frames.tolist() == again[1].tolist() == list(range(6))
    np.testing.assert_allclose(values, again[2], atol=1e-9)


def test_two_animals_by_their_names(tmp_path):
    table = pd.read_csv(FILES / "deeplabcut_many.csv", header=[0, 1, 2, 3], index_col=0)
    options = Options(out="", layout=layout(tmp_path))
    sequence = read_recording(unpacked(tmp_path, "deeplabcut_table.h5"), PICTURE, options)
    assert sequence.points.shape == (2, 6, 5, 3)
    for row, animal in enumerate(("anna", "ben")):
        ours = sequence.points[row, 4, 1]
        theirs = table.xs((animal, "left_wrist"), axis=1, level=(1, 2)).iloc[4].to_numpy()
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    assert not sequence.points[0, 2, 0].any()  # NaN in the file
    assert not sequence.points[:, :, 4].any()  # the layout's right elbow is not in it


def test_the_command_writes_sheets(tmp_path):
    shutil.copy(FILES / "deeplabcut_one.csv", tmp_path / "talkDLC_resnet50_xshuffle1_1000.csv")
    main([str(tmp_path / "talkDLC_resnet50_xshuffle1_1000.csv"), "--layout", layout(tmp_path),
          "--size", "640x480", "--fps", "50", "--out", str(tmp_path / "o")])  # fmt: skip
    sequence = read_sequence(tmp_path / "o/keypoints.h5", "talk")
    assert (sequence.fps, sequence.width) == (50, 640)
    assert sequence.layout.startswith(layout(tmp_path) + "#")


def test_h5_goes_before_csv_of_the_same_name(tmp_path):
    for name in ("aDLC_x.csv", "aDLC_x.h5"):
        (tmp_path / name).touch()
    assert find_recordings([str(tmp_path)])["a"].suffix == ".h5"
    (tmp_path / "aDLC_x_filtered.csv").touch()
    with pytest.raises(BadInput, match="is a recording 'a' too"):
        find_recordings([str(tmp_path)])


def write_csv(tmp_path, names, rows=((0, 1.0, 2.0, 0.9), (1, 1.0, 2.0, 0.9))):
    lines = [
        ["scorer"] + ["m"] * 3,
        ["bodyparts"] + [names] * 3,
        ["coords", "x", "y", "likelihood"],
    ]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(",".join(map(str, line)) for line in [*lines, *rows]) + "\n")
    return path


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (((0, 1, 2, 0.9), (1, 1, 2)), "line 5: has 3 cells, the header 4"),
        (((0, 1, "two", 0.9),), "line 4: holds text among the numbers"),
        ((("labeled-data/v/img1.png", 1, 2, 0.9),), "is no frame number"),
        (((0, 1, 2, 0.9), (0, 1, 2, 0.9)), "frame 0 comes twice"),
        ((), "holds no frame"),
    ],
)
def test_broken_csv(tmp_path, rows, message):
    with pytest.raises(BadInput, match=message):
        read_csv(write_csv(tmp_path, "nose", rows))


def test_other_tables_and_files(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("frame,x,y\n0,1,2\n")
    with pytest.raises(BadInput, match="begins with frame"):
        read_csv(path)
    with pytest.raises(BadInput, match="no readable HDF5"):
        read_h5(path)
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["x"] = np.zeros(3)
    with pytest.raises(BadInput, match="holds no table of pandas"):
        read_h5(tmp_path / "b.h5")
    with h5py.File(tmp_path / "c.h5", "w") as file:
        file["df_with_missing"] = h5py.ExternalLink(str(tmp_path / "b.h5"), "/")
    with pytest.raises(BadInput, match="is not followed"):
        read_h5(tmp_path / "c.h5")


def test_names_of_their_own_ask_for_a_layout_file(tmp_path):
    with pytest.raises(BadInput, match=r"joints: \[tailbase\]"):
        read_recording(write_csv(tmp_path, "tailbase"), PICTURE, Options(out=""))
    with pytest.raises(BadInput, match="none of its points"):
        read_recording(write_csv(tmp_path, "tail"), PICTURE, Options(out="", layout="coco17"))


def test_a_frame_that_is_left_out_stays_empty(tmp_path):
    path = write_csv(tmp_path, "nose", ((0, 5, 6, 0.9), (3, 7, 8, 0.9)))
    sequence = read_recording(path, PICTURE, Options(out="", layout="coco17"))
    assert sequence.present.tolist() == [True, False, False, True]
    assert sequence.points[0, 3, 0].tolist() == pytest.approx([7, 8, 0.9])
