"""The three sheets for a folder of plain videos: no labels, clips cut at a regular length.

    python -m microgesture.importers.folder VIDEOS --out sheets/mine --subjects subjects.csv

The workflow then decodes, finds people and keypoints, crops and draws: a first look at recordings
that nobody has labelled yet. Labels are added by editing clips.tsv and labels.tsv. Every file that
is left out is told.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from microgesture.importers.folder_contents import Contents, look_into
from microgesture.importers.folder_subjects import read_subjects
from microgesture.importers.sheet_writer import identifiers
from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole
from microgesture.videos.probing import probe


def folder_sheets(
    folder: Path,
    seconds: float,
    subjects: str | Path | None = None,
    recursive: bool = False,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, list[str]]:
    """videos, clips and (empty) labels for the videos of `folder`; and what is to be told.

    seconds: length of a clip; the last clip of a video takes the rest. subjects: a table of videos
    and subjects (`read_subjects`); a video that it does not name is its own subject. recursive:
    subfolders too. Raises BadInput where the folder holds no video, two names fall together,
    videos cannot be read (all are named) or the table of subjects does not fit.
    """
    contents = look_into(folder, recursive)
    names = identifiers([_stem(path, folder) for path in contents.videos], str(folder))
    ids = dict(zip(contents.videos, names.values()))
    told = [*contents.left_out(), *_renamed(names)]
    known, unnamed = read_subjects(subjects, _spellings(ids, folder))
    if unnamed:
        told.append(
            f"{subjects} names no subject for {_some(unnamed)}: each counts as a person of its own"
        )
    videos, clips = _rows(contents, ids, known, seconds)
    return (
        pd.DataFrame(videos, columns=["video", "path", "subject"]),
        pd.DataFrame(clips, columns=["clip", "video", "start", "end", "label", "split"]),
        pd.DataFrame(columns=["label", "name", "description", "group"]),
        told,
    )


def _rows(contents: Contents, ids: dict, subjects: dict, seconds: float) -> tuple[list, list]:
    videos, clips, problems = [], [], []
    for path in contents.videos:
        video = ids[path]
        try:
            facts = probe(path)
        except BadInput as error:
            problems.append(str(error))
            continue
        videos.append((video, str(path), subjects.get(video, video)))
        length = max(1, round(seconds * facts.fps))
        starts = list(range(0, max(facts.frames - length // 2, 1), length))
        for number, start in enumerate(starts):
            last = number == len(starts) - 1
            end = facts.frames - 1 if last else start + length - 1
            clips.append((f"{video}_{number:03d}", video, start, end, "", "unlabelled"))
    if problems:
        hint = "mend them, or move them out of the folder"
        raise BadInput("\n  ".join([f"{len(problems)} unreadable video(s); {hint}:", *problems]))
    return videos, clips


def _stem(path: Path, folder: Path) -> str:
    """The path below the folder without its ending: what the id is made of."""
    return str(path.relative_to(folder).with_suffix(""))


def _renamed(names: dict[str, str]) -> list[str]:
    """Ids in which a name cannot be recognised, because its letters are not Latin ones."""
    changed = [f"{name} = {video}" for name, video in names.items() if not name.isascii()]
    return [f"ids of names with other letters: {', '.join(changed)}"] if changed else []


def _spellings(ids: dict[Path, str], folder: Path) -> dict[str, str]:
    """What a table of subjects may call a video -> its id: id, path below the folder, file name,
    with and without the ending. A name that two videos share is left out."""
    found: dict[str, set[str]] = {}
    for path, video in ids.items():
        below = str(path.relative_to(folder))
        for name in {video, below, _stem(path, folder), path.name, path.stem, str(path)}:
            found.setdefault(name, set()).add(video)
    return {name: videos.pop() for name, videos in found.items() if len(videos) == 1}


def _some(names: Iterable[str]) -> str:
    names = list(names)
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def main(arguments: list[str] | None = None) -> None:
    """Write videos.tsv, clips.tsv and labels.tsv."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="folder with the videos")
    parser.add_argument("--out", type=Path, required=True, help="folder for the three tables")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a clip (4)")
    parser.add_argument(
        "--subjects", help="table (CSV or tabs): first column video, last column subject"
    )
    parser.add_argument("--recursive", action="store_true", help="take subfolders too")
    given = parser.parse_args(arguments)
    try:
        *tables, told = folder_sheets(
            given.folder.resolve(), given.seconds, given.subjects, given.recursive
        )
    except BadInput as error:
        parser.exit(1, f"error: {error}\n")
    for name, table in zip(("videos", "clips", "labels"), tables):
        with written_whole(given.out / f"{name}.tsv") as temporary:
            table.to_csv(temporary, sep="\t", index=False)
    for line in told:
        print(line, file=sys.stderr)
    print(f"{len(tables[0])} videos, {len(tables[1])} clips -> {given.out}")


if __name__ == "__main__":
    main()
