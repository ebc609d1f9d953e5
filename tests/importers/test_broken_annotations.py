"""Broken and awkward annotation files: each ends in one message that says where, what and what to do.

The table of docs/annotations.md names the same cases.
"""

import gzip
import json
from pathlib import Path

import pytest

from microgesture.importers import boris, elan
from tests.importers.annotated_files import (
    AGGREGATED,
    EAF,
    NEW_TABULAR,
    OLD_TABULAR,
    project,
    project_text,
)

SPLIT = ["--split", "train=*"]
VALUE = "<ANNOTATION_VALUE>{}</ANNOTATION_VALUE>"
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
)
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><x>&a;</x>'
CHAIN = (
    '<TIER TIER_ID="loop" PARENT_REF="gesture@anna" LINGUISTIC_TYPE_REF="confidence">'
    '<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="b1" ANNOTATION_REF="b2"><ANNOTATION_VALUE>x</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>'
    '<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="b2" ANNOTATION_REF="b1"><ANNOTATION_VALUE>x</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>'
    "</TIER>\n <LINGUISTIC_TYPE LING"
)
SECOND_PERSON = (
    EAF[EAF.index(' <TIER TIER_ID="gesture') : EAF.index(' <TIER TIER_ID="conf')]
    .replace("anna", "ben")
    .replace('"a1"', '"a8"')
    .replace('"a2"', '"a9"')
)

