"""Sheets as the importers write them."""

import pandas as pd
import pytest

from microgesture.importers.sheet_writer import (
    SheetRows,
    choose_validation_subjects,
    find_subject,
    identifiers,
    read_label_names,
    write_sheets,
)
from microgesture.provenance.errors import BadInput


def test_identifiers():
    assert identifiers(["a_1", "b/c d", ".e"], "f") == {"a_1": "a_1", "b/c d": "b_c_d", ".e": "e"}
    with pytest.raises(BadInput, match="'b c' becomes the id 'b_c'"):
        identifiers(["b/c", "b c"], "f")
    with pytest.raises(BadInput, match="no letter or digit"):
        identifiers(["//"], "f")


def test_label_names(tmp_path):
    path = tmp_path / "labels"
    path.write_text("wave\nhigh five\n\n")
    assert [row["name"] for row in read_label_names(path)] == ["wave", "high five"]
    path.write_text("name\tlabel\tgroup\nkick\t1\tleg\nwave\t0\tarm\n")
    rows = read_label_names(path)
    assert [(row["label"], row["name"], row["group"]) for row in rows] == [
        (0, "wave", "arm"),
        (1, "kick", "leg"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("number\tname\n0\tx\n", "no column 'label'"),
        ("label\tname\nx\ty\n", "line 2: label 'x'"),
        ("label\tname\n0\tx\n2\ty\n", "0 to 1 without a gap"),
    ],
)
def test_faulty_label_names(tmp_path, text, message):
    path = tmp_path / "labels.tsv"
    path.write_text(text)
    with pytest.raises(BadInput, match=message):
        read_label_names(path)


def test_validation_subjects_hold_enough_clips_and_every_class_stays():
    subjects = {f"{who}{clip}": who for who in "abcde" for clip in range(4)}
    labels = {clip: int(clip[1]) % 2 for clip in subjects}
    assert choose_validation_subjects(subjects, labels) == ["e"]  # 4 of 20 clips
    labels["e0"] = 7  # only e shows it
    assert choose_validation_subjects(subjects, labels) == ["d"]
    few = {clip: who for clip, who in subjects.items() if who in "ab"}
    assert choose_validation_subjects(few, labels) == []  # two subjects remain in training


def test_small_subjects_are_joined():
    subjects = {f"{who}{clip}": who for who in "abcdefghij" for clip in range(3)}
    labels = dict.fromkeys(subjects, 0)
    assert choose_validation_subjects(subjects, labels) == ["i", "j"]  # 6 of 30, 3 are too few


def test_subject_in_a_name():
    assert find_subject("a01_s02_e03", r"s(\d+)", "f") == "02"
    assert find_subject("a01_s02_e03", r"s\d+", "f") == "s02"
    assert find_subject("a01", None, "f") == "a01"


def test_sheets_are_checked_when_written(tmp_path):
    video = tmp_path / "v.mp4"
    video.touch()
    rows = SheetRows(
        [{"video": "v", "path": str(video), "subject": "1"}],
        [{"clip": "c", "video": "v", "start": 0, "end": 3, "label": 0, "split": "train"}],
        [{"label": 0, "name": "wave"}],
    )
    paths = write_sheets(tmp_path / "out", rows)
    assert "keypoints" not in pd.read_csv(paths["videos"], sep="\t")
    rows.clips[0]["end"] = -1
    with pytest.raises(BadInput, match="end"):
        write_sheets(tmp_path / "out", rows)
