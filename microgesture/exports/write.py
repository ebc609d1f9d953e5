"""Export labels or predicted segments to the annotators' tools.

    python -m microgesture.exports.write sheets/mine --out exported
    python -m microgesture.exports.write sheets/mine --segments segments.tsv --out exported

Writes elan/*.eaf, boris/*.csv, boris/project.boris, segments_frames.csv, segments_seconds.csv and
webvtt/*.vtt. See docs/annotations.md.
"""

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path

from microgesture.exports.boris import write_boris_project, write_boris_tables
from microgesture.exports.elan import write_elan
from microgesture.exports.segments import Export
from microgesture.exports.sheets import read_export
from microgesture.exports.tables import write_tables
from microgesture.exports.webvtt import write_webvtt
from microgesture.provenance.errors import BadInput

LOGGER = logging.getLogger(__name__)
FORMATS = ("elan", "boris", "csv", "webvtt")


def write_all(
    export: Export, folder: str | Path, formats: Sequence[str] = FORMATS
) -> dict[str, list[Path]]:
    """Write `export` in the formats wanted; format -> paths. Raises BadInput as the writers do."""
    folder = Path(folder)
    written: dict[str, list[Path]] = {}
    if "elan" in formats:
        written["elan"] = write_elan(export, folder / "elan")
    if "boris" in formats:
        tables = write_boris_tables(export, folder / "boris")
        written["boris"] = [*tables, write_boris_project(export, folder / "boris/project.boris")]
    if "csv" in formats:
        written["csv"] = write_tables(export, folder)
    if "webvtt" in formats:
        written["webvtt"] = write_webvtt(export, folder / "webvtt")
    return written


def main(arguments: list[str] | None = None) -> None:
    """The command line; see the module's docstring."""
    words = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=words)
    add = parser.add_argument
    add("sheets", type=Path, help="folder with videos.tsv, clips.tsv and labels.tsv")
    add("--segments", type=Path, help="table of segments instead of the sheets' own labels")
    add("--out", type=Path, required=True, help="folder for the exports")
    add("--formats", nargs="+", choices=FORMATS, default=list(FORMATS), help="which to write (all)")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    try:
        export = read_export(given.sheets, given.segments)
        written = write_all(export, given.out, given.formats)
    except BadInput as error:
        parser.exit(1, f"error: {error}\n")
    for name, paths in written.items():
        LOGGER.info("%s: %d files, first %s", name, len(paths), paths[0] if paths else "-")
    LOGGER.info("%d segments of %d videos", len(export.segments), len(export.videos))


if __name__ == "__main__":
    main()
