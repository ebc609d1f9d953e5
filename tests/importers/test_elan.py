"""ELAN files: tiers, people, vocabularies; a real one where it is at hand."""

import os
from pathlib import Path

import pandas as pd
import pytest
from pympi.Elan import Eaf

from microgesture.importers.elan import main, read_elan
from tests.importers.annotated_files import EAF

REAL = (
    Path(os.environ.get("MICROGESTURE_SHARED", Path(__file__).resolve().parents[3] / "shared"))
    / "data/annotations/sample_3.0.eaf"
)


def read(tmp_path, text=EAF, **options):
    path = tmp_path / "talk.eaf"
    path.write_text(text, encoding="utf-8")
    return read_elan(path, **options)


def spans(table):
    return [(a.subject, a.name, a.start, a.end) for a in table.annotations]


def test_tiers_become_classes_and_people(tmp_path):
    table = read(tmp_path)
    assert not table.problems
    assert spans(table) == [("anna", "scratch", 0.2, 0.4), ("anna", "fold", 0.41, 0.9)]
    assert [a.confidence for a in table.annotations] == [None, 0.75]
    assert table.facts["scratch"] == {"description": "at the neck", "group": ""}
    assert table.recordings[0].names == ("file:///C:/Users/x/talk.mp4", "./talk.mp4")


def test_sheets(tmp_path, talk, capsys):
    (tmp_path / "talk.eaf").write_text(EAF, encoding="utf-8")
    main(
        [str(tmp_path), "--out", str(tmp_path / "out"), "--split", "train=*", "--annotated", "all"]
    )
    clips = pd.read_csv(tmp_path / "out/clips.tsv", sep="\t")
    assert clips[["start", "end", "label", "split"]].values.tolist() == [
        [5, 9, 0, "train"],
        [10, 22, 1, "train"],
    ]
    videos = pd.read_csv(tmp_path / "out/videos.tsv", sep="\t")
    assert videos[["video", "subject", "annotated"]].values.tolist() == [["talk", "anna", "yes"]]
    origins = pd.read_csv(tmp_path / "out/annotations.tsv", sep="\t")
    assert origins["start_seconds"].tolist() == [0.2, 0.41]


def test_template_tiers_name_the_person(tmp_path):
    text = EAF.replace(' PARTICIPANT="anna"', "")
    assert {a.subject for a in read(tmp_path, text).annotations} == {"anna"}
    plain = text.replace("gesture@anna", "gesture").replace("confidence@anna", "confidence")
    assert {a.subject for a in read(tmp_path, plain).annotations} == {""}
    other = EAF.replace('PARTICIPANT="anna"', 'PARTICIPANT="A. Smith"')
    assert "the name says 'anna'" in str(read(tmp_path, other).problems[0])
    found = read(tmp_path, other, subject_from="participant")
    assert {a.subject for a in found.annotations} == {"A. Smith"}
    assert {a.subject for a in read(tmp_path, other, subject_from="tier").annotations} == {"anna"}


def test_languages(tmp_path):
    dutch = read(tmp_path, language="nld")
    assert [a.name for a in dutch.annotations] == ["krab", "vouw"]
    text = EAF.replace("<ANNOTATION_VALUE>scratch<", "<ANNOTATION_VALUE>stale word<")
    assert read(tmp_path, text).annotations[0].name == "scratch"  # tied to the entry c0
    mixed = EAF.replace("<ANNOTATION_VALUE>fold<", "<ANNOTATION_VALUE>vouw<")
    assert read(tmp_path, mixed).annotations[1].name == "fold"


def test_the_class_in_the_tier(tmp_path):
    table = read(tmp_path, class_from="tier")
    assert [(a.name, a.comment) for a in table.annotations] == [
        ("gesture", "scratch"),
        ("gesture", "fold"),
    ]


def test_one_word_in_two_tiers(tmp_path):
    start, stop = EAF.index(' <TIER TIER_ID="gesture'), EAF.index(' <TIER TIER_ID="conf')
    head = (
        EAF[start:stop].replace("gesture@", "head@").replace('"a1"', '"a8"').replace('"a2"', '"a9"')
    )
    text = EAF[:stop] + head + EAF[stop:]
    table = read(tmp_path, text)
    assert "'fold' stands in the tiers gesture, head" in " ".join(table.notes)
    apart = read(tmp_path, text, class_from="both")
    assert {a.name for a in apart.annotations} == {
        "gesture: scratch", "gesture: fold", "head: scratch", "head: fold",
    }  # fmt: skip
    assert apart.facts["head: scratch"] == {"description": "at the neck", "group": "head"}
    assert not apart.problems and "stands in" not in " ".join(apart.notes)


def test_empty_values(tmp_path):
    text = EAF.replace("<ANNOTATION_VALUE>fold</ANNOTATION_VALUE>", "<ANNOTATION_VALUE/>")
    assert "1 of 2 annotations have no value" in str(read(tmp_path, text).problems[0])
    assert len(read(tmp_path, text, empty="leave_out").annotations) == 1


