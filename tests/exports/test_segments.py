"""Tables of segments, and when a segment is."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from microgesture.exports.segments import Export, Segment, Video, from_table
from microgesture.provenance.errors import BadInput
from microgesture.videos.time_stamps import seconds_to_frames

LABELS = pd.DataFrame({"label": [0, 1], "name": ["fold", "nod"]})
PEOPLE = {"talk": "anna"}
TIMES = np.arange(100) / 25


def test_a_recognisers_table():
    table = pd.DataFrame(
        {
            "video": ["talk"] * 2,
            "start": [0, 5],
            "end": [4, 9],
            "label": [1, 0],
            "confidence": [0.5, np.nan],
            "second": [0, 2],
        }
    )
    found = from_table(table, LABELS, PEOPLE, "segments.tsv")
    assert found == [
        Segment("talk", "anna", 0, 4, "nod", 0.5, "fold"),
        Segment("talk", "anna", 5, 9, "fold"),
    ]


def test_a_table_with_names():
    table = pd.DataFrame(
        [
            {
                "video": "talk",
                "subject": "ben",
                "start": 0,
                "end": 4,
                "class": "wave",
                "second": "nod",
            }
        ]
    )
    assert from_table(table, LABELS, PEOPLE, "t") == [
        Segment("talk", "ben", 0, 4, "wave", None, "nod")
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"video": "tlak"}, "line 2: 'tlak' is no video of the sheets"),
        ({"start": 5}, "line 2: frames 5 to 4"),
        ({"start": "x"}, "start 'x' is no frame number"),
        ({"end": 4.5}, "end 4.5 is no frame number"),
        ({"label": 7}, "7 is no label; there are 0 to 1"),
    ],
)
def test_faults(change, message):
    row = {"video": "talk", "start": 0, "end": 4, "label": 1} | change
    with pytest.raises(BadInput, match=message):
        from_table(pd.DataFrame([row]), LABELS, PEOPLE, "t")


def test_a_missing_column():
    with pytest.raises(BadInput, match="no column 'end'"):
        from_table(pd.DataFrame({"video": [], "start": []}), LABELS, PEOPLE, "t")


def test_spans():
    assert Segment("v", "a", 0, 4, "n").span(TIMES) == (0.0, pytest.approx(0.2))
    assert Segment("v", "a", 99, 99, "n").span(TIMES) == (3.96, pytest.approx(4.0))
    assert Segment("v", "a", 5, 5, "n", point=True).span(TIMES) == (0.2, 0.2)
    assert Segment("v", "a", 0, 4, "n", seconds=(0.01, 0.19)).span(TIMES) == (0.01, 0.19)


def test_files_of_videos_with_the_same_name():
    videos = [
        Video(Path(p), (p,), (), TIMES) for p in ("/a/talk.mp4", "/b/talk.mp4", "/b/chat.mp4")
    ]
    assert [stem for _, stem in Export([], videos).stems()] == ["a_talk", "b_talk", "chat"]


def test_neighbours_that_share_a_frame_meet_in_it():
    video = Video(Path("/v.mp4"), ("v",), ("a",), TIMES)
    rows = [
        ("a", 0, 5),
        ("a", 5, 9),
        ("a", 9, 9),
        ("a", 9, 12),
        ("b", 5, 5),
        ("a", 20, 30),
        ("a", 25, 35),
    ]
    segments = [Segment("v", who, start, end, "n") for who, start, end in rows]
    found = Export(segments, [video]).of(video)
    spans = {(s.subject, s.start, s.end): s.span(TIMES) for s in found}
    assert spans["a", 0, 5][1] == spans["a", 5, 9][0] == pytest.approx(0.22)  # 0.20 to 0.24
    assert spans["b", 5, 5] == pytest.approx((0.2, 0.24))
    assert spans["a", 20, 30][1] > spans["a", 25, 35][0]  # these do overlap
    for (_, start, end), span in spans.items():
        assert tuple(map(int, seconds_to_frames(TIMES, *span))) == (start, end)


def test_times_that_a_tool_gave_are_not_touched():
    video = Video(Path("/v.mp4"), ("v",), ("a",), TIMES)
    given, new = Segment("v", "a", 0, 5, "n", seconds=(0.01, 0.21)), Segment("v", "a", 5, 9, "n")
    assert [s.span(TIMES) for s in Export([new, given], [video]).of(video)] == [
        (0.01, 0.21),
        (0.21, pytest.approx(0.4)),
    ]
    both = [given, Segment("v", "a", 5, 9, "n", seconds=(0.205, 0.4))]
    assert [s.span(TIMES) for s in Export(both, [video]).of(video)] == [(0.01, 0.21), (0.205, 0.4)]


def test_people():
    video = Video(Path("/v.mp4"), ("v_a", "v_b"), ("a", "b"), TIMES)
    segments = [Segment("v_a", "Ann", 0, 5, "n"), Segment("v_a", "Amy", 7, 9, "n")]
    assert Export(segments, [video]).people(video) == ["Ann", "Amy", "b"]
