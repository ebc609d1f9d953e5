"""A folder of plain videos: every file is taken or told."""

import shutil
import unicodedata

import numpy as np
import pandas as pd
import pytest

from microgesture.importers.folder import folder_sheets, main
from microgesture.importers.folder_contents import look_into
from microgesture.importers.folder_subjects import read_subjects
from microgesture.provenance.errors import BadInput
from microgesture.tables.rows import IDENTIFIER
from microgesture.videos.encoding import write_video


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    write_video(path, iter(np.zeros((47, 48, 64, 3), np.uint8)), 10)
    return path


@pytest.fixture
def folder(tmp_path, clip):
    """A function that fills a folder with copies of a video under the given names."""

    def fill(*names):
        root = tmp_path / "videos"
        for name in names:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(clip, root / name)
        return root

    return fill


def table(tmp_path, text):
    path = tmp_path / "subjects.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_clips_cover_every_frame_once(folder, tmp_path):
    subjects = table(tmp_path, "video,subject\nmy video.mp4,ann\n")
    videos, clips, labels, told = folder_sheets(folder("my video.mp4"), 2.0, subjects)
    assert videos["video"].tolist() == ["my_video"]
    assert videos["subject"].tolist() == ["ann"]
    # 20 frames a clip; the last 7 are less than half a clip and stay with the second
    assert clips[["start", "end"]].values.tolist() == [[0, 19], [20, 46]]
    assert set(clips["split"]) == {"unlabelled"}
    assert len(labels) == 0 and not told


@pytest.mark.parametrize("ending", ["MTS", "mts", "WMV", "wmv", "3gp", "M2TS", "Mov", "vob", "FLV"])
def test_endings_in_any_case(tmp_path, ending):
    (tmp_path / f"int01.{ending}").write_bytes(b"x")
    assert [path.name for path in look_into(tmp_path).videos] == [f"int01.{ending}"]


def test_what_is_left_out_is_told(folder):
    root = folder("a.mp4", "._a.mp4", "day1/b.mp4", ".trash/c.MOV")
    (root / "notes.docx").write_bytes(b"x")
    (root / "README").write_bytes(b"x")
    videos, *_, told = folder_sheets(root, 2.0)
    assert videos["video"].tolist() == ["a"]
    assert told == [
        "left out, no video by the ending: README, notes.docx",
        "left out, hidden (the name begins with a dot): ._a.mp4, .trash/c.MOV",
        "left out, videos in subfolders; add --recursive to take them: day1/b.mp4",
    ]


def test_subfolders_are_taken_where_asked_for(folder):
    videos, *_, told = folder_sheets(folder("a.mp4", "day1/a.mp4", "day 2/a.mp4"), 2.0, None, True)
    assert videos["video"].tolist() == ["a", "day_2_a", "day1_a"]
    assert not told


@pytest.mark.parametrize("names", [(), ("notes.txt",), ("sub/a.mp4",), ("._a.mp4",)])
def test_a_folder_without_videos_is_named(folder, tmp_path, names):
    root = folder("x/y", *names)
    with pytest.raises(BadInput, match="holds no video") as error:
        folder_sheets(root, 2.0)
    assert all(name in str(error.value) for name in names)
    with pytest.raises(BadInput, match="is no folder"):
        folder_sheets(tmp_path / "lost", 2.0)


def test_names_in_other_letters(folder):
    names = ["данные.mp4", "интервью01.mp4", "面接.mp4", "café.mp4"]
    videos, *_, told = folder_sheets(folder(*names), 2.0)
    ids = dict(zip((path.rsplit("/")[-1] for path in videos["path"]), videos["video"]))
    assert len(set(ids.values())) == 4 and all(map(IDENTIFIER.fullmatch, ids.values()))
    assert ids["café.mp4"] == "cafe" and ids["интервью01.mp4"].startswith("01_")
    assert f"данные = {ids['данные.mp4']}" in told[0] and f"面接 = {ids['面接.mp4']}" in told[0]
    alone, *_ = folder_sheets(folder("данные.mp4"), 2.0)
    assert ids["данные.mp4"] in alone["video"].tolist()  # no matter what stands beside it


