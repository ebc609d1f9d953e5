"""Sheets of annotations: people, regions, splits, overlaps, completeness."""

from pathlib import Path

import pytest

from microgesture.importers.annotation_sheets import SheetOptions, make_sheets
from microgesture.importers.annotations import Annotation, AnnotationTable, Recording
from microgesture.provenance.errors import BadInput


def table(folder: Path, *rows):
    found = AnnotationTable()
    talk = Recording(("talk.mp4",), folder, "x.eaf")
    found.recordings.append(talk)
    for person, name, start, end in rows:
        found.annotations.append(
            Annotation(talk, person, name, start, end, start == end, place="x.eaf")
        )
    return found


def test_a_person_a_row(tmp_path, talk):
    found = table(
        tmp_path, ("anna", "fold", 0, 0.4), ("ben", "fold", 0.2, 0.4), ("anna", "nod", 1.2, 1.2)
    )
    regions = {"anna": "0,0,0.5,1", "ben": "0.5,0,1,1"}
    rows, origins, _ = make_sheets(
        found, SheetOptions(regions=regions, split=("train=anna", "test=ben"))
    )
    assert [(v["video"], v["subject"], v["region"]) for v in rows.videos] == [
        ("talk_anna", "anna", "0,0,0.5,1"),
        ("talk_ben", "ben", "0.5,0,1,1"),
    ]
    assert [(c["clip"], c["start"], c["end"], c["label"], c["split"]) for c in rows.clips] == [
        ("talk_anna_000", 0, 9, 0, "train"),
        ("talk_anna_001", 30, 30, 1, "train"),
        ("talk_ben_000", 5, 9, 0, "test"),
    ]
    assert origins["point"].tolist() == ["no", "yes", "no"]


def test_several_people_need_regions(tmp_path, talk):
    rows = ("anna", "fold", 0, 0.4), ("ben", "fold", 0.2, 0.4)
    with pytest.raises(BadInput, match=r"shows 2 people \(anna, ben\).*--region anna=x0,y0,x1,y1"):
        make_sheets(table(tmp_path, *rows), SheetOptions())
    found, _, _ = make_sheets(table(tmp_path, *rows), SheetOptions(subjects=("ben",)))
    assert [(v["video"], v["subject"]) for v in found.videos] == [("talk", "ben")]
    found, origins, _ = make_sheets(table(tmp_path, *rows), SheetOptions(same_person=True))
    assert [v["subject"] for v in found.videos] == ["talk"]
    assert origins["subject"].tolist() == ["anna", "ben"]


def test_a_video_without_annotations_is_a_row(tmp_path, talk):
    found, _, _ = make_sheets(table(tmp_path), SheetOptions(annotated=("all",)))
    assert found.videos == [
        {"video": "talk", "path": str(talk), "subject": "talk", "annotated": "yes"}
    ]
    assert not found.clips


def test_a_video_that_is_missed_by_nobody(tmp_path, talk):
    found = table(tmp_path, ("a", "fold", 0, 0.5))
    found.recordings.append(Recording(("chat.mp4",), tmp_path, "x.eaf"))
    rows, _, notes = make_sheets(found, SheetOptions())
    assert len(rows.videos) == 1 and "chat.mp4" in notes[0] and "left out" in notes[0]


def test_a_video_of_others(tmp_path, talk, made_talk):
    """Somebody acts in it who is not wanted: it is no video in which nothing happens."""
    (tmp_path / "chat.mp4").write_bytes(made_talk.read_bytes())
    found = table(tmp_path, ("anna", "fold", 0, 0.5))
    chat = Recording(("chat.mp4",), tmp_path, "x.eaf")
    found.recordings.append(chat)
    found.annotations.append(Annotation(chat, "ben", "fold", 0, 0.5))
    options = SheetOptions(subjects=("ben",), annotated=("all",), regions={"ben": "0,0,0.5,1"})
    rows, _, notes = make_sheets(found, options)
    assert [(v["video"], v["region"]) for v in rows.videos] == [("chat", "0,0,0.5,1")]
    assert "talk.mp4: nothing in it is taken" in notes[0]


def test_left_out_classes_in_complete_videos(tmp_path, talk):
    found = table(tmp_path, ("a", "fold", 0, 0.5), ("a", "nod", 1, 1.5))
    _, _, notes = make_sheets(found, SheetOptions(annotated=("all",), leave_out=("nod",)))
    assert "nod: left out, so --annotated says that nothing happens there" in notes


def test_annotated_by_name(tmp_path, talk):
    with pytest.raises(BadInput, match="'tlak': no video is called so; did you mean 'talk'"):
        make_sheets(table(tmp_path), SheetOptions(annotated=("tlak",)))
    found, _, _ = make_sheets(table(tmp_path), SheetOptions(annotated=("none",)))
    assert found.videos[0]["annotated"] == "no"


def test_overlaps_are_named(tmp_path, talk):
    rows = (
        ("a", "fold", 0, 0.5),
        ("a", "nod", 0.45, 0.6),
        ("a", "nod", 0.61, 0.7),
        ("a", "wave", 0.05, 0.1),
    )
    _, _, notes = make_sheets(table(tmp_path, *rows), SheetOptions())
    assert (
        notes[0] == "2 overlaps: talk_000 and talk_001 (0.050 s); talk_000 and talk_002 (0.050 s)"
    )
    with pytest.raises(BadInput, match="2 overlaps"):
        make_sheets(table(tmp_path, *rows), SheetOptions(refuse_overlaps=True))
    meeting = ("a", "fold", 0, 0.5), ("a", "nod", 0.5, 0.6)  # within one frame
    assert not [
        n for n in make_sheets(table(tmp_path, *meeting), SheetOptions())[2] if "overlap" in n
    ]


def test_the_end_of_the_video(tmp_path, talk):
    found, _, _ = make_sheets(table(tmp_path, ("a", "fold", 1.5, 2.5)), SheetOptions())
    assert (found.clips[0]["start"], found.clips[0]["end"]) == (37, 39)  # cut to it
    late = table(tmp_path, ("a", "fold", 1.5, 2.7), ("a", "fold", 3.0, 3.1))
    with pytest.raises(
        BadInput, match=r"'1.500 s to 2.700 s' lies behind the end of talk.mp4.*1 more"
    ):
        make_sheets(late, SheetOptions())


def test_unlabelled_without_a_split(tmp_path, talk):
    found, origins, notes = make_sheets(table(tmp_path, ("a", "fold", 0, 0.5)), SheetOptions())
    assert (found.clips[0]["label"], found.clips[0]["split"]) == ("", "unlabelled")
    assert origins["class"].tolist() == ["fold"] and "no --split" in notes[-1]


def test_videos_of_the_same_name(tmp_path, made_talk):
    found = AnnotationTable()
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "talk.mp4").write_bytes(made_talk.read_bytes())
        found.recordings.append(Recording(("talk.mp4",), tmp_path / folder, folder))
    rows, _, _ = make_sheets(found, SheetOptions())
    assert [row["video"] for row in rows.videos] == ["one_talk", "two_talk"]