def test_offset_of_the_medium(tmp_path):
    text = EAF.replace('MIME_TYPE="video/mp4"', 'MIME_TYPE="video/mp4" TIME_ORIGIN="500"')
    assert [a.start for a in read(tmp_path, text).annotations] == [0.7, 0.91]


def test_two_videos_and_a_sound(tmp_path):
    medium = '<MEDIA_DESCRIPTOR MEDIA_URL="file:///x/{}" MIME_TYPE="{}"/>'
    more = medium.format("talk.wav", "audio/x-wav") + medium.format("side.mp4", "video/mp4")
    text = EAF.replace(" </HEADER>", f"{more}</HEADER>").replace("<MEDIA_DESC", "\n<MEDIA_DESC")
    assert "shows 2 videos" in read(tmp_path, text).notes[0]
    found = read(tmp_path, text, media="*side.mp4")
    assert found.recordings[0].names == ("file:///x/side.mp4",)


def test_a_length_of_zero_is_a_point(tmp_path):
    table = read(tmp_path, EAF.replace('TIME_VALUE="400"', 'TIME_VALUE="200"'))
    assert [a.point for a in table.annotations] == [True, False]


def test_an_external_vocabulary(tmp_path):
    start = EAF.index(" <CONTROLLED_VOCABULARY")
    stop = EAF.index("</CONTROLLED_VOCABULARY>") + len("</CONTROLLED_VOCABULARY>")
    text = (
        EAF[:start]
        + '<CONTROLLED_VOCABULARY CV_ID="hands" EXT_REF="er1"/>'
        + '<EXTERNAL_REF EXT_REF_ID="er1" TYPE="ecv" VALUE="file:/Users/x/my%20words.ecv"/>'
        + EAF[stop:]
    )
    table = read(tmp_path, text)
    assert not table.problems and "my%20words.ecv" in table.notes[0]
    assert [a.name for a in table.annotations] == ["scratch", "fold"]
    words = EAF[start:stop].replace(">fold<", ">folding<")
    (tmp_path / "my words.ecv").write_text(f"<CV_RESOURCE>{words}</CV_RESOURCE>", encoding="utf-8")
    table = read(tmp_path, text)
    assert "'fold' is no word of the vocabulary 'hands'" in str(table.problems[0])
    assert "did you mean 'folding'" in str(table.problems[0])
    assert not read(tmp_path, text, vocabulary="ignore").problems


def test_a_vocabulary_of_version_2_7(tmp_path):
    start = EAF.index("  <CV_ENTRY_ML")
    old = '<CV_ENTRY DESCRIPTION="at the neck">scratch</CV_ENTRY><CV_ENTRY>fold</CV_ENTRY>'
    text = EAF[:start] + old + EAF[EAF.index(" </CONTROLLED_VOCABULARY>") :]
    table = read(tmp_path, text.replace(' CVE_REF="c0"', ""))
    assert not table.problems
    assert table.facts["scratch"]["description"] == "at the neck"


def test_a_file_of_another_library(tmp_path):
    """pympi writes, we read."""
    eaf = Eaf()
    eaf.remove_tier("default")
    eaf.add_linked_file("file:///x/talk.mp4", "./talk.mp4", "video/mp4")
    eaf.add_linguistic_type("g", timealignable=True)
    eaf.add_tier("hand@ben", "g", part="ben")
    eaf.add_annotation("hand@ben", 80, 320, "wave")
    eaf.add_annotation("hand@ben", 320, 1000, "rest")
    eaf.to_file(str(tmp_path / "talk.eaf"))
    table = read_elan(tmp_path / "talk.eaf")
    assert spans(table) == [("ben", "wave", 0.08, 0.32), ("ben", "rest", 0.32, 1.0)]


@pytest.mark.skipif(not REAL.is_file(), reason=f"{REAL} is not at hand")
def test_a_real_file_against_another_library():
    ours, theirs = read_elan(REAL, ["*"], empty="leave_out"), Eaf(str(REAL))
    assert not ours.problems
    for tier in ("text", "gestures", "gest_included"):
        own = [(a.start, a.end, a.name) for a in ours.annotations if f"tier {tier!r}" in a.place]
        found = [
            (a / 1000, b / 1000, v.strip())
            for a, b, v, *_ in theirs.get_annotation_data_for_tier(tier)
        ]
        assert sorted(own) == sorted(found) and own
    words = [a for a in ours.annotations if "'words-timesub'" in a.place]
    assert len(words) == 1995
    lengths = {round(a.end - a.start, 3) for a in words[10:15]}  # ends without times: 3 s in five
    assert lengths == {0.6}
    parts = [a for a in ours.annotations if "'words-symsub'" in a.place]
    assert len(parts) == 1995 and parts[2].start == pytest.approx(3.2)


@pytest.mark.skipif(not REAL.is_file(), reason=f"{REAL} is not at hand")
def test_a_real_file_by_default():
    table = read_elan(REAL)
    assert len(table.annotations) == 1197
    assert list(table.facts) == ["prep", "hold", "stroke", "retr"]
    assert "leaves out" in table.notes[1]
