"""The column region of the video table: the same video for two people."""

import pytest

from microgesture.provenance.errors import BadInput
from microgesture.tables.sheets import read_sheets

CLIPS = "clip\tvideo\tstart\tend\tlabel\tsplit\nc1\tv1\t0\t9\t0\ttrain\nc2\tv2\t0\t9\t0\ttest\n"
LABELS = "label\tname\n0\ttouching neck\n"


@pytest.fixture
def read(tmp_path):
    """A function that writes a table of two rows with one path and the regions given, and reads."""
    (tmp_path / "both.mp4").write_bytes(b"not looked into here")
    (tmp_path / "clips.tsv").write_text(CLIPS)
    (tmp_path / "labels.tsv").write_text(LABELS)

    def read(first, second, header="video\tpath\tsubject\tregion"):
        rows = [f"v1\t{tmp_path}/both.mp4\tann\t{first}", f"v2\t{tmp_path}/both.mp4\tbob\t{second}"]
        (tmp_path / "videos.tsv").write_text("\n".join([header, *rows]) + "\n")
        return read_sheets(*(str(tmp_path / f"{n}.tsv") for n in ("videos", "clips", "labels")))

    return read


def test_two_regions_of_one_video_are_two_people(read):
    videos = read("0,0,0.5,1", "0.5,0,1,1").videos
    assert videos["region"].tolist() == ["0,0,0.5,1", "0.5,0,1,1"]
    assert videos["subject"].tolist() == ["ann", "bob"] and videos["path"].nunique() == 1


def test_regions_may_overlap(read):
    assert len(read("0,0,0.6,1", "0.4,0,1,1").videos) == 2


@pytest.mark.parametrize("regions", [("", ""), ("0,0,0.5,1", ""), ("0,0,0.5,1", "0,0,0.5,1")])
def test_otherwise_a_video_stands_in_one_row(read, regions):
    with pytest.raises(BadInput, match=r"line 3, column path: .*more than one row.*another region"):
        read(*regions)


def test_a_region_that_is_none_is_told_with_its_line(read):
    with pytest.raises(BadInput) as caught:
        read("0,0,0.5,1", "320,0,640,480")
    message = str(caught.value)
    assert "line 3, column region: '320,0,640,480' lies outside the picture" in message
    assert "0,0,0.5,1 for its left half" in message


def test_without_the_column_the_whole_picture_is_meant(tmp_path, read):
    read("0,0,0.5,1", "0.5,0,1,1")
    text = (tmp_path / "videos.tsv").read_text()
    lines = [line.rsplit("\t", 1)[0] for line in text.splitlines()[:2]]
    (tmp_path / "videos.tsv").write_text("\n".join(lines) + "\n")
    (tmp_path / "clips.tsv").write_text(CLIPS.splitlines()[0] + "\nc1\tv1\t0\t9\t0\ttrain\n")
    paths = (str(tmp_path / f"{name}.tsv") for name in ("videos", "clips", "labels"))
    assert read_sheets(*paths).videos["region"].tolist() == [""]
