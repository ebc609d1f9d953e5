"""The sheets: every problem found, at once, with its place."""

from pathlib import Path

import pytest

from microgesture.provenance.errors import BadInput
from microgesture.tables.sheets import read_sheets

VIDEOS = "video\tpath\tsubject\nv1\t{folder}/v1.mp4\tann\nv2\t{folder}/v2.mp4\tbob\n"
CLIPS = (
    "clip\tvideo\tstart\tend\tlabel\tsplit\n"
    "c1\tv1\t0\t9\t0\ttrain\nc2\tv1\t10\t19\t1\ttrain\nc3\tv2\t5\t14\t1\ttest\n"
)
LABELS = "label\tname\tdescription\tgroup\n1\trubbing hands\t\thand\n0\ttouching neck\t\thead\n"


@pytest.fixture
def sheets(tmp_path):
    """A function that writes the three tables and reads them."""
    for video in ("v1", "v2"):
        (tmp_path / f"{video}.mp4").write_bytes(b"not looked into here")

    def read(videos=VIDEOS, clips=CLIPS, labels=LABELS):
        paths = []
        for name, text in (("videos", videos), ("clips", clips), ("labels", labels)):
            path = tmp_path / f"{name}.tsv"
            path.write_text(text.format(folder=tmp_path), encoding="utf-8")
            paths.append(str(path))
        return read_sheets(*paths)

    return read


def test_good_sheets_are_typed_and_sorted(sheets):
    found = sheets()
    assert found.labels["name"].tolist() == ["touching neck", "rubbing hands"]
    assert found.clips["label"].tolist() == [0, 1, 1]
    assert found.clips["subject"].tolist() == ["ann", "ann", "bob"]
    assert found.clips["end"].dtype == "int64"


def test_an_unknown_subject_stays_unknown(sheets):
    found = sheets(videos=VIDEOS.replace("\tbob", "\t"))
    assert found.videos["subject"].tolist() == ["ann", ""]
    assert found.clips["subject"].tolist() == ["ann", "ann", ""]


def test_unknown_subjects_are_not_one_person(sheets):
    found = sheets(videos=VIDEOS.replace("\tann", "\t").replace("\tbob", "\t"))
    assert found.clips["split"].tolist() == ["train", "train", "test"]


def test_a_video_of_somebody_unknown_stands_in_one_split(sheets):
    bad = CLIPS.replace("10\t19\t1\ttrain", "10\t19\t1\tval") + "c4\tv1\t30\t39\t1\ttrain\n"
    with pytest.raises(BadInput) as error:
        sheets(videos=VIDEOS.replace("\tann", "\t"), clips=bad)
    assert "'v1' is a video of an unknown subject with clips in train and val" in str(error.value)


def test_frames_of_two_splits_are_refused_by_name(sheets):
    bad = CLIPS.replace("10\t19\t1\ttrain", "8\t19\t1\tval") + "c4\tv1\t19\t39\t1\ttrain\n"
    with pytest.raises(BadInput) as error:
        sheets(clips=bad)
    text = str(error.value)
    assert "line 3, column split: 'c2' (val) shares frames 8 to 9 of video v1 with c1" in text
    assert "line 5, column split: 'c4' (train) shares frames 19 to 19 of video v1 with c2" in text


def test_overlaps_of_one_split_and_of_unlabelled_windows_are_allowed(sheets):
    more = "c4\tv1\t5\t30\t1\ttrain\nw1\tv1\t0\t90\t\tunlabelled\nw2\tv2\t0\t9\t\tunlabelled\n"
    assert len(sheets(clips=CLIPS + more).clips) == 6


def test_annotated(sheets):
    assert sheets().videos["annotated"].tolist() == ["", ""]
    head, first, second = VIDEOS.splitlines()
    found = sheets(videos=f"{head}\tannotated\n{first}\tyes\n{second}\tno\n")
    assert found.videos["annotated"].tolist() == ["yes", "no"]
    with pytest.raises(
        BadInput, match=r"line 2, column annotated: 'all' does not say.*write yes or no"
    ):
        sheets(videos=f"{head}\tannotated\n{first}\tall\n{second}\tno\n")


