"""What jobs wrote, byte for byte: a file that was cut short or altered later is found out.

A disk, a copy that broke off or a program that went astray changes files without telling Snakemake,
which knows them by name and time alone; and a number in the middle of a store or of a checkpoint
may be another without any reader noticing. So every job seals what it wrote (size and hash), and
before the next one computes with a file it is held against its seal.

    python -m microgesture.provenance.seals             looks at all results and tells
    python -m microgesture.provenance.seals --remake    and has the next run make it anew

Nothing else is made anew then. (Where the file were removed, Snakemake would run all that read it.)
"""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from microgesture.provenance.errors import BadInput

# Beside Snakemake's own records of the same files: whoever removes those makes everything anew.
FOLDER = ".snakemake/seals"
MARKS = ".snakemake/damaged"
REMAKE = "python -m microgesture.provenance.seals --remake"


def file_digest(path: str | Path) -> str:
    """32 hexadecimal digits of a file's whole content."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def seal(paths: Iterable[str | Path], folder: str | Path = FOLDER) -> None:
    """Write down size and hash of the files, a small file each. Folders are passed by."""
    for path in map(Path, paths):
        if not path.is_file():
            continue
        facts = {"path": os.path.relpath(path), "size": path.stat().st_size}
        place = _seal_of(path, folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = place.with_suffix(f".{os.getpid()}.part")
        temporary.write_text(json.dumps({**facts, "digest": file_digest(path)}), encoding="utf-8")
        os.replace(temporary, place)
        (Path(MARKS) / place.stem).unlink(missing_ok=True)


def marked() -> set[str]:
    """The marks of all files that the next run makes anew, as `mark_of` gives them."""
    return {path.name for path in Path(MARKS).glob("*")}


def mark_of(path: str | Path) -> str:
    """What stands for a path among the marks."""
    return hashlib.blake2b(os.path.relpath(path).encode(), digest_size=16).hexdigest()


def damage(path: str | Path, folder: str | Path = FOLDER) -> str:
    """What is wrong with a file by its seal, in words; '' where nothing is or it has none."""
    try:
        facts = json.loads(_seal_of(path, folder).read_text(encoding="utf-8"))
        size, digest = int(facts["size"]), str(facts["digest"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    path = Path(path)
    if not path.is_file():  # that it is missing is for Snakemake to say
        return ""
    found = path.stat().st_size
    if found != size:
        cut = "is cut short" if found < size else "has grown"
        return f"{cut}: {found} bytes, the job that made it wrote {size}"
    if file_digest(path) != digest:
        return "is damaged: its content is not what the job that made it wrote"
    return ""


def check_whole(paths: Iterable[str | Path], folder: str | Path = FOLDER) -> None:
    """BadInput that names all files which are not what the job that made them wrote."""
    found = [(path, damage(path, folder)) for path in paths]
    problems = [f"{path}: {words}" for path, words in found if words]
    if problems:
        them = "it" if len(problems) == 1 else "them"
        raise BadInput(
            "\n".join(problems)
            + f"\nHave {them} made anew ({REMAKE}) and run the same command again; nothing else is "
            f"made anew"
        )


def sealed(folder: str | Path = FOLDER) -> list[str]:
    """The paths of all files that have a seal, sorted."""
    found = []
    for place in Path(folder).glob("*.json"):
        try:
            found.append(str(json.loads(place.read_text(encoding="utf-8"))["path"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return sorted(found)


def _seal_of(path: str | Path, folder: str | Path) -> Path:
    return Path(folder) / f"{mark_of(path)}.json"


def main(arguments: list[str] | None = None) -> int:
    """Tell what is damaged, and mark it where asked for. 1: something is damaged and not marked."""
    parser = argparse.ArgumentParser(description="Find results that are not what jobs wrote.")
    parser.add_argument("--remake", action="store_true", help="have the next run make them anew")
    given = parser.parse_args(arguments)
    paths, left = sealed(), 0
    for path in paths:
        if words := damage(path):
            if given.remake:
                Path(MARKS).mkdir(parents=True, exist_ok=True)
                (Path(MARKS) / mark_of(path)).touch()
            left += not given.remake
            print(f"{path}: {words}{'; the next run makes it anew' if given.remake else ''}")
    print(
        f"{len(paths)} files looked at" + ("; --remake has the damaged made anew" if left else "")
    )
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
