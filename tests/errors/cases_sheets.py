"""Messages about the three sheets."""

import os
from collections.abc import Callable
from pathlib import Path

from microgesture.tables.sheets import read_sheets
from tests.errors.case import Case

CHAPTER = "Sheets"
VIDEOS = "video\tpath\tsubject\nint01\tint01.mp4\tanna\nint02\tint02.mp4\tben\n"
CLIPS = (
    "clip\tvideo\tstart\tend\tlabel\tsplit\n"
    "c1\tint01\t0\t9\t0\ttrain\nc2\tint01\t10\t19\t1\ttrain\nc3\tint02\t5\t14\t1\ttest\n"
)
LABELS = "label\tname\n0\ttouching neck\n1\trubbing hands\n"


def sheets(
    videos: str | bytes = VIDEOS,
    clips: str | bytes = CLIPS,
    labels: str | bytes = LABELS,
    prepare: Callable[[Path], object] = lambda folder: None,
) -> Callable[[Path], None]:
    """Reads these tables; the videos are there, and `prepare` may do more."""

    def ask(folder: Path) -> None:
        before = os.getcwd()
        os.chdir(folder)
        try:
            for name in ("int01.mp4", "int02.mp4"):
                Path(name).write_bytes(name.encode())
            for name, text in (("videos", videos), ("clips", clips), ("labels", labels)):
                raw = text if isinstance(text, bytes) else text.encode()
                Path(f"{name}.tsv").write_bytes(raw)
            prepare(folder)
            read_sheets("videos.tsv", "clips.tsv", "labels.tsv")
        finally:
            os.chdir(before)

    return ask


def link(folder: Path) -> None:
    (folder / "again.mp4").symlink_to(folder / "int01.mp4")


def future(folder: Path) -> None:
    os.utime(folder / "int02.mp4", (1900000000, 1900000000))


def other(text: str, *changes: tuple[str, str]) -> str:
    """The text with every change made; each must change something."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


CASES = [
    Case("A sheet that is not there", sheets(prepare=lambda f: (f / "clips.tsv").unlink())),
    Case("An empty sheet", sheets(labels="\n\n")),
    Case("A sheet that is a spreadsheet's own file", sheets(clips=b"PK\x03\x04\x00\x00\x00\x08")),
    Case("Another encoding", sheets(labels=other(LABELS, ("neck", "N\xe4cken")).encode("latin-1"))),
    Case("Commas between the columns", sheets(clips=CLIPS.replace("\t", ","))),
    Case("No header", sheets(clips=CLIPS.split("\n", 1)[1])),
    Case("A column misspelt", sheets(clips=other(CLIPS, ("split", "spilt")))),
    Case("A column that is missing", sheets(videos="video\tpath\nint01\tint01.mp4\n")),
    Case("A column twice", sheets(labels=other(LABELS, ("label\tname", "label\tname\tname")))),
    Case("A cell too many", sheets(clips=other(CLIPS, ("0\ttrain", "0\ttrain\tunsure")))),
    Case("An id with a blank", sheets(videos=other(VIDEOS, ("int01\t", "int 01\t")))),
    Case("A clip twice", sheets(clips=other(CLIPS, ("c2\t", "c1\t")))),
    Case("A clip of an unknown video", sheets(clips=other(CLIPS, ("c3\tint02", "c3\tint20")))),
    Case("A clip that ends before it begins", sheets(clips=other(CLIPS, ("10\t19", "10\t9")))),
    Case("Seconds where frames belong", sheets(clips=other(CLIPS, ("0\t9", "0.48\t1.96")))),
    Case("A number beyond all videos", sheets(clips=other(CLIPS, ("0\t9", "0\t1e30")))),
    Case("A split misspelt, in many lines", sheets(clips=other(CLIPS, ("\ttrain", "\ttraining")))),
    Case("An unknown label", sheets(clips=other(CLIPS, ("14\t1", "14\t2")))),
    Case("The name of a class as a label", sheets(clips=other(CLIPS, ("14\t1", "14\trubbing hands")))),
    Case("-1 for no label", sheets(clips=other(CLIPS, ("14\t1", "14\t-1")))),
    Case("NA for no label", sheets(clips=other(CLIPS, ("14\t1", "14\tNA")))),
    Case("A training clip without a label", sheets(clips=other(CLIPS, ("19\t1", "19\t")))),
    Case("A label of an unlabelled clip", sheets(clips=other(CLIPS, ("1\ttest", "1\tunlabelled")))),
    Case("A gap in the classes", sheets(labels=other(LABELS, ("1\t", "2\t")))),
    Case("A class that nobody shows in training", sheets(labels=LABELS + "2\tcrossing legs\n")),
    Case("A person in training and test", sheets(videos=other(VIDEOS, ("ben", "anna")))),
    Case("A person in two spellings", sheets(videos=other(VIDEOS, ("ben", "Anna")))),
    Case("A video that is not there", sheets(videos=other(VIDEOS, ("int02.mp4", "int2.mp4")))),
    Case("A video twice", sheets(videos=other(VIDEOS, ("int02.mp4", ".//int01.mp4")))),
    Case("A video under two names", sheets(other(VIDEOS, ("int02.mp4", "again.mp4")), prepare=link)),
    Case("A camera whose clock was ahead", sheets(prepare=future)),
    Case(
        "A brace in a path",
        sheets(
            other(VIDEOS, ("int02.mp4", "take{2}.mp4")),
            prepare=lambda folder: (folder / "take{2}.mp4").write_bytes(b"x"),
        ),
    ),
    Case(
        "A frame rate that is none",
        sheets(other(VIDEOS, ("subject\n", "subject\tfps\n"), ("anna\n", "anna\tinf\n"))),
    ),
    Case("Neither a video nor keypoints", sheets(videos=other(VIDEOS, ("int02.mp4", "")))),
]  # fmt: skip
