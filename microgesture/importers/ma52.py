"""Import MA-52 (Guo et al., IEEE TCSVT 2024) as its authors hand it out.

    python -m microgesture.importers.ma52 FOLDER --labels labels.txt --out data/ma52

FOLDER holds train/, val/ and test/ with a video a clip, and {train,val,test}_list_videos.txt with a
line a clip: the file's name and, behind a space, its label (left out where it is hidden). A split
without a list is left out. Nothing is copied. Nobody knows who is who: every clip counts as a
person of its own.
"""

import argparse
import logging
from pathlib import Path

from tqdm import tqdm

from microgesture.ensembles.submissions import MA52_RUNS
from microgesture.importers.sheet_writer import (
    SheetRows,
    identifiers,
    name_classes,
    write_sheets,
)
from microgesture.provenance.errors import BadInput
from microgesture.videos.probing import probe

SPLITS = ("train", "val", "test")
PARTS = (
    "body", "head", "upper limb", "lower limb", "body and hand", "head and hand", "leg and hand",
)  # fmt: skip
CLASSES = MA52_RUNS[-1]


def read_list(path: str | Path) -> list[tuple[str, int | str]]:
    """(file, label) of every line; label "" where it is hidden. Raises BadInput with the line."""
    entries = []
    for number, line in enumerate(Path(path).read_text(encoding="utf-8-sig").splitlines(), 1):
        words = line.split()
        if not words:
            continue
        known = len(words) == 2 and words[1].isdigit() and int(words[1]) < CLASSES
        if len(words) > 2 or (len(words) == 2 and not known):
            raise BadInput(
                f"{path}: line {number}: is {line!r}; expected a file and a label from 0 to "
                f"{CLASSES - 1}, such as 0003_01_0001.mp4 9"
            )
        entries.append((words[0], int(words[1]) if known else ""))
    return entries


def part_of(label: int) -> str:
    """The part of the body that an action belongs to."""
    return PARTS[sum(first <= label for first in MA52_RUNS) - 1]


def clip_names(listed: list[tuple[str, str, int | str]]) -> list[str]:
    """The files' names without their endings, by which test clips are handed in; a training or
    validation clip whose name another split has too gets its split in front."""
    splits: dict[str, set[str]] = {}
    for split, file, _ in listed:
        splits.setdefault(Path(file).stem, set()).add(split)
    return [
        Path(file).stem
        if split == "test" or len(splits[Path(file).stem]) == 1
        else f"{split}_{Path(file).stem}"
        for split, file, _ in listed
    ]


def import_ma52(
    root: str | Path, out: str | Path, *, labels: str | Path | None = None
) -> dict[str, str]:
    """Write the three sheets to `out`.

    labels: the classes' names (`read_label_names`); without it they are called by their numbers;
    groups are the seven parts of the body where the file names none. Returns the sheets' paths.
    Raises BadInput, also for a file that is listed but not there.
    """
    root = Path(root)
    lists = {split: root / f"{split}_list_videos.txt" for split in SPLITS}
    listed = [
        (split, file, label)
        for split, path in lists.items()
        if path.is_file()
        for file, label in read_list(path)
    ]
    if not listed:
        raise BadInput(f"{root}: holds no {lists['train'].name} with a line a clip")
    names = name_classes(labels, CLASSES, "class {}")
    names = [{**row, "group": row.get("group") or part_of(row["label"])} for row in names]
    clips = clip_names(listed)
    ids = identifiers(clips, str(root))
    rows = SheetRows([], [], names)
    progress = tqdm(zip(clips, listed), total=len(clips), desc="MA-52", unit="clip")
    for clip, (split, file, label) in progress:
        path, name = root / split / file, ids[clip]
        rows.videos.append({"video": name, "path": str(path)})
        frames = {"start": 0, "end": probe(path).frames - 1}
        rows.clips.append({"clip": name, "video": name, **frames, "label": label, "split": split})
    return write_sheets(out, rows)


def main(arguments: list[str] | None = None) -> None:
    """The command line; see the module's docstring."""
    words = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=words)
    parser.add_argument("folder", help="where train/, val/, test/ and the lists lie")
    parser.add_argument("--out", required=True, help="folder for the three sheets")
    parser.add_argument("--labels", help="names of the classes: one a line, or a table")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    try:
        import_ma52(given.folder, given.out, labels=given.labels)
    except BadInput as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
