"""What the commands that import annotations have in common: options, writing, telling."""

import argparse
import logging
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from microgesture.importers.annotation_sheets import SheetOptions, make_sheets
from microgesture.importers.annotations import AnnotationTable
from microgesture.importers.sheet_writer import write_sheets
from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole
from microgesture.tables.problems import raise_for

LOGGER = logging.getLogger(__name__)


def add_options(parser: argparse.ArgumentParser, endings: str) -> None:
    """The options that every annotation importer has. endings: the files that it reads."""
    add = parser.add_argument
    add("files", nargs="+", type=Path, help=f"{endings}, or folders with such files")
    add("--out", type=Path, required=True, help="folder for the sheets")
    add("--videos", nargs="+", type=Path, default=[], help="folders where the videos lie")
    add("--subject", default="", help="who it is where the file names nobody (the video's name)")
    add("--subjects", nargs="+", default=[], help="take the annotations of these people only")
    add("--same-person", action="store_true", help="one video shows one person, whoever is named")
    add(
        "--region",
        action="append",
        default=[],
        metavar="SUBJECT=x0,y0,x1,y1",
        help="where a person sits, as shares of the picture; one for each of several people",
    )
    add(
        "--split",
        nargs="+",
        default=[],
        help="train=NAME,NAME val=NAME test=NAME ('*' = all others), or shares: 0.7,0.15,0.15",
    )
    add("--seed", type=int, default=0, help="which draw, where shares are given (0)")
    add("--labels", default="", help="the classes: one name a line, or a table label, name")
    add("--leave-out", nargs="+", default=[], help="classes to leave out")
    add("--ignore-case", action="store_true", help="names that differ in case or spaces are one")
    add("--point-seconds", type=float, default=0.0, help="length of a point event (one frame)")
    add(
        "--annotated", nargs="+", default=[], help="videos in which everything has a clip: all, ids"
    )
    add("--refuse-overlaps", action="store_true", help="stop where clips of one person overlap")
    add("--table", action="store_true", help="write only annotations.tsv; needs no video")


def read_options(given: argparse.Namespace) -> SheetOptions:
    """The options of a command line. Raises BadInput for a region that is none."""
    regions = {}
    for word in given.region:
        subject, _, numbers = word.rpartition("=")
        try:
            x0, y0, x1, y1 = (float(number) for number in numbers.split(","))
        except ValueError:
            x0 = y0 = x1 = y1 = -1.0
        if not subject or not (0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
            raise BadInput(
                f"--region {word!r}: write SUBJECT=x0,y0,x1,y1 with shares of the picture from 0 "
                f"(left, top) to 1, such as Ann=0,0,0.5,1"
            )
        regions[subject] = numbers
    if given.point_seconds < 0:
        raise BadInput(f"--point-seconds {given.point_seconds}: write 0 or more")
    return SheetOptions(
        videos=tuple(given.videos),
        subject=given.subject,
        subjects=tuple(given.subjects),
        same_person=given.same_person,
        regions=regions,
        split=tuple(given.split),
        seed=given.seed,
        labels=given.labels,
        leave_out=tuple(given.leave_out),
        ignore_case=given.ignore_case,
        point_seconds=given.point_seconds,
        annotated=tuple(given.annotated),
        refuse_overlaps=given.refuse_overlaps,
    )


def find_files(words: list[Path], suffixes: tuple[str, ...]) -> list[Path]:
    """The files named, folders replaced by the files in them that end in one of `suffixes`."""
    found: list[Path] = []
    for word in words:
        if word.is_dir():
            inside = sorted(p for p in word.iterdir() if p.name.lower().endswith(suffixes))
            if not inside:
                raise BadInput(f"{word}: holds no file that ends in {', '.join(suffixes)}")
            found += inside
        elif word.is_file():
            found.append(word)
        else:
            raise BadInput(f"{word}: no such file; check the path")
    return list(dict.fromkeys(Path(os.path.abspath(path)) for path in found))


def import_annotations(
    table: AnnotationTable, options: SheetOptions, out: str | Path
) -> dict[str, str]:
    """Write videos.tsv, clips.tsv, labels.tsv and annotations.tsv to `out`; tell the notes.

    Returns their paths. Raises BadInput; nothing is written then but by the sheets' own checks.
    """
    rows, origins, notes = make_sheets(table, options)
    for note in notes:
        LOGGER.warning("%s", note)
    paths = write_sheets(out, rows)
    paths["annotations"] = str(Path(out) / "annotations.tsv")
    with written_whole(paths["annotations"]) as temporary:
        origins.to_csv(temporary, sep="\t", index=False)
    return paths


def write_table(table: AnnotationTable, path: str | Path) -> None:
    """All annotations in seconds, as read, for a look without the videos. Raises BadInput."""
    raise_for(table.problems, "the annotations")
    rows = [
        {
            "media": a.recording.names[0],
            "subject": a.subject,
            "class": a.name,
            "start_seconds": a.start,
            "end_seconds": a.end,
            "point": "yes" if a.point else "no",
            "comment": " ".join(a.comment.split()),
            "confidence": "" if a.confidence is None else a.confidence,
            "second": a.second,
            "modifiers": a.modifiers,
            "place": a.place,
        }
        for a in table.annotations
    ]
    with written_whole(path) as temporary:
        pd.DataFrame(rows).to_csv(temporary, sep="\t", index=False)
    for note in table.notes:
        LOGGER.warning("%s", note)
    LOGGER.info("%d annotations -> %s", len(rows), path)


def run(
    parser: argparse.ArgumentParser,
    given: argparse.Namespace,
    suffixes: tuple[str, ...],
    read: Callable[[Path, argparse.Namespace], AnnotationTable],
) -> None:
    """Read all files, write the sheets; a BadInput ends in one message and exit status 1."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    try:
        options = read_options(given)
        table = AnnotationTable()
        for path in find_files(given.files, suffixes):
            table.add(read(path, given))
        if not table.annotations and not table.problems:
            told = "".join(f"\n  {note}" for note in table.notes)
            raise BadInput(
                f"{given.files[0]}: holds no annotation of a video to import; annotate something "
                f"in the tool, or name another file{told}"
            )
        if given.table:
            write_table(table, given.out / "annotations.tsv")
        else:
            import_annotations(table, options, given.out)
    except BadInput as error:
        parser.exit(1, f"error: {error}\n")
