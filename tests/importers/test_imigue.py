"""iMiGUE's official layout, in small: synthetic files with its names and columns."""

import logging

import numpy as np
import pandas as pd
import pytest

from microgesture.importers import imigue
from microgesture.importers.imigue import (
    CLASSES,
    hands_are_swapped,
    import_imigue,
    main,
    read_clips,
    read_openpose,
)
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import read_sequence


def person(frames=12):
    """(T, 137, 3): wrists far apart, each hand around its own wrist."""
    generator = np.random.default_rng(0)
    points = generator.uniform(300, 340, (frames, 137, 3))
    points[:, 4, :2] = 100, 200  # right wrist
    points[:, 7, :2] = 500, 200
    points[:, 95:116, :2] = points[:, 7:8, :2] + generator.uniform(-9, 9, (frames, 21, 2))
    points[:, 116:137, :2] = points[:, 4:5, :2] + generator.uniform(-9, 9, (frames, 21, 2))
    points[..., 2] = 0.5
    return points


def write_video(root, folder, video, labels, points=None):
    target = root / folder / video
    target.mkdir(parents=True)
    (target / f"{video}_label.csv").write_text(labels)
    values = person() if points is None else points
    pd.DataFrame(values.reshape(len(values), -1)).to_csv(
        target / f"{video}_openpose.csv", header=False, index=False
    )


@pytest.fixture
def archives(tmp_path, monkeypatch):
    """Three training videos with all 32 classes, one for validation, one for the test."""
    every = "".join(f"{99 if n == 31 else n + 1},{n % 5},{n % 5 + 3}\n" for n in range(32))
    root = tmp_path / "imigue"
    for video in ("0005", "0012", "0013"):
        write_video(root, "imigue_skeleton_train", video, every)
    write_video(root, "imigue_skeleton_validate", "0001", "3,0,4\n99,5,11\n")
    write_video(root, "imigue_skeleton_test", "0300", ",0,4\n,6,11\n")
    return root


def sheets(out):
    return {
        kind: pd.read_csv(out / f"{kind}.tsv", sep="\t", dtype=str)
        for kind in ("videos", "clips", "labels")
    }


def test_labels_and_frames(tmp_path):
    path = tmp_path / "0001_label.csv"
    path.write_text("1,0,24\n99,30,30\n\n31,40,60\n,70,71\n80,81\n")
    clips = read_clips(path, "0001")
    assert [(c["clip"], c["start"], c["end"], c["label"]) for c in clips] == [
        ("0001_0", 0, 24, 0),
        ("0001_1", 30, 30, 31),
        ("0001_2", 40, 60, 30),
        ("0001_3", 70, 71, ""),
        ("0001_4", 80, 81, ""),
    ]
    assert len(CLASSES) == 32
    assert CLASSES[10] == "touching jaw"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("x,0,1", "expected class_id,start,end"),
        ("1,0,1,2", "expected class_id,start,end"),
        ("32,0,1", "class 32; expected 1 to 31, or 99"),
        ("0,0,1", "class 0"),
        ("1,5,4", "frames 5 to 4"),
        ("1,-1,4", "frames -1 to 4"),
    ],
)
def test_faulty_labels(tmp_path, line, message):
    path = tmp_path / "0001_label.csv"
    path.write_text("1,0,2\n" + line + "\n")
    with pytest.raises(BadInput, match=f"line 2.*{message}"):
        read_clips(path, "0001")


def test_import(tmp_path, archives, caplog):
    out = tmp_path / "out"
    with caplog.at_level(logging.WARNING):
        import_imigue(archives, out)
    assert "every video counts as a person of its own" in caplog.text
    tables = sheets(out)
    assert tables["clips"]["split"].value_counts().to_dict() == {"train": 96, "val": 2, "test": 2}
    row = tables["clips"].set_index("clip").loc["0001_1"]
    assert row[["start", "end", "label"]].tolist() == ["5", "11", "31"]
    assert tables["clips"].set_index("clip").loc["0300_0", "label"] is np.nan
    assert len(tables["labels"]) == 32
    assert tables["videos"]["subject"].nunique() == 5
    sequence = read_sequence(out / "keypoints.h5", "0012")
    assert sequence.points.shape == (1, 12, 137, 3)
    assert sequence.layout == "openpose137"
    assert np.allclose(sequence.points[0], person(), atol=1e-4)


def test_subject_table(tmp_path, archives, capsys):
    table = tmp_path / "subjects.tsv"
    table.write_text("video\tsubject\n5\ta\n0012\tb\n0013\tb\n0001\tc\n0300\td\n")
    import_imigue(archives, tmp_path / "out", subjects=table)
    videos = sheets(tmp_path / "out")["videos"].set_index("video")
    assert videos["subject"].to_dict() == {
        **{"0005": "a", "0012": "b", "0013": "b", "0001": "c", "0300": "d"}
    }
    table.write_text("video,subject\n0005,a\n")
    with pytest.raises(SystemExit):
        main([str(archives), "--out", str(tmp_path / "x"), "--subjects", str(table)])
    assert "has no subject for video '0012'" in capsys.readouterr().err
    table.write_text("video,person\n0005,a\n")
    with pytest.raises(BadInput, match="no column subject"):
        import_imigue(archives, tmp_path / "x", subjects=table)


def test_a_person_in_two_splits_is_refused_or_split_anew(tmp_path, archives):
    table = tmp_path / "subjects.tsv"
    table.write_text("video\tsubject\n0005\ta\n0012\tb\n0013\tc\n0001\ta\n0300\td\n")
    with pytest.raises(BadInput, match="subject with clips in train and val"):
        import_imigue(archives, tmp_path / "out", subjects=table)
    import_imigue(archives, tmp_path / "out", subjects=table, validation="subjects")
    tables = sheets(tmp_path / "out")
    clips = tables["clips"].merge(tables["videos"], on="video")
    assert clips.groupby("subject")["split"].unique().str.join("").to_dict() == {
        **{"a": "train", "b": "train", "c": "val", "d": "test"}
    }


