"""BORIS' files as we write them, read as BORIS' documentation says."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from microgesture.exports.boris import write_boris_project, write_boris_tables
from microgesture.exports.segments import Export, Segment, Video
from microgesture.importers.boris import read_boris
from microgesture.provenance.errors import BadInput
from microgesture.videos.time_stamps import seconds_to_frames

TIMES = 0.04 + np.cumsum(np.random.default_rng(6).uniform(0.02, 0.06, 500))
CLASSES = {
    "fold": {"description": "both arms", "group": "arm"},
    "nod": {"description": "", "group": "head"},
}
SEGMENTS = [
    Segment("talk", "anna", 0, 10, "fold", 0.9127, "nod"),
    Segment("talk", "anna", 11, 20, "fold", 0.5, "", "un,sure; \"so\""),  # meets the one before
    Segment("talk", "anna", 8, 30, "lean", modifiers="left|slow"),
    Segment("talk", "anna", 12, 25, "lean", modifiers="right|"),
    Segment("talk", "ben", 490, 499, "fold"),
    Segment("talk", "ben", 100, 100, "nod", point=True),
]  # fmt: skip


def export(*segments):
    video = Video(Path("/videos/talk.mp4"), ("talk",), ("anna",), TIMES)
    return Export(list(segments), [video], CLASSES)


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_columns_of_boris(tmp_path):
    (path,) = write_boris_tables(export(*SEGMENTS), tmp_path)
    assert path.read_bytes().count(b"\r\n") == path.read_bytes().count(b"\n") == 12
    rows = rows_of(path)
    assert list(rows[0]) == [
        "Observation id", "Observation date", "Description", "Observation duration", "Observation type",
        "Source", "Time offset (s)", "Media duration (s)", "FPS", "Subject", "Behavior",
        "Behavioral category", "Modifier #1", "Modifier #2", "Behavior type", "Time", "Media file name",
        "Image index", "Image file path", "Comment",
    ]  # fmt: skip
    assert rows[0]["Source"] == "player #1:/videos/talk.mp4"
    assert (rows[0]["Time"], rows[0]["Behavior type"]) == (f"{TIMES[0]:.3f}", "START")
    assert rows[0]["Comment"] == "confidence 0.9127; second choice: nod"
    assert [row["Behavior type"] for row in rows if row["Behavior"] == "nod"] == ["POINT"]
    assert [float(row["Time"]) for row in rows] == sorted(float(row["Time"]) for row in rows)


def test_states_come_in_pairs(tmp_path):
    """BORIS pairs events of one behavior, person and modifiers: an even number, start and stop in
    turn."""
    (path,) = write_boris_tables(export(*SEGMENTS), tmp_path)
    turns = {}
    for row in rows_of(path):
        if row["Behavior type"] != "POINT":
            key = row["Subject"], row["Behavior"], row["Modifier #1"], row["Modifier #2"]
            turns.setdefault(key, []).append(row["Behavior type"])
    assert turns[("anna", "fold", "", "")] == ["START", "STOP", "START", "STOP"]
    assert all(len(kinds) % 2 == 0 for kinds in turns.values()) and len(turns) == 4


def test_the_project(tmp_path):
    path = write_boris_project(export(*SEGMENTS), tmp_path / "p.boris")
    project = json.loads(path.read_text(encoding="utf-8"))
    kinds = {b["code"]: (b["type"], b["category"]) for b in project["behaviors_conf"].values()}
    assert kinds == {
        "fold": ("State event", "arm"),
        "nod": ("Point event", "head"),
        "lean": ("State event", ""),
    }
    assert [s["name"] for s in project["subjects_conf"].values()] == ["anna", "ben"]
    observation = project["observations"]["talk"]
    assert observation["file"]["1"] == ["/videos/talk.mp4"] and observation["type"] == "MEDIA"
    assert len(observation["events"]) == 11 and len(observation["events"][0]) == 6
    assert observation["media_info"]["length"]["/videos/talk.mp4"] == pytest.approx(
        TIMES[-1] + 0.04, abs=0.01
    )


def imported(path):
    table = read_boris(path)
    assert not table.problems
    return sorted(
        (a.subject, *map(int, seconds_to_frames(TIMES, a.start, a.end)), a.name, a.confidence or -1, a.second, a.comment, a.modifiers, a.point)
        for a in table.annotations
    )  # fmt: skip


def expected(segments):
    return sorted(
        (s.subject, s.start, s.end, s.name, s.confidence or -1, s.second, s.comment, s.modifiers.strip("|"), s.point)
        for s in segments
    )  # fmt: skip


def test_export_import_the_same_segments(tmp_path):
    (path,) = write_boris_tables(export(*SEGMENTS), tmp_path)
    assert imported(path) == expected(SEGMENTS)
    assert imported(write_boris_project(export(*SEGMENTS), tmp_path / "p.boris")) == expected(
        SEGMENTS
    )


@pytest.mark.parametrize("seed", range(5))
def test_many_random_segments(tmp_path, seed):
    generator, segments = np.random.default_rng(seed), []
    for person in ("anna", "ben"):
        for name in ("fold", "nod", "lean"):
            edges = np.sort(generator.choice(500, 60, replace=False))
            pairs = zip(edges[::2], edges[1::2])
            segments += [
                Segment(
                    "talk",
                    person,
                    int(a),
                    int(b) - 1,
                    name,
                    round(float(generator.uniform(0.01)), 3),
                )
                for a, b in pairs
            ]
    assert imported(write_boris_tables(export(*segments), tmp_path)[0]) == expected(segments)
    assert imported(write_boris_project(export(*segments), tmp_path / "p.boris")) == expected(
        segments
    )


def test_the_same_thing_twice_at_a_time(tmp_path):
    twice = [Segment("talk", "anna", 0, 10, "fold"), Segment("talk", "anna", 9, 20, "fold")]
    for write, path in (
        (write_boris_tables, tmp_path),
        (write_boris_project, tmp_path / "p.boris"),
    ):
        with pytest.raises(
            BadInput, match=r"does 'fold' twice at a time \(frames 0 to 10 and 9 to 20"
        ):
            write(export(*twice), path)
    assert not list(tmp_path.iterdir())
