"""The import command: sheets and stores of a small file, split by subject."""

import logging
import pickle

import numpy as np
import pandas as pd
import pytest

from microgesture.importers.pyskl import main
from microgesture.importers.pyskl_format import read_skeletons
from microgesture.stores.sequences import list_sequences, read_sequence
from microgesture.tables.sheets import read_sheets

SUBJECTS = (1, 2, 3, 4, 5, 6)


def write(path, dims, drop=(), change=None):
    """6 subjects x 2 classes x 2 repetitions; odd subjects train, even ones test."""
    annotations = []
    for subject in SUBJECTS:
        for label in (0, 1):
            for repetition in (1, 2):
                name = f"a{label}_s{subject}_e{repetition}"
                frames = 3 + repetition
                value = 100 * subject + 10 * label + repetition
                keypoint = np.full((1, frames, 20, dims), value, np.float32)
                row = {"frame_dir": name, "label": label, "keypoint": keypoint}
                row |= {"total_frames": frames, "img_shape": (240, 320)}
                if change:
                    change(row)
                if name not in drop:
                    annotations.append(row)
    names = [row["frame_dir"] for row in annotations]
    odd = [name for name in names if int(name.split("_")[1][1:]) % 2]
    split = {"one": odd, "two": [name for name in names if name not in odd]}
    path.write_bytes(pickle.dumps({"split": split, "annotations": annotations}))
    return path


def arguments(tmp_path, *more, second=None):
    flat = ["--second", str(second)] if second else []
    return [
        *(str(tmp_path / "3d.pkl"), *flat, "--layout", "msr20", "--train-split", "one"),
        *("--test-split", "two", "--fps", "15", "--out", str(tmp_path / "out"), *more),
    ]


def sheet(tmp_path, kind):
    return pd.read_csv(tmp_path / "out" / f"{kind}.tsv", sep="\t", dtype=str)


@pytest.fixture
def pickles(tmp_path):
    write(tmp_path / "3d.pkl", 3)
    return write(tmp_path / "2d.pkl", 2)


def test_import(tmp_path, pickles):
    (tmp_path / "labels.tsv").write_text("label\tname\n1\tkick\n0\twave\n")
    main(
        arguments(
            tmp_path,
            *("--subject-pattern", r"s(\d+)", "--labels", str(tmp_path / "labels.tsv")),
            *("--validation-subjects", "3"),
            second=pickles,
        )
    )
    videos, clips = sheet(tmp_path, "videos"), sheet(tmp_path, "clips")
    assert len(videos) == len(clips) == 24
    assert videos["path"].isna().all()
    subject = dict(zip(videos["video"], videos["subject"]))
    splits = {subject[row.video]: row.split for row in clips.itertuples()}
    assert splits == {"1": "train", "3": "val", "5": "train", "2": "test", "4": "test", "6": "test"}
    row = clips.set_index("clip").loc["a1_s5_e2"]
    assert row.tolist() == ["a1_s5_e2", "0", "4", "1", "train"]
    assert sheet(tmp_path, "labels")["name"].tolist() == ["wave", "kick"]
    store = videos["keypoints"].iloc[0]
    sequence = read_sequence(store, "a1_s5_e2")
    assert sequence.points.shape == (1, 5, 20, 4)
    assert (sequence.points[..., :3] == 512).all()
    assert (sequence.layout, sequence.fps, sequence.width) == ("msr20", 15.0, 0)
    flat = read_sequence(videos["keypoints_2d"].iloc[0], "a1_s5_e2")
    assert flat.points.shape == (1, 5, 20, 3)
    assert (flat.width, flat.height) == (320, 240)
    assert len(list_sequences(store)) == 24


def test_projected_keypoints(tmp_path, pickles, capsys):
    main(arguments(tmp_path, "--project"))
    videos = sheet(tmp_path, "videos")
    flat = read_sequence(videos["keypoints_2d"].iloc[0], videos["video"].iloc[0])
    assert flat.points.shape == (1, 4, 20, 3)
    assert (flat.points[..., :2] == (160, 120)).all()  # all of the file's points are one
    assert "leave one out" in refused(capsys, arguments(tmp_path, "--project", second=pickles))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("clips.tsv", "keypoints.h5", "keypoints_2d.h5", "labels.tsv", "videos.tsv")
    ]


def test_keypoints_in_pixels_are_not_projected(tmp_path, pickles, capsys):
    pickles.rename(tmp_path / "3d.pkl")
    assert "in pixels already; leave it out" in refused(capsys, arguments(tmp_path, "--project"))
    assert not (tmp_path / "out").exists()  # nothing half done


def test_same_bytes_twice(tmp_path, pickles):
    files = []
    for _ in range(2):
        main(arguments(tmp_path, second=pickles))
        files.append({path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()})
    assert files[0] == files[1]
    assert len(files[0]) == 5