def test_training_folder_that_contains_validation_videos(tmp_path, archives, caplog):
    write_video(archives, "imigue_skeleton_train", "0001", "3,0,4\n99,5,11\n")
    with caplog.at_level(logging.WARNING):
        import_imigue(archives, tmp_path / "out")
    assert "video 0001 stands in the training and the validation folder" in caplog.text
    clips = sheets(tmp_path / "out")["clips"]
    assert clips["split"].value_counts().to_dict() == {"train": 96, "val": 2, "test": 2}


def test_test_video_elsewhere_is_refused(tmp_path, archives):
    write_video(archives, "imigue_skeleton_test", "0005", ",0,4\n")
    with pytest.raises(BadInput, match="0005 stands in the train folder too"):
        import_imigue(archives, tmp_path / "out")


def test_empty_folder(tmp_path):
    with pytest.raises(BadInput, match="imigue_skeleton_train/0001/"):
        import_imigue(tmp_path, tmp_path / "out")


def test_hands_on_the_wrong_side_are_put_right(tmp_path, caplog):
    points = person()
    assert not hands_are_swapped(points)
    swapped = points.copy()
    swapped[:, 95:116], swapped[:, 116:137] = points[:, 116:137], points[:, 95:116]
    assert hands_are_swapped(swapped)
    swapped[:, 95:, 2] = 0  # nobody knows
    assert not hands_are_swapped(swapped)
    names = get_layout("openpose137").joints
    assert names[7] == "left_wrist"
    assert names[95].startswith("left")
    swapped = np.concatenate([points[:, :95], points[:, 116:], points[:, 95:116]], axis=1)
    path = tmp_path / "0001_openpose.csv"
    pd.DataFrame(swapped.reshape(12, -1)).to_csv(path, header=False, index=False)
    with caplog.at_level(logging.WARNING):
        sequence = read_openpose(path, 1280, 720, 25.0)
    assert "exchanged" in caplog.text
    assert np.allclose(sequence.points[0], points, atol=1e-4)


def test_missing_points_and_frames(tmp_path):
    points = person(3)
    points[1] = 0
    points[2, 8, 2] = 0
    points[2, 9, 0] = np.nan
    path = tmp_path / "0001_openpose.csv"
    pd.DataFrame(points.reshape(3, -1)).to_csv(path, header=False, index=False)
    sequence = read_openpose(path, 1280, 720, 25.0)
    assert sequence.present.tolist() == [True, False, True]
    assert (sequence.points[0, 2, 8:10] == 0).all()
    assert np.isfinite(sequence.points).all()


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame(np.ones((2, 412))), "412 columns, expected 411"),
        (pd.DataFrame([["x"] * 411]), "holds text"),
    ],
)
def test_faulty_keypoints(tmp_path, frame, message):
    path = tmp_path / "0001_openpose.csv"
    frame.to_csv(path, header=False, index=False)
    with pytest.raises(BadInput, match=message):
        read_openpose(path, 0, 0, 25.0)


def test_spreadsheets(tmp_path):
    pytest.importorskip("openpyxl")
    path = tmp_path / "0001_openpose.xlsx"
    pd.DataFrame(person(2).reshape(2, -1)).to_excel(path, header=False, index=False)
    assert np.allclose(read_openpose(path, 0, 0, 25.0).points[0], person(2), atol=1e-4)
    path.write_text("no spreadsheet")
    with pytest.raises(BadInput, match="cannot be read"):
        read_openpose(path, 0, 0, 25.0)


def test_without_openpyxl_the_message_says_what_to_do(tmp_path, monkeypatch):
    def absent(*_, **__):
        raise ImportError("openpyxl")

    monkeypatch.setattr(imigue.pd, "read_excel", absent)
    with pytest.raises(BadInput, match=r"needs openpyxl; install it.*0001_openpose\.csv"):
        read_openpose(tmp_path / "0001_openpose.xlsx", 0, 0, 25.0)


def test_no_keypoints(tmp_path, archives):
    (archives / "imigue_skeleton_train" / "0005" / "0005_openpose.csv").unlink()
    with pytest.raises(BadInput, match="--no-keypoints"):
        import_imigue(archives, tmp_path / "out")


@pytest.mark.parametrize("line", ["5,12.48,13.96", "5,0:12,0:14", "5,12,13.5", "4.5,12,13"])
def test_seconds_where_frames_belong(tmp_path, line):
    path = tmp_path / "0054_label.csv"
    path.write_text(f"11,40.0,41\n\n{line}\n")
    with pytest.raises(BadInput, match=r"line 3: .*multiply seconds by the frames per second"):
        read_clips(path, "0054")


def test_empty_lines_of_a_table_are_frames_where_the_video_counts_them(tmp_path):
    rows = ["" if t in (2, 3, 7) else ",".join(f"{100 + t},{50 + j},0.8" for j in range(137))
            for t in range(10)]  # fmt: skip
    path = tmp_path / "0001_openpose.csv"
    path.write_text("\n".join(rows) + "\n")
    sequence = read_openpose(path, 1280, 720, 25.0, frames=10)
    assert np.flatnonzero(~sequence.present).tolist() == [2, 3, 7]
    assert sequence.points[0, 9, 0, 0] == 109
    with pytest.raises(BadInput, match="line 3: is empty"):
        read_openpose(path, 1280, 720, 25.0)
