"""The command of a bench that measures at several numbers of clips, each in its own process."""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.page_sections import put_section


def run_by_clips(
    arguments: list[str] | None,
    *,
    about: str,
    clips: list[int],
    inside: Callable[[dict], dict],
    measure: Callable[[int, Path], dict],
    section: Callable[[list[dict]], list[str]],
    name: str,
) -> None:
    """Measure, print, and write the page's section where asked for.

    about: the command's first line of help. clips: numbers measured unless told otherwise. inside:
    what the process of one measurement does (called with --measure): a dictionary from standard
    input to one that is printed. measure: (clips, a folder for it) -> a row, by such a process.
    section: rows -> lines; name: of the section.
    """
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--clips", type=int, nargs="+", default=clips)
    parser.add_argument("--folder", type=Path, help="of the files while they are needed")
    parser.add_argument("--page", type=Path, help="the page whose section is written")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.measure:
        print(json.dumps(inside(json.load(sys.stdin))))
        return
    rows = []
    for count in given.clips:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            rows.append(measure(count, Path(folder)))
        print(json.dumps(rows[-1]), flush=True)
    lines = section(rows)
    print("\n".join(lines))
    if given.page:
        put_section(given.page, name, lines)
