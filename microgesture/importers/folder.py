"""The three sheets for a folder of plain videos: no labels, clips cut at a regular length.

    python -m microgesture.importers.folder VIDEOS --out sheets/mine --subjects subjects.csv

The workflow then decodes, finds people and keypoints, crops and draws: a first look at recordings
that nobody has labelled yet. Labels are added by editing clips.tsv and labels.tsv.
"""

import argparse
import re
from pathlib import Path

import pandas as pd

from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole
from microgesture.videos.probing import probe

SUFFIXES = {".mp4", ".mkv", ".avi", ".mov", ".webm", ".mpg", ".mpeg", ".m4v"}


def folder_sheets(
    folder: Path, seconds: float, subjects: dict[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """videos, clips and (empty) labels for the videos of `folder`.

    seconds: length of a clip; the last clip of a video takes the rest. subjects: video -> subject;
    a video that is not named is its own subject. Raises BadInput where the folder holds no video,
    two names fall together, or a video cannot be read.
    """
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise BadInput(f"{folder}: holds no video ({', '.join(sorted(SUFFIXES))})")
    videos, clips = [], []
    for path in paths:
        video = re.sub(r"[^A-Za-z0-9_.-]+", "_", path.stem).lstrip("_.-")
        if video in {row[0] for row in videos}:
            raise BadInput(f"{path}: another video is called {video!r} too; rename one of them")
        facts = probe(path)
        videos.append((video, str(path), subjects.get(video, video)))
        length = max(1, round(seconds * facts.fps))
        starts = list(range(0, max(facts.frames - length // 2, 1), length))
        for number, start in enumerate(starts):
            last = number == len(starts) - 1
            end = facts.frames - 1 if last else start + length - 1
            clips.append((f"{video}_{number:03d}", video, start, end, "", "unlabelled"))
    return (
        pd.DataFrame(videos, columns=["video", "path", "subject"]),
        pd.DataFrame(clips, columns=["clip", "video", "start", "end", "label", "split"]),
        pd.DataFrame(columns=["label", "name", "description", "group"]),
    )


def read_subjects(path: str | None) -> dict[str, str]:
    """video -> subject from the first and last column of a CSV file with a header."""
    if path is None:
        return {}
    table = pd.read_csv(path, dtype=str)
    return dict(zip(table.iloc[:, 0], table.iloc[:, -1]))


def main() -> None:
    """Write videos.tsv, clips.tsv and labels.tsv."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="folder with the videos")
    parser.add_argument("--out", type=Path, required=True, help="folder for the three tables")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a clip (4)")
    parser.add_argument("--subjects", help="CSV: first column video, last column subject")
    arguments = parser.parse_args()
    try:
        tables = folder_sheets(
            arguments.folder.resolve(), arguments.seconds, read_subjects(arguments.subjects)
        )
    except BadInput as error:
        parser.exit(1, f"error: {error}\n")
    for name, table in zip(("videos", "clips", "labels"), tables):
        with written_whole(arguments.out / f"{name}.tsv") as temporary:
            table.to_csv(temporary, sep="\t", index=False)
    print(f"{len(tables[0])} videos, {len(tables[1])} clips -> {arguments.out}")


if __name__ == "__main__":
    main()