ELAN = {
    # name: (text, further options, what the message must say)
    "empty file": ("", [], ["talk.eaf: the file is empty", "copy it again"]),
    "cut short": (EAF[:1500], [], ["talk.eaf: is no whole XML file", "line 21"]),
    "no XML": ("name,start\nfold,1\n", [], ["is no whole XML file", "save it again"]),
    "entity expansion": (LAUGHS, [], ["line 1: declares a document type", "take the <!DOCTYPE"]),
    "external entity": (OUTSIDE, [], ["declares a document type ('x')"]),
    "a vocabulary file": ("<CV_RESOURCE/>", [], ["is an external vocabulary (.ecv)", "name the .eaf"]),
    "another kind of XML": ("<html/>", [], ["a file of another kind (<html>)", "name the .eaf"]),
    "frames as unit": (EAF.replace('"milliseconds"', '"PAL-frames"'), [], ["'PAL-frames' is no unit", "only ms"]),
    "time that is no number": (EAF.replace('"410"', '"4l0"'), [], ["TIME_ORDER, line 9: '4l0' is no time of slot ts3"]),
    "negative time": (EAF.replace('"410"', '"-10"'), [], ["'-10' is no time of slot ts3 (whole milliseconds"]),
    "slot twice": (EAF.replace('ID="ts3"', 'ID="ts2"'), [], ["'ts2' stands twice as a TIME_SLOT_ID"]),
    "slot missing": (EAF.replace('REF2="ts4"', 'REF2="ts9"'), [], ["1 problem in", "'ts9' is a time slot that the file does not hold (annotation a2)"]),
    "ends before it starts": (EAF.replace('"900"', '"300"'), [], ["'a2' ends at 0.300 s, before it starts at 0.410 s"]),
    "annotation id twice": (EAF.replace('ID="a2"', 'ID="a1"'), [], ["'a1' is no id of one annotation alone"]),
    "parent annotation missing": (EAF.replace('ANNOTATION_REF="a2"', 'ANNOTATION_REF="a7"'), [], ["'a7' is an annotation that the file does not hold (parent of a3)"]),
    "annotations in a circle": (EAF.replace(" <LINGUISTIC_TYPE LING", CHAIN, 1), ["--tiers", "loop"], ["tier 'loop'", "'b1' refers to parents that lead nowhere or in a circle"]),
    "tier twice": (EAF.replace('ID="confidence@anna"', 'ID="gesture@anna"'), [], ["tier 'gesture@anna'", "is the name of two tiers"]),
    "tier type missing": (EAF.replace('TYPE_REF="gesture"', 'TYPE_REF="gestures"'), [], ["1 problem in", "'gestures' is a tier type that the file does not define; did you mean 'gesture'"]),
    "vocabulary missing": (EAF.replace('VOCABULARY_REF="hands"', 'VOCABULARY_REF="arms"'), [], ["'arms' is a vocabulary that the file does not define"]),
    "parent tier missing": (EAF.replace('PARENT_REF="gesture@anna"', 'PARENT_REF="gesture@ben"'), [], ["'gesture@ben' is the name of a parent tier"]),
    "word not in the vocabulary": (EAF.replace(VALUE.format("fold"), VALUE.format("fodl")), [], ["tier 'gesture@anna', line 14: 'fodl' is no word of the vocabulary 'hands'", "did you mean 'fold'"]),
    "empty value": (EAF.replace(VALUE.format("fold"), VALUE.format(" ")), [], ["'a2' is the first: 1 of 2 annotations have no value", "--empty leave_out"]),
    "confidence that is none": (EAF.replace("0.75", "high"), [], ["tier 'confidence@anna'", "'high' is no confidence from 0 to 1"]),
    "two names for a person": (EAF.replace('PARTICIPANT="anna"', 'PARTICIPANT="ben"', 1), [], ["'ben' is its participant, and the name says 'anna'", "--subject-from"]),
    "two people, no regions": (EAF.replace(' <TIER TIER_ID="conf', SECOND_PERSON + ' <TIER TIER_ID="conf'), [], ["shows 2 people (anna, ben)", "--region anna=x0,y0,x1,y1"]),
    "no such tier": (EAF, ["--tiers", "gestures*"], ["--tiers 'gestures*': no tier is called so", "did you mean 'gesture@anna'"]),
    "no such medium": (EAF, ["--media", "*side*"], ["--media '*side*' fits none of its media (C:/Users/x/talk.mp4)"]),
    "offset that is no number": (EAF.replace('MIME_TYPE="video/mp4"', 'MIME_TYPE="video/mp4" TIME_ORIGIN="1.5"'), [], ["'1.5' is no TIME_ORIGIN in ms"]),
    "video not there": (EAF.replace("talk.mp4", "chat.mp4"), [], ["the video 'file:///C:/Users/x/chat.mp4' is not on this computer", "--videos FOLDER"]),
    "behind the video's end": (EAF.replace('"900"', '"9000"'), [], ["annotation a2: '0.410 s to 9.000 s' lies behind the end of talk.mp4, which shows 0.000 s to 1.600 s"]),
    "before the first frame": (EAF.replace('MIME_TYPE="video/mp4"', 'MIME_TYPE="video/mp4" TIME_ORIGIN="-3000"'), [], ["lies before the first frame of talk.mp4"]),
    "no annotations": (EAF.replace("ANNOTATION_DOCUMENT", "#").replace("<ANNOTATION>", "<!-- ").replace("</ANNOTATION>", " -->").replace("#", "ANNOTATION_DOCUMENT"), [], ["holds no annotation of a video to import", "no annotation has a time"]),
    "nobody of that name": (EAF, ["--subjects", "ana"], ["--subjects: 'ana' annotates nothing here; did you mean 'anna'"]),
    "split with an unknown person": (EAF, ["--split", "train=ana"], ["nobody is called 'ana'; did you mean 'anna'"]),
    "class not in the list": (EAF, ["--labels", "labels.txt"], ["'fold' is no class of", "did you mean 'folds'"]),
    "same class in two spellings": (EAF.replace(VALUE.format("fold"), VALUE.format("Scratch")), ["--vocabulary", "ignore"], ["'scratch' (1) and 'Scratch' (1) differ in case or spaces only"]),
    "overlaps refused": (EAF.replace('"410"', '"300"'), ["--refuse-overlaps"], ["1 overlaps: talk_000 and talk_001 (0.100 s)"]),
}  # fmt: skip


def events(*rows):
    return project_text(events=[list(row) for row in rows])


