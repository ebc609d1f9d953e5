"""Import BORIS' events: tabular or aggregated events (csv, tsv), or projects (.boris, .boris.gz).

    python -m microgesture.importers.boris FILES... --out sheets/mine --split 0.7,0.15,0.15

Behaviors become classes with their category as group; states last from their start to their stop,
point events are one frame (or --point-seconds). See docs/annotations.md.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from microgesture.importers.annotation_command import add_options, run
from microgesture.importers.annotations import AnnotationTable
from microgesture.importers.boris_events import place_spans
from microgesture.importers.boris_project import read_project
from microgesture.importers.boris_tables import read_tables
from microgesture.importers.media_files import find_media

SUFFIXES = (".boris", ".boris.gz", ".csv", ".tsv", ".txt")


def read_boris(
    path: str | Path,
    videos: Sequence[Path] = (),
    observations: Sequence[str] = (),
    unpaired: str = "stop",
) -> AnnotationTable:
    """What one file of BORIS holds.

    videos: folders with the videos (asked for their lengths where several are queued).
    observations: names or patterns of those to take. unpaired: "stop", "leave_out" or "to_end" for
    states that do not stop. Raises BadInput where the file is none of BORIS'; other faults are in
    the problems.
    """
    table = AnnotationTable()
    path = Path(path)
    if path.name.lower().endswith((".boris", ".boris.gz")):
        found = read_project(path, unpaired, list(observations), table)
    else:
        found = read_tables(path, unpaired, table)
    for observation in found:
        place = f"{path}, observation {observation.name!r}"
        if not observation.media and observation.spans:
            table.notes.append(
                f"{place}: names no video (a live observation, or one of pictures); left out"
            )
        elif observation.media:
            place_spans(
                observation, place, path.parent, lambda r: find_media(r, list(videos)), table
            )
    return table


def main(arguments: list[str] | None = None) -> None:
    """The command line; see the module's docstring."""
    words = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=words)
    add_options(parser, "event tables (.csv, .tsv) or projects (.boris, .boris.gz)")
    add = parser.add_argument
    add("--observations", nargs="+", default=[], help="of a project: names or patterns to take")
    add(
        "--unpaired",
        choices=["stop", "leave_out", "to_end"],
        default="stop",
        help="a state that never stops: refuse, leave out, or let it last to the end",
    )
    given = parser.parse_args(arguments)

    def read(path: Path, given: argparse.Namespace) -> AnnotationTable:
        return read_boris(path, given.videos, given.observations, given.unpaired)

    run(parser, given, SUFFIXES, read)


if __name__ == "__main__":
    main()
