"""bundle.json: what a bundle holds, with the SHA-256 of every other file, and where it comes from.

The digests find every changed, lost and added byte. They are no signature: whoever can write the
folder can write bundle.json too. `digest_of` is one line to compare over another channel.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from microgesture.bundles.contents import (
    FORMAT,
    MANIFEST,
    MEMBERS,
    METADATA,
    REQUIRED,
    VERSION,
    WEIGHTS,
    is_known,
    is_left_by_others,
    members_in,
)
from microgesture.provenance.errors import BadInput
from microgesture.tables.problems import Problem, raise_for

LARGEST = 16 * 2**20  # bytes of a bundle.json
AGAIN = "copy the bundle again from where it was made"


def sha256_of(path: str | Path) -> str:
    """64 hexadecimal digits for a file's content."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(manifest: dict) -> str:
    """64 hexadecimal digits for the content of all files, date and name of the bundle aside."""
    text = json.dumps({name: entry["sha256"] for name, entry in sorted(manifest["files"].items())})
    return hashlib.sha256(text.encode()).hexdigest()


def make_manifest(folder: Path, facts: dict) -> dict:
    """The manifest of a folder that is otherwise complete.

    facts: plain values (name, created, commit, packages) that stand in it as they are.
    """
    files = {
        name: {"sha256": sha256_of(folder / name), "bytes": (folder / name).stat().st_size}
        for name in sorted(files_below(folder))
    }
    return {"format": FORMAT, "version": VERSION, **facts, "files": files}


def files_below(folder: Path) -> Iterator[str]:
    """Paths below the folder of all its files, with "/"; symbolic links count as files."""
    for place, folders, files in os.walk(folder, followlinks=False):
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]
        for name in (*files, *links):
            yield Path(place, name).relative_to(folder).as_posix()


def read_manifest(folder: Path) -> dict:
    """The manifest of a bundle's folder.

    Raises BadInput where there is none, where it is that of something else or of a newer version,
    and where it is damaged or names files that no bundle has.
    """
    path = folder / MANIFEST
    if not path.is_file() or path.is_symlink():
        raise BadInput(
            f"{folder}: is no bundle: it has no {MANIFEST}; give the folder (or its .zip) that "
            f"`snakemake bundle` made"
        )
    if path.stat().st_size > LARGEST:
        raise BadInput(f"{path}: has {path.stat().st_size} bytes, which no bundle needs; {AGAIN}")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(f"{path}: is damaged ({error}); {AGAIN}") from error
    said = manifest.get("format") if isinstance(manifest, dict) else None
    if said != FORMAT:
        raise BadInput(
            f"{path}: is of the format {said!r}, a bundle says {FORMAT!r}; give the folder (or its "
            f".zip) that `snakemake bundle` made"
        )
    version = manifest.get("version")
    if isinstance(version, int) and version > VERSION:
        raise BadInput(
            f"{path}: was made by a newer microgesture (version {version} of bundles, this one "
            f"reads up to {VERSION}); update microgesture, or make the bundle with this one"
        )
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise BadInput(f"{path}: has no version of bundles (found {version!r}); {AGAIN}")
    _check_entries(path, manifest.get("files"))
    return manifest


def _check_entries(path: Path, files) -> None:
    """BadInput unless `files` is name -> sha256, bytes of all files that every bundle has."""
    if not isinstance(files, dict) or not all(
        isinstance(entry, dict)
        and isinstance(entry.get("sha256"), str)
        and isinstance(entry.get("bytes"), int)
        for entry in files.values()
    ):
        raise BadInput(f"{path}: does not say sha256 and bytes of every file; {AGAIN}")
    problems = [
        Problem(str(path), None, None, name, "is no file of a bundle", "make the bundle again")
        for name in files
        if not is_known(name)
    ]
    needed = [*REQUIRED]
    for member in members_in(name for name in files if is_known(name)):
        needed += [f"{MEMBERS}/{member}/{WEIGHTS}", f"{MEMBERS}/{member}/{METADATA}"]
    problems += [
        Problem(str(path), None, None, name, "is not among its files", "make the bundle again")
        for name in needed
        if name not in files
    ]
    raise_for(problems, "the bundle")


def check_files(folder: Path, manifest: dict, content: bool = True) -> None:
    """Hold the folder against its manifest. Raises BadInput that lists every file that is missing,
    changed, added or a symbolic link.

    content: False compares sizes alone.
    """
    files, found = manifest["files"], set(files_below(folder))
    problems = []

    def tell(name: str, wrong: str, remedy: str = AGAIN) -> None:
        problems.append(Problem(str(folder / name), None, None, None, wrong, remedy))

    for name in sorted(found):
        if (folder / name).is_symlink():
            wrong = "is a symbolic link, and a bundle has none: it could lead anywhere"
            tell(name, wrong, "put the file itself there")
        elif name not in files and name != MANIFEST and not is_left_by_others(name):
            wrong = f"does not belong to the bundle: {MANIFEST} does not know it"
            tell(name, wrong, "take it out, or make the bundle again")
    for name, entry in sorted(files.items()):
        path = folder / name
        if path.is_symlink():
            continue
        if name not in found:
            tell(name, "is missing")
        elif path.stat().st_size != entry["bytes"]:
            wrong = f"has {path.stat().st_size} bytes, {MANIFEST} says {entry['bytes']}"
            tell(name, f"{wrong}: it was cut short or changed")
        elif content and sha256_of(path) != entry["sha256"]:
            tell(name, f"was changed: its SHA-256 is not the one in {MANIFEST}")
    raise_for(problems, "the bundle")
