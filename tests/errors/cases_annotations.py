"""Messages of the importers of annotations; docs/annotations.md has the whole list of faults."""

import contextlib
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np

from microgesture.importers import boris, elan
from microgesture.provenance.errors import BadInput
from microgesture.videos.encoding import write_video
from tests.errors.case import Case
from tests.importers.test_broken_annotations import BORIS, ELAN

CHAPTER = "ELAN and BORIS (microgesture.importers.elan, microgesture.importers.boris)"


def said(command: Callable, name: str, text: str | bytes, options: list) -> Callable[[Path], None]:
    """What the command prints of this annotation file, which lies beside talk.mp4."""

    def ask(folder: Path) -> None:
        write_video(folder / "talk.mp4", [np.full((32, 32, 3), 90, np.uint8)] * 40, 25.0)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        (folder / "labels.txt").write_text("scratch\nfolds\n")
        words = [str(folder / word) if word == "labels.txt" else word for word in options]
        split = [] if "--split" in options else ["--split", "train=*"]
        printed = io.StringIO()
        try:
            with contextlib.redirect_stderr(printed):
                command([str(folder / name), "--out", str(folder / "out"), *split, *words])
        except SystemExit:
            raise BadInput(printed.getvalue().removeprefix("error: ")) from None

    return ask


def of_elan(name: str) -> Callable[[Path], None]:
    """A fault of the list that tests/importers/test_broken_annotations.py has for ELAN."""
    text, options, _ = ELAN[name]
    return said(elan.main, "talk.eaf", text, options)


def of_boris(name: str) -> Callable[[Path], None]:
    """The same for BORIS."""
    file, text, options, _ = BORIS[name]
    return said(boris.main, file, text, options)


CASES = [
    Case("An ELAN file that is cut short", of_elan("cut short")),
    Case("An ELAN file that declares entities", of_elan("external entity")),
    Case("An annotation that ends before it starts", of_elan("ends before it starts")),
    Case("A word that the vocabulary lacks", of_elan("word not in the vocabulary")),
    Case("Annotations without a value", of_elan("empty value")),
    Case("Two people in one video", of_elan("two people, no regions")),
    Case("A tier that is not there", of_elan("no such tier")),
    Case("An annotated video that is not there", of_elan("video not there")),
    Case("An annotation behind the video's end", of_elan("behind the video's end")),
    Case("A person of the split who is not there", of_elan("split with an unknown person")),
    Case("A class in two spellings", of_elan("same class in two spellings")),
    Case("Overlaps that shall not be", of_elan("overlaps refused")),
    Case("A table that is none of BORIS'", of_boris("no event table")),
    Case("A time that is none", of_boris("time misspelt")),
    Case("A state that never stops", of_boris("state never stops")),
    Case("An export that leaves videos out", of_boris("videos that no event names")),
    Case("A live observation", of_boris("live observation in a table")),
    Case("A project of a newer BORIS", of_boris("newer project")),
    Case("A behavior that the ethogram lacks", of_boris("behavior not in the ethogram")),
    Case("Modifiers that do not match", of_boris("modifiers do not match")),
]
