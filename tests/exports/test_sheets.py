"""What is exported from a folder of sheets."""

import pytest

from microgesture.exports.sheets import read_export
from microgesture.provenance.errors import BadInput

LABELS = "label\tname\tdescription\tgroup\n0\tfold\tboth arms\tarm\n1\tnod\t\thead\n"
ORIGINS = (
    "clip\tvideo\tstart\tend\tsubject\tclass\tstart_seconds\tend_seconds\tpoint\tcomment\tconfidence\tsecond\tmodifiers\tplace\n"
    "c0\ttalk\t0\t9\tAnn\tfold\t0.01\t0.39\tno\tslow\t0.5\tnod\tleft\tx\n"
    "c1\ttalk\t20\t20\tAnn\tnod\t0.81\t0.81\tyes\t\t\t\t\tx\n"
)


@pytest.fixture
def folder(tmp_path, talk):
    (tmp_path / "videos.tsv").write_text(f"video\tpath\tsubject\ntalk\t{talk}\tann\n")
    (tmp_path / "clips.tsv").write_text(
        "clip\tvideo\tstart\tend\tlabel\tsplit\n"
        "c0\ttalk\t0\t9\t0\ttrain\nc1\ttalk\t20\t20\t1\ttrain\nc2\ttalk\t30\t39\t\tunlabelled\n"
    )
    (tmp_path / "labels.tsv").write_text(LABELS)
    return tmp_path


def test_labels_alone(folder):
    export = read_export(folder)
    assert [(s.subject, s.start, s.end, s.name) for s in export.segments] == [
        ("ann", 0, 9, "fold"),
        ("ann", 20, 20, "nod"),
    ]
    assert export.classes["fold"] == {"description": "both arms", "group": "arm"}
    (video,) = export.videos
    assert (video.names, video.people, len(video.times)) == (("talk",), ("ann",), 40)
    assert video.fps == pytest.approx(25) and video.length == pytest.approx(1.6)


def test_what_the_tool_had(folder):
    (folder / "annotations.tsv").write_text(ORIGINS)
    first, second = read_export(folder).segments
    assert (first.subject, first.seconds, first.comment, first.modifiers) == (
        "Ann",
        (0.01, 0.39),
        "slow",
        "left",
    )
    assert (first.confidence, first.second) == (0.5, "nod")
    assert second.point and second.seconds == (0.81, 0.81)


def test_changed_since(folder):
    (folder / "annotations.tsv").write_text(ORIGINS.replace("talk\t20\t20", "talk\t20\t21"))
    assert read_export(folder).segments[1].seconds is None
    assert not read_export(folder).segments[1].point


def test_another_table_of_that_name(folder):
    (folder / "annotations.tsv").write_text("clip\tstart\n")
    with pytest.raises(BadInput, match="lacks the columns"):
        read_export(folder)


def test_past_the_end(folder):
    text = (folder / "clips.tsv").read_text()
    (folder / "clips.tsv").write_text(text.replace("talk\t20\t20", "talk\t20\t40"))
    with pytest.raises(
        BadInput, match="frame 40 lies past the end of video 'talk'; its last frame is 39"
    ):
        read_export(folder)