def test_validation_subject_is_chosen(tmp_path, pickles):
    main(arguments(tmp_path, "--subject-pattern", r"s(\d+)"))
    clips = sheet(tmp_path, "clips")
    assert sorted(set(clips["clip"][clips["split"] == "val"])) == [
        *("a0_s5_e1", "a0_s5_e2", "a1_s5_e1", "a1_s5_e2"),
    ]


def test_without_subjects_there_is_no_validation(tmp_path, pickles, caplog):
    with caplog.at_level(logging.WARNING):
        main(arguments(tmp_path))
    assert "no validation clips" in caplog.text
    assert set(sheet(tmp_path, "clips")["split"]) == {"train", "test"}
    labels = sheet(tmp_path, "labels")
    assert labels["name"].tolist() == ["class 0", "class 1"]


def test_export_and_import_again(tmp_path, pickles):
    main(arguments(tmp_path, "--subject-pattern", r"s(\d+)"))
    main([str(tmp_path / "again.pkl"), "--export", "--out", str(tmp_path / "out")])
    first = read_skeletons(tmp_path / "3d.pkl", layout="msr20")
    again = read_skeletons(tmp_path / "again.pkl", layout="msr20")
    assert set(again.splits) == {"train", "val", "test"}
    assert sorted(again.splits["test"]) == sorted(first.splits["two"])
    for name, annotation in first.annotations.items():
        assert np.array_equal(annotation.points, again.annotations[name].points)
        assert annotation.label == again.annotations[name].label


def test_sequences_in_no_split_are_named(tmp_path, pickles, caplog):
    content = pickle.loads((tmp_path / "3d.pkl").read_bytes())
    content["split"]["two"].remove("a0_s2_e1")
    (tmp_path / "3d.pkl").write_bytes(pickle.dumps(content))
    with caplog.at_level(logging.WARNING):
        main(arguments(tmp_path))
    assert "1 sequences are in none of the splits and are left out (first: a0_s2_e1)" in caplog.text


def refused(capsys, *given) -> str:
    with pytest.raises(SystemExit) as error:
        main(*given)
    assert error.value.code == 1
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--test-split", "three"), "has no split 'three'; write one of one, two"),
        (("--test-split", "one"), "stands in the splits for train and test"),
        (("--subject-pattern", "x("), "is no regular expression"),
        (("--subject-pattern", r"p(\d+)"), "finds no subject in 'a0_s1_e1'"),
        (("--subject-pattern", r"e(\d+)"), "cross-view"),
        (("--validation-subjects", "3"), "needs --subject-pattern"),
        (
            ("--subject-pattern", r"s(\d+)", "--validation-subjects", "2"),
            "'2' has no training clips; choose among 1, 3, 5",
        ),
        (("--layout", "msr21"), "did you mean 'msr20'"),
    ],
)
def test_wrong_options(tmp_path, pickles, capsys, more, message):
    assert message in refused(capsys, arguments(tmp_path, *more))


def test_layout_must_be_named(tmp_path, capsys):
    assert "--layout is missing" in refused(capsys, ["x.pkl", "--out", str(tmp_path)])


def test_two_files_that_differ(tmp_path, pickles, capsys):
    def longer(row):
        if row["frame_dir"] == "a0_s1_e1":
            row["keypoint"] = row["keypoint"][:, :2]
            row["total_frames"] = 2

    def relabelled(row):
        row["label"] = 1 - row["label"]

    other = tmp_path / "other.pkl"
    for drop, change, dims, message in (
        (("a0_s1_e2",), None, 2, "1 stand in one file only, the first: 'a0_s1_e2'"),
        ((), longer, 2, "'a0_s1_e1' has 2 frames, 4 in"),
        ((), relabelled, 2, "has the label 1, 0 in"),
        ((), None, 3, "holds 3D keypoints"),
    ):
        write(other, dims, drop, change)
        assert message in refused(capsys, arguments(tmp_path, second=other))


def test_a_sequence_without_points_is_kept_and_named(tmp_path, caplog):
    def blank(row):
        if row["frame_dir"] == "a0_s1_e1":
            row["keypoint"][:] = 0

    write(tmp_path / "3d.pkl", 3, change=blank)
    with caplog.at_level(logging.WARNING):
        main(arguments(tmp_path))
    assert "1 sequences hold no point at all (first: a0_s1_e1)" in caplog.text
    assert not read_sequence(tmp_path / "out" / "keypoints.h5", "a0_s1_e1").present.any()
    out = tmp_path / "out"
    assert len(read_sheets(*(str(out / f"{k}.tsv") for k in ("videos", "clips", "labels"))).clips)