def changed(part, value):
    return json.dumps(project() | {part: value})


BORIS = {
    # name: (file, text, further options, what the message must say)
    "empty table": ("empty.csv", "\n \n", [], ["the file is empty", "export the events again"]),
    "no event table": ("other.csv", "frame,x,y\n1,2,3\n", [], ["has no header with the columns Behavior and Time", "'frame | x | y'"]),
    "column renamed": ("renamed.csv", NEW_TABULAR.replace(",Behavior,", ",Behavio,"), [], ["has no header", "(is 'behavio"]),
    "not UTF-8": ("latin.csv", NEW_TABULAR.replace("anna", "Ännie").encode("latin-1"), [], ["is no UTF-8 text", "save it again as UTF-8"]),
    "a spreadsheet": ("sheet.xlsx", b"PK\x03\x04", [], ["sheet.xlsx: is no text table", "tsv or csv"]),
    "time misspelt": ("time.tsv", OLD_TABULAR.replace("0.400", "o.4oo"), [], ["1 problem in", "line 13: 'o.4oo' is no time (column time)", "write seconds"]),
    "events without a time": ("pictures.csv", NEW_TABULAR.replace("START,0.200", "START,NA"), [], ["1 problem in", "'NA' is no time", "events from pictures have no time"]),
    "unknown kind of event": ("kind.tsv", OLD_TABULAR.replace("\tSTOP", "\tEND"), [], ["1 problem in", "line 13: 'END' is no kind of event; write START, STOP or POINT"]),
    "no behavior": ("nothing.tsv", OLD_TABULAR.replace("\tblink\t", "\t\t"), [], ["line 14: a row without a behavior"]),
    "state never stops": ("unpaired.tsv", "\r\n".join(row for row in OLD_TABULAR.split("\r\n") if "STOP" not in row), [], ["line 12: state 'scratch' of anna at 0.200 s starts and never stops", "--unpaired leave_out"]),
    "state never started": ("stopped.tsv", "\r\n".join(row for row in OLD_TABULAR.split("\r\n") if "START" not in row), [], ["state 'scratch' of anna at 0.400 s stops without having started"]),
    "state starts twice": ("twice.tsv", OLD_TABULAR.replace("STOP", "START"), [], ["starts again at 0.400 s"]),
    "stops before it starts": ("swapped.csv", AGGREGATED.replace("0,200;0,400", "0,400;0,200"), [], ["line 2: 'scratch' stops at 0.200 s, before it starts at 0.400 s"]),
    "videos that no event names": ("more_videos.csv", AGGREGATED.replace("1,600", "99,9"), [], ["the observation lasts 99.900 s, the videos that it names (talk.mp4) only 1.6", "import the project file (.boris)"]),
    "event behind the video's end": ("late.csv", NEW_TABULAR.replace("POINT,0.650", "POINT,650"), [], ["'650.000 s to 650.000 s' lies behind the end of talk.mp4"]),
    "BORIS' video not there": ("far.csv", NEW_TABULAR.replace("talk.mp4", "chat.mp4"), [], ["the video 'chat.mp4' is not on this computer"]),
    "live observation in a table": ("live.csv", NEW_TABULAR.replace("player #1:talk.mp4", "NA").replace("talk.mp4", "NA"), [], ["holds no annotation of a video to import", "names no video (a live observation"]),
    "two people in one video": ("people.csv", NEW_TABULAR.replace("anna,blink", "ben,blink"), [], ["shows 2 people (anna, ben)"]),
    "quotation mark left open": ("quote.csv", NEW_TABULAR + '"' + "x" * 140_000, [], ["is no table row", "field limit"]),
    "project cut short": ("half.boris", project_text()[:300], [], ["is no whole JSON file", "open it in BORIS and save it again"]),
    "other JSON": ("list.boris", "[1, 2]", [], ["is JSON but no BORIS project"]),
    "nested without end": ("deep.boris", "[" * 200_000, [], ["is no whole JSON file"]),
    "newer project": ("newer.boris", changed("project_format_version", "9.1"), [], ["has project format '9.1', known are those up to 7.0"]),
    "behavior not in the ethogram": ("code.boris", events([0.2, "", "scrach", "", ""]), [], ["event 1: 'scrach' is no behavior of the project; did you mean 'scratch'"]),
    "event time that is none": ("event.boris", events(["soon", "", "scratch", "", ""]), [], ["event 1", "is no event [time, subject, code, modifier, comment]"]),
    "event too short": ("short.boris", events([0.2, "scratch"]), [], ["[0.2, 'scratch']", "is no event"]),
    "odd number of events": ("odd.boris", events([0.2, "anna", "scratch", "", ""]), [], ["state 'scratch' of anna at 0.200 s starts and never stops"]),
    "modifiers do not match": ("modifier.boris", events([0.2, "", "scratch", "left", ""], [0.4, "", "scratch", "right", ""]), [], ["2 problems", "(left) at 0.200 s", "(right) at 0.400 s"]),
    "unknown type of behavior": ("type.boris", changed("behaviors_conf", {"0": {"type": "Sometimes", "code": "scratch"}, "1": {"type": "Point event", "code": "blink"}}), [], ["'Sometimes' is no type of event (behavior 'scratch')"]),
    "only live observations": ("all_live.boris", project_text(type="LIVE", file=[]), [], ["holds no annotation of a video to import", "is a live observation, without a video"]),
    "no such observation": ("name.boris", project_text(), ["--observations", "frist"], ["'frist' is no observation of the project; did you mean 'first'"]),
    "length that is no number": ("length.boris", project_text(media_info={"length": {"talk.mp4": "long"}}), [], ["a length or an offset is no number"]),
    "dates as times of several videos": ("queued_dates.boris", project_text(media_creation_date_as_offset=True, file={"1": ["talk.mp4", "b.mp4"]}), [], ["times are dates of creation of several videos"]),
    "packed project cut short": ("cut.boris.gz", gzip.compress(project_text().encode())[:-20], [], ["cut.boris.gz: cannot be read", "copy it again"]),
    "packed project that is not packed": ("plain.boris.gz", project_text(), [], ["cannot be read", "Not a gzipped file"]),
}  # fmt: skip


