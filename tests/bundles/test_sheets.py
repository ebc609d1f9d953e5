import pandas as pd
import pytest

from microgesture.bundles.sheets import left_out, sheets_to_predict
from microgesture.configuration.plans import ROOT
from microgesture.provenance.errors import BadInput
from microgesture.tables.sheets import read_sheets

LABELS = pd.DataFrame(
    {"label": [0, 1], "name": ["nod", "wave"], "description": ["", ""], "group": ["head", "hand"]}
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "videos").mkdir()
    for name in ("talk 1.mp4", "Gespräch.MOV", "notes.txt", "._talk 1.mp4"):
        (tmp_path / "videos" / name).write_bytes(name.encode())
    (tmp_path / "videos" / "day2").mkdir()
    (tmp_path / "videos" / "day2" / "more.mp4").write_bytes(b"x")
    return tmp_path


def write(folder, name, *rows):
    path = folder / name
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return str(path)


def test_a_folder_of_videos(folder):
    sheets = sheets_to_predict(str(folder / "videos"), None, LABELS)
    assert sheets.videos["video"].tolist() == ["Gesprach", "talk_1"]
    assert sheets.videos["path"].tolist() == [
        f"{folder}/videos/Gespräch.MOV",
        f"{folder}/videos/talk 1.mp4",
    ]
    assert (sheets.videos["subject"] == "").all() and sheets.videos["fps"].isna().all()
    pd.testing.assert_frame_equal(sheets.labels, LABELS)
    assert left_out(str(folder / "videos")) == [
        f"{folder}/videos: left out, no video by the ending: notes.txt",
        f"{folder}/videos: left out, hidden (the name begins with a dot): ._talk 1.mp4",
        f"{folder}/videos: left out, videos in subfolders: day2/more.mp4",
    ]


def test_types_are_those_of_a_training_run(folder, monkeypatch):
    monkeypatch.chdir(ROOT)
    trained = read_sheets("demo/videos.tsv", "demo/clips.tsv", "demo/labels.tsv")
    given = sheets_to_predict("demo/videos.tsv", "demo/clips.tsv", trained.labels)
    whole = sheets_to_predict(str(folder / "videos"), None, trained.labels)
    for kind in ("videos", "clips", "labels"):
        for sheets in (given, whole):
            pd.testing.assert_series_equal(
                getattr(sheets, kind).dtypes, getattr(trained, kind).dtypes
            )
    assert len(whole.clips) == 0
    # A table that was trained with can be predicted on: its labels and splits are not taken over.
    assert set(given.clips["split"]) == {"unlabelled"} and set(given.clips["label"]) == {-1}
    columns = ["clip", "video", "subject", "start", "end"]
    pd.testing.assert_frame_equal(given.clips[columns], trained.clips[columns])
    pd.testing.assert_frame_equal(given.videos, trained.videos)


def test_a_table_of_videos_with_segments(folder):
    videos = write(
        folder,
        "v.tsv",
        "video\tpath\tregion\tfps",
        f"a\t{folder}/videos/talk 1.mp4\t0,0,0.5,1\t12.5",
    )
    clips = write(folder, "c.tsv", "clip\tvideo\tstart\tend", "a_0\ta\t3\t20")
    sheets = sheets_to_predict(videos, clips, LABELS)
    assert sheets.videos.iloc[0][["subject", "fps", "region"]].tolist() == ["", 12.5, "0,0,0.5,1"]
    assert sheets.clips.values.tolist() == [["a_0", "a", "", 3, 20, -1, "unlabelled"]]


def test_everything_is_told_at_once(folder):
    path = f"{folder}/videos/talk 1.mp4"
    videos = write(
        folder, "v.tsv", "video\tpath\tfps", f"a\t{path}\tfast", f"b\t{path}\t25", "c\tgone.mp4\t"
    )
    clips = write(folder, "c.tsv", "clip\tvideo\tstart\tend", "a_0\ta\t3\t2", "a_1\tx\t0\t1.5")
    with pytest.raises(BadInput) as error:
        sheets_to_predict(videos, clips, LABELS)
    said = str(error.value)
    assert said.startswith("6 problems in what to predict on:")
    for words in (
        f"v.tsv, line 3, column path: '{path}' stands in more than one row",
        "v.tsv, line 4, column path: 'gone.mp4' is no file",
        "v.tsv, line 2, column fps: 'fast' is no frame rate",
        "c.tsv, line 3, column video: 'x' is not in the video table",
        "c.tsv, line 2, column end: '2' lies before the start 3",
        "c.tsv, line 3, column end: '1.5' is no frame number",
    ):
        assert words in said


def test_both_tables_are_asked_for_their_form(folder):
    videos = write(folder, "v.tsv", "video\tfile", "a\tx.mp4")
    clips = write(folder, "c.tsv", "clip\tvideo\tbegin\tend", "a_0\ta\t3\t2")
    with pytest.raises(BadInput) as error:
        sheets_to_predict(videos, clips, LABELS)
    assert "v.tsv, line 1, column path: the column is missing" in str(error.value)
    assert "c.tsv, line 1, column start: the column is missing" in str(error.value)


FOLDERS = {
    "empty": ([], "holds no video .*; put the videos there"),
    "no video": (["notes.txt"], "holds no video .*; put the videos there"),
    "below": (["day1/int01.mp4"], r"there are some in subfolders \(day1/int01.mp4\): name that folder"),
    "one stem": (["a.mp4", "a.mov", "b.mp4"], r"'a.mov' and a.mp4 would be one video"),
    "one id": (["int 01.mp4", "int_01.mts"], "'int_01' becomes the id 'int_01' .'int 01' too.; rename"),
    "no letter": (["---.mp4"], "no letter or digit is left"),
    "brace": (["a{1}.mp4"], r"1 problem in what to predict on:\n  \S*/videos: '\S*/a\{1\}.mp4' holds a brace"),
}  # fmt: skip


@pytest.mark.parametrize("case", FOLDERS)
def test_folders(tmp_path, case):
    names, said = FOLDERS[case]
    (tmp_path / "videos").mkdir()
    for name in names:
        (tmp_path / "videos" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "videos" / name).write_bytes(name.encode())
    with pytest.raises(BadInput, match=said):
        sheets_to_predict(str(tmp_path / "videos"), None, LABELS)


def test_nothing_there(folder):
    with pytest.raises(
        BadInput, match="is neither a folder nor a file; write the path of a folder"
    ):
        sheets_to_predict(str(folder / "vidoes"), None, LABELS)
    with pytest.raises(BadInput, match="does not exist; set clips: in the config"):
        sheets_to_predict(str(folder / "videos"), str(folder / "gone.tsv"), LABELS)
    bare = write(folder, "v.tsv", "video\tpath")
    with pytest.raises(BadInput, match="has a header and no row"):
        sheets_to_predict(bare, None, LABELS)
    assert left_out(bare) == []
