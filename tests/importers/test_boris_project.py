"""BORIS' project files."""

import gzip

import pytest

from microgesture.importers.annotations import AnnotationTable
from microgesture.importers.boris_project import read_project
from tests.importers.annotated_files import project_text


def read(tmp_path, text=None, observations=(), **changes):
    path, table = tmp_path / "p.boris", AnnotationTable()
    path.write_text(text or project_text(**changes), encoding="utf-8")
    return read_project(path, "stop", list(observations), table), table


def test_project(tmp_path):
    (found,), table = read(tmp_path)
    assert not table.problems and (found.media, found.lengths) == (["talk.mp4"], [1.6])
    (scratch, stop), (blink, none) = found.spans
    assert (scratch.time, stop.time, scratch.modifiers, scratch.comment) == (
        0.2,
        0.4,
        "left",
        "slow",
    )
    assert blink.time == 0.65 and none is None
    assert table.facts["scratch"] == {"description": "at the neck", "group": "hand"}


def test_packed(tmp_path):
    path, table = tmp_path / "p.boris.gz", AnnotationTable()
    path.write_bytes(gzip.compress(project_text().encode()))
    assert len(read_project(path, "stop", [], table)[0].spans) == 2


def test_older_events_of_five_values(tmp_path):
    events = [[0.2, "", "scratch", "", ""], [0.4, "", "scratch", "", ""]]
    (found,), table = read(tmp_path, events=events)
    assert len(found.spans) == 1 and not table.problems


def test_left_out_and_told(tmp_path):
    found, table = read(tmp_path, type="LIVE", file=[])
    assert not found and "is a live observation" in table.notes[0]
    found, table = read(tmp_path, file={"1": []})
    assert not found and "no video in player 1" in table.notes[0]
    _, table = read(tmp_path, file={"1": ["talk.mp4"], "2": ["side.mp4"]})
    assert "left out: side.mp4" in table.notes[0]


def test_offsets(tmp_path):
    (found,), _ = read(tmp_path, **{"time offset": 12.5})
    assert found.offset == 12.5
    created = {"length": {"talk.mp4": 1.6}, "media_creation_time": {"talk.mp4": 1000.0}}
    (found,), _ = read(tmp_path, media_creation_date_as_offset=True, media_info=created)
    assert found.offset == 1000.0


def test_patterns(tmp_path):
    assert len(read(tmp_path, observations=["fir*"])[0]) == 1
    _, table = read(tmp_path, observations=["frist"])
    assert "did you mean 'first'" in str(table.problems[0])


@pytest.mark.parametrize("length", [None, "long"])
def test_lengths_that_are_not_known(tmp_path, length):
    info = {"length": {"talk.mp4": length}}
    found, table = read(tmp_path, media_info=info)
    if length is None:
        assert found[0].lengths == [None]
    else:
        assert "is no number" in str(table.problems[0])