def refused(capsys, tmp_path, command, name, text, options, parts):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    (tmp_path / "labels.txt").write_text("scratch\nfolds\n")
    words = [str(tmp_path / word) if word == "labels.txt" else word for word in options]
    split = [] if "--split" in options else SPLIT
    with pytest.raises(SystemExit) as ended:
        command([str(path), "--out", str(tmp_path / "out"), *split, *words])
    message = capsys.readouterr().err
    assert ended.value.code == 1 and message.startswith("error: ")
    assert "Traceback" not in message
    for part in parts:
        assert part in message, message
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ELAN)
def test_elan(tmp_path, talk, capsys, name):
    refused(capsys, tmp_path, elan.main, "talk.eaf", *ELAN[name])


@pytest.mark.parametrize("name", BORIS)
def test_boris(tmp_path, talk, capsys, name):
    refused(capsys, tmp_path, boris.main, *BORIS[name])


def test_the_video_is_no_video(tmp_path, capsys):
    (tmp_path / "talk.mp4").write_text("no video")
    refused(capsys, tmp_path, elan.main, "talk.eaf", EAF, [], ["talk.mp4: not a readable video"])


def test_all_problems_at_once(tmp_path, talk, capsys):
    text = EAF.replace(VALUE.format("fold"), VALUE.format("fodl")).replace("0.75", "high")
    refused(capsys, tmp_path, elan.main, "talk.eaf", text, [], ["2 problems", "fodl", "high"])


def test_the_documentation_lists_every_case():
    text = (Path(__file__).resolve().parents[2] / "docs/annotations.md").read_text(encoding="utf-8")
    rows = {line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")}
    assert {*ELAN, *BORIS} - rows == set()
    assert len(ELAN) + len(BORIS) >= 70