def test_empty_label_is_unlabelled(sheets):
    found = sheets(clips=CLIPS + "c4\tv2\t20\t29\t\tunlabelled\n")
    assert found.clips["label"].tolist() == [0, 1, 1, -1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"clips": CLIPS.replace("split", "spilt")}, "clips.tsv, line 1, column split: the column is missing; rename 'spilt'"),
        ({"clips": CLIPS.replace("\t", ",")}, "the columns must be separated by tabs"),
        ({"clips": CLIPS.replace("c2\tv1", "c2\tv3")}, "line 3, column video: 'v3' is not in the video table"),
        ({"clips": CLIPS.replace("10\t19", "10\t9")}, "line 3, column end: '9' lies before the start 10"),
        ({"clips": CLIPS.replace("0\t9", "0.5\t9")}, "line 2, column start: '0.5' is no frame number"),
        ({"clips": CLIPS.replace("19\t1\ttrain", "19\t7\ttrain")}, "line 3, column label: '7' is an unknown label"),
        ({"clips": CLIPS.replace("19\t1\ttrain", "19\trubbing hands\ttrain")}, "'rubbing hands' is an unknown label; that is the name of class 1"),
        ({"clips": CLIPS.replace("19\t1\ttrain", "19\t-1\ttrain")}, "leave the cell empty where a clip has no label"),
        ({"clips": CLIPS.replace("19\t1\ttrain", "19\tNA\ttrain")}, "line 3, column label: 'NA' is a word for an empty cell"),
        ({"clips": CLIPS.replace("0\t9", "0\tinf")}, "line 2, column end: 'inf' is no frame number"),
        ({"clips": CLIPS.replace("0\t9", "0\t1e30")}, "line 2, column end: '1e30' is no frame number"),
        ({"clips": CLIPS.replace("0\t9", "1e400\t9")}, "line 2, column start: '1e400' is no frame number"),
        ({"clips": CLIPS.replace("0\t9", "0\t0x9")}, "line 2, column end: '0x9' is no frame number"),
        ({"clips": CLIPS.split("\n", 1)[1]}, "clips.tsv, line 1: 'c1 v1 0 9 train' is no header: no column is known; write one above: clip, video"),
        ({"videos": VIDEOS.split("\n", 1)[1]}, "is no header"),
        ({"videos": "fps\t" + VIDEOS.replace("v1\t", "inf\tv1\t").replace("v2\t", "\tv2\t")}, "line 2, column fps: 'inf' is no frame rate"),
        ({"videos": "fps\t" + VIDEOS.replace("v1\t", "1e30\tv1\t").replace("v2\t", "\tv2\t")}, "line 2, column fps: '1e30' is no frame rate"),
        ({"videos": VIDEOS.replace("bob", "Ann")}, "line 3, column subject: 'Ann' is 'ann' of line 2 in another spelling"),
        ({"videos": VIDEOS.replace("/v2.mp4", "//./v1.mp4")}, "v1.mp4' stands in more than one row"),
        ({"clips": CLIPS.replace("19\t1\ttrain", "19\t1\ttraining")}, "line 3, column split: 'training' is no split"),
        ({"clips": CLIPS.replace("c2", "c1")}, "line 3, column clip: 'c1' stands in more than one row"),
        ({"clips": CLIPS.replace("c2", "../c2")}, "line 3, column clip: '../c2' is no identifier"),
        ({"clips": CLIPS.replace("19\t1\ttrain", "19\t\ttrain")}, "a train or val clip without a label"),
        ({"clips": CLIPS.replace("14\t1\ttest", "14\t1\tunlabelled")}, "leave it empty"),
        ({"videos": VIDEOS.replace("bob", "ann")}, "'ann' is a subject with clips in test and train"),
        ({"videos": VIDEOS.replace("v2.mp4", "v9.mp4")}, "v9.mp4' is no file"),
        ({"videos": VIDEOS.replace("v2.mp4", "v1.mp4")}, "stands in more than one row"),
        ({"labels": LABELS.replace("1\trubbing", "2\trubbing")}, "the number 1 is missing"),
        ({"labels": LABELS + "2\tcrossing fingers\t\thand\n"}, "'2' (crossing fingers) has no training clip"),
    ],
)  # fmt: skip
def test_one_problem_one_message(sheets, change, message):
    with pytest.raises(BadInput) as error:
        sheets(**change)
    assert message in str(error.value)


