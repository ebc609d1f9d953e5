"""BORIS' event tables of several versions."""

import pytest

from microgesture.importers.annotations import AnnotationTable
from microgesture.importers.boris_tables import read_seconds, read_tables
from tests.importers.annotated_files import AGGREGATED, NEW_TABULAR, OLD_TABULAR


def read(tmp_path, text, name="events.csv", encoding="utf-8"):
    path, table = tmp_path / name, AnnotationTable()
    path.write_bytes(text.encode(encoding))
    return read_tables(path, "stop", table), table


def spans(observation):
    return [
        (a.subject, a.name, a.modifiers, a.time, None if b is None else b.time)
        for a, b in observation.spans
    ]


def test_old_tabular(tmp_path):
    (found,), table = read(tmp_path, OLD_TABULAR)
    assert not table.problems
    assert (found.name, found.media, found.offset) == ("first", ["talk.mp4"], 0.0)
    assert spans(found) == [("anna", "scratch", "", 0.2, 0.4), ("anna", "blink", "", 0.65, None)]
    assert table.facts["blink"]["group"] == "head"
    assert found.spans[0][0].comment == "slow" and found.spans[0][0].row == 12


def test_new_tabular(tmp_path):
    (found,), table = read(tmp_path, NEW_TABULAR)
    assert not table.problems and found.lengths == [1.6]
    assert spans(found)[0] == ("anna", "scratch", "left", 0.2, 0.4)
    assert found.spans[0][0].comment == "slow, long"


def test_aggregated(tmp_path):
    """With semicolons and decimal commas, as a spreadsheet saves it."""
    (found,), table = read(tmp_path, AGGREGATED)
    assert not table.problems and found.total == 1.6
    assert spans(found) == [
        ("No focal subject", "scratch", "left|soft", 0.2, 0.4),
        ("No focal subject", "blink", "", 0.65, None),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings(tmp_path, encoding):
    (found,), _ = read(tmp_path, OLD_TABULAR.replace("anna", "Ännie"), "e.tsv", encoding)
    assert found.spans[0][0].subject == "Ännie"


def test_several_observations_in_one_file(tmp_path):
    second = OLD_TABULAR.replace("\tfirst", "\tsecond").replace("talk.mp4", "chat.mp4")
    found, table = read(tmp_path, OLD_TABULAR + second)
    assert [(o.name, o.media) for o in found] == [("first", ["talk.mp4"]), ("second", ["chat.mp4"])]
    assert [len(o.spans) for o in found] == [2, 2] and not table.problems


def test_queued_videos(tmp_path):
    text = NEW_TABULAR.replace(
        "player #1:talk.mp4", "player #1:talk.mp4;chat.mp4|player #2:side.mp4"
    )
    (found,), _ = read(
        tmp_path, text.replace("1.600,25.000", "1.600;9.500|11.000,25.000;25.000|25.000")
    )
    assert (found.media, found.lengths) == (["talk.mp4", "chat.mp4"], [1.6, 9.5])
    old = OLD_TABULAR.replace(
        "Player #1\ttalk.mp4", "Player #1\tchat.mp4\r\nPlayer #1\ttalk.mp4\r\nPlayer #2\tside.mp4"
    )
    (found,), _ = read(tmp_path, old)
    assert found.media == ["chat.mp4", "talk.mp4"]


def test_old_aggregated_videos_in_the_order_of_their_events(tmp_path):
    row = "first;;;chat.mp4;1,600;25,0;anna;blink;;;POINT;0,100;0,100;NA;;\n"
    (found,), _ = read(tmp_path, AGGREGATED + row)
    assert found.media == ["chat.mp4", "talk.mp4"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12.5", 12.5), ("12,5", 12.5), ("01:02:03.250", 3723.25), ("-0.5", -0.5), ("00:01", 1.0),
        ("NA", None), ("", None), ("1.2.3", None), ("inf", None), ("1:2:3:4", None),
    ],
)  # fmt: skip
def test_seconds(text, seconds):
    assert read_seconds(text) == seconds
