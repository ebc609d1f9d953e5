"""Pairs of starts and stops, and queued videos."""

from pathlib import Path

import pytest

from microgesture.importers.annotations import AnnotationTable
from microgesture.importers.boris_events import Event, Observation, pair_events, place_spans


def event(time, name="s", kind="STATE", subject="a", modifiers=""):
    return Event(time, subject, name, modifiers, "", kind, "", None)


def pairs(*events, unpaired="stop", end=None):
    table = AnnotationTable()
    found = pair_events(list(events), "x", unpaired, end, table)
    return [(a.time, None if b is None else b.time) for a, b in found], table


def test_states_pair_by_person_behavior_and_modifiers():
    found, table = pairs(
        event(1), event(2, subject="b"), event(3, modifiers="m"), event(4),
        event(5, modifiers="m"), event(6, subject="b"), event(2.5, "p", "POINT"),
    )  # fmt: skip
    assert found == [(1, 4), (2, 6), (2.5, None), (3, 5)] and not table.problems


def test_neighbours_that_meet():
    start, stop = "START", "STOP"
    found, table = pairs(
        event(1, kind=start), event(2, kind=start), event(2, kind=stop), event(3, kind=stop)
    )
    assert found == [(1, 2), (2, 3)] and not table.problems
    found, table = pairs(event(1, kind=stop), event(1, kind=start))  # a state of no length
    assert found == [(1, 1)] and not table.problems


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([event(1), event(2), event(3)], "at 3.000 s starts and never stops"),
        ([event(1, kind="STOP")], "at 1.000 s stops without having started"),
        (
            [event(1, kind="START"), event(2, kind="START"), event(3, kind="STOP")],
            "at 1.000 s starts again at 2.000 s",
        ),
    ],
)
def test_unpaired(events, message):
    _, table = pairs(*events)
    assert message in str(table.problems[0])
    _, table = pairs(*events, unpaired="leave_out")
    assert not table.problems and message in table.notes[0]


def test_to_the_end():
    found, table = pairs(event(1), unpaired="to_end", end=9.5)
    assert found == [(1, 9.5)] and not table.problems


def test_queued_videos_and_the_offset():
    table = AnnotationTable()
    spans = [
        (event(101.0), event(102.0)),
        (event(110.0), event(115.0)),
        (event(109.0), event(111.5)),
        (event(130.0, "p", "POINT"), None),
    ]
    observation = Observation("o", ["a.mp4", "b.mp4"], [10.0, 25.0], offset=100.0, spans=spans)
    place_spans(observation, "x", Path("."), None, table)
    found = [(a.recording.names[0], a.start, a.end, a.point) for a in table.annotations]
    assert found == [
        ("a.mp4", 1.0, 2.0, False),
        ("b.mp4", 0.0, 5.0, False),
        ("a.mp4", 9.0, 10.0, False),  # runs on into the next video
        ("b.mp4", 0.0, 1.5, False),
        ("b.mp4", 20.0, 20.0, True),
    ]
    assert "cut in 2" in table.notes[0]