def test_numbers_as_pandas_and_r_write_them(sheets):
    rows = "c1\tv1\t0.0\t9.0\t0.0\ttrain\nc2\tv1\t1e+05\t100009\t1.0\ttrain\n"
    found = sheets(
        clips=CLIPS.split("\n")[0] + "\n" + rows,
        labels=LABELS.replace("0\t", "0.0\t").replace("\n1\t", "\n1.0\t"),
    )
    assert found.clips["label"].tolist() == [0, 1]
    assert found.clips["start"].tolist() == [0, 100_000]
    assert found.labels["label"].tolist() == [0, 1]


def test_paths_are_plain(sheets, tmp_path):
    found = sheets(videos=VIDEOS.replace("/v2.mp4", "//./v2.mp4"))
    assert found.videos["path"].tolist() == [f"{tmp_path}/v1.mp4", f"{tmp_path}/v2.mp4"]


def test_lines_behind_blank_ones(sheets):
    with pytest.raises(BadInput, match=r"line 6, column video: 'v9' is not in the video table"):
        sheets(clips=CLIPS.replace("\nc3\tv2", "\n\n\t\t\t\t\t\nc3\tv9"))
    videos = VIDEOS.replace("\nv2", "\n\nv2").replace("v2.mp4", "v9.mp4")
    with pytest.raises(BadInput, match=r"line 4, column path: .*v9.mp4' is no file"):
        sheets(videos=videos)


def test_all_problems_are_told_at_once(sheets):
    bad = CLIPS.replace("c2\tv1", "c2\tv3").replace("14\t1\ttest", "2\t5\ttset")
    with pytest.raises(BadInput) as error:
        sheets(clips=bad)
    text = str(error.value)
    assert "4 problems in the sheets" in text
    for part in ("'v3' is not", "'2' lies before", "'tset' is no split", "'5' is an unknown"):
        assert part in text


def test_missing_table_names_its_columns(tmp_path):
    with pytest.raises(BadInput, match=r"videos\.tsv: does not exist; set videos: in the config"):
        read_sheets(*(str(tmp_path / f"{name}.tsv") for name in ("videos", "clips", "labels")))


def test_without_training_clips_no_class_needs_one(sheets):
    clips = "clip\tvideo\tstart\tend\tlabel\tsplit\nc1\tv1\t0\t9\t\tunlabelled\n"
    assert len(sheets(clips=clips).clips) == 1


def test_large_tables_are_read_whole(tmp_path):
    rows = "".join(f"c{i}\tv{i % 400}\t{i}\t{i + 9}\t{i % 2}\ttrain\n" for i in range(100_000))
    videos = "".join(f"v{i}\tresults/demo_videos/v{i}.mp4\ts{i}\n" for i in range(400))
    for name, text in (
        ("videos", "video\tpath\tsubject\n" + videos),
        ("clips", "clip\tvideo\tstart\tend\tlabel\tsplit\n" + rows),
        ("labels", LABELS),
    ):
        (tmp_path / f"{name}.tsv").write_text(text, encoding="utf-8")
    paths = (str(Path(tmp_path) / f"{name}.tsv") for name in ("videos", "clips", "labels"))
    assert len(read_sheets(*paths).clips) == 100_000


STORED = "video\tpath\tsubject\tkeypoints\tkeypoints_2d\n"


def test_keypoints_in_pixels_beside_those_in_space(sheets, tmp_path):
    for name in ("space.h5", "flat.h5"):
        (tmp_path / name).write_bytes(b"not looked into here")
    rows = "".join(
        f"{v}\t\tann_{v}\t{{folder}}/space.h5\t{{folder}}/flat.h5\n" for v in ("v1", "v2")
    )
    found = sheets(videos=STORED + rows)
    assert found.videos["keypoints_2d"].tolist() == [str(tmp_path / "flat.h5")] * 2
    with pytest.raises(BadInput, match=r"keypoints_2d.*is no file"):
        sheets(videos=STORED + rows.replace("flat.h5", "lost.h5"))
    with pytest.raises(BadInput, match="has no keypoints_2d while other videos have"):
        sheets(videos=STORED + rows.replace("{folder}/flat.h5", "", 1))
    with pytest.raises(BadInput, match="stands beside no 3D keypoints"):
        sheets(
            videos=STORED
            + "".join(
                f"{v}\t{{folder}}/{v}.mp4\tann_{v}\t\t{{folder}}/flat.h5\n" for v in ("v1", "v2")
            )
        )
