"""Messages of the importer of plain videos."""

from collections.abc import Callable
from pathlib import Path

from microgesture.importers.folder import folder_sheets
from microgesture.importers.folder_subjects import read_subjects
from tests.errors.case import Case

CHAPTER = "A folder of plain videos (microgesture.importers.folder)"
NAMES = {"int01": "int01", "int02": "int02"}


def holding(*names: str) -> Callable[[Path], object]:
    """The sheets of a folder with these files."""

    def ask(folder: Path) -> object:
        (folder / "videos").mkdir()
        for name in names:
            path = folder / "videos" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
        return folder_sheets(folder / "videos", 4.0)

    return ask


def subjects(text: str) -> Callable[[Path], object]:
    """A table of subjects for the videos int01 and int02."""

    def ask(folder: Path) -> object:
        path = folder / "subjects.csv"
        path.write_text(text, encoding="utf-8")
        return read_subjects(path, NAMES)

    return ask


CASES = [
    Case("A folder that is not there", lambda folder: folder_sheets(folder / "lost", 4.0)),
    Case("A folder without videos", holding("notes.txt", "._int01.mp4", "day1/int01.mp4")),
    Case("Names that fall together", holding("int 01.mp4", "int_01.mts")),
    Case("A name without a letter", holding("---.mp4")),
    Case("Subjects of nobody", subjects("video,subject\na01,anna\na02,ben\n")),
    Case("A video misspelt in the first row, without a header", subjects("int1,anna\nint02,ben\n")),
    Case("A video with two subjects", subjects("video,subject\nint01,anna\nint01,ben\n")),
    Case("Subjects without a second column", subjects("video\nint01\n")),
]