def test_composed_and_decomposed_accents_are_one_name():
    from microgesture.importers.sheet_writer import identifiers

    found = [next(iter(identifiers([unicodedata.normalize(form, "Ünal 面")], "f").values()))
             for form in ("NFC", "NFD")]  # fmt: skip
    assert found[0] == found[1] and found[0].startswith("Unal_")


def test_names_that_fall_together_are_all_told(folder):
    with pytest.raises(BadInput) as error:
        folder_sheets(folder("a b.mp4", "a_b.mp4", "c.mp4", "c.mkv"), 2.0)
    assert str(error.value).count("rename it") == 2


def test_unreadable_videos_are_all_named(folder):
    root = folder("a.mp4")
    for name in ("b.mp4", "c.wmv"):
        (root / name).write_bytes(b"no video")
    with pytest.raises(BadInput, match="2 unreadable") as error:
        folder_sheets(root, 2.0)
    assert "b.mp4" in str(error.value) and "c.wmv" in str(error.value)


NAMES = {"int01": "int01", "int01.mp4": "int01", "int02": "int02", "int02.mp4": "int02"}


@pytest.mark.parametrize(
    "text",
    [
        "video,subject\nint01,ann\nint02,ben\n",
        "int01,ann\nint02,ben\n",  # no header: the first row is data
        "File;date;Participant\nint01.mp4;1 May;ann\n\nint02.mp4;2 May;ben\n",
        "int01.mp4\tann\r\nint02.mp4\tben\r\n",
        '\ufeffvideo,subject\n"int01", ann\nint02,ben,\n',
    ],
)
def test_tables_of_subjects(tmp_path, text):
    assert read_subjects(table(tmp_path, text), NAMES) == ({"int01": "ann", "int02": "ben"}, [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("video,subject\nx1,ann\nx2,ben\n", "line 2: 'x1' is no video of the folder"),
        ("int1,ann\nint02,ben\n", "line 1: 'int1' is no video of the folder; did you mean 'int01'?"),
        ("Datei,Wer\nint02,ben\n", "a header begins with the word video"),
        ("video,subject\nint01,ann\n\nint01.mp4,ben\n", "line 4: 'int01.mp4' is 'ben' here and 'ann' in line 2"),
        ("video\nint01\nint02\n", "line 2: 'int01' has one column"),
        ("", "is empty"),
    ],
)  # fmt: skip
def test_tables_of_subjects_that_do_not_fit(tmp_path, text, message):
    with pytest.raises(BadInput) as error:
        read_subjects(table(tmp_path, text), NAMES)
    assert message in str(error.value)


def test_videos_without_a_subject_are_told(folder, tmp_path):
    subjects = table(tmp_path, "video,subject\na,ann\nb,\n")
    videos, *_, told = folder_sheets(folder("a.mp4", "b.mp4", "c.mp4"), 2.0, subjects)
    assert videos["subject"].tolist() == ["ann", "b", "c"]
    assert "names no subject for b, c: each counts as a person of its own" in told[0]


def test_the_command(folder, tmp_path, capsys):
    main([str(folder("a.mp4", "x/b.mp4")), "--out", str(tmp_path / "out"), "--seconds", "2"])
    said = capsys.readouterr()
    assert "1 videos, 2 clips" in said.out and "x/b.mp4" in said.err
    assert pd.read_csv(tmp_path / "out" / "videos.tsv", sep="\t")["video"].tolist() == ["a"]
    with pytest.raises(SystemExit):
        main([str(tmp_path / "out"), "--out", str(tmp_path / "out2")])
    assert "holds no video" in capsys.readouterr().err
