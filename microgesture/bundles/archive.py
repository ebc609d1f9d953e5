"""A bundle as one .zip: packed the same every time, unpacked with care.

python -m microgesture.bundles.archive BUNDLE FILE.zip
"""

import os
import re
import shutil
import stat
import sys
import zipfile
import zlib
from pathlib import Path

from microgesture.bundles.contents import MANIFEST, is_left_by_others
from microgesture.bundles.manifest import AGAIN, check_files, files_below, read_manifest, sha256_of
from microgesture.provenance.errors import BadInput
from microgesture.tables.problems import Problem, raise_for

MOST_FILES = 10_000
# Weights hardly shrink, tables do: a zip that grows more than this is none of ours.
GROWTH, ALLOWANCE = 100, 64 * 2**20
PIECE = 2**20


def pack(folder: str | Path, path: str | Path) -> None:
    """Write the bundle in `folder` into the zip file `path`, after it was checked whole.

    The same bundle gives the same bytes (with the same zlib). Raises BadInput where the bundle is
    damaged.
    """
    folder, path = Path(folder), Path(path)
    manifest = read_manifest(folder)
    check_files(folder, manifest)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in [MANIFEST, *sorted(manifest["files"])]:
                entry = zipfile.ZipInfo(f"{folder.resolve().name}/{name}", (1980, 1, 1, 0, 0, 0))
                entry.external_attr = (stat.S_IFREG | 0o644) << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.file_size = (folder / name).stat().st_size
                with open(folder / name, "rb") as file, archive.open(entry, "w") as target:
                    shutil.copyfileobj(file, target, PIECE)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def unpacked(path: str | Path, cache: str | Path) -> Path:
    """The folder of the bundle in the zip file `path`, unpacked once below `cache`.

    It is named by the SHA-256 of the zip file; what lies there already is used. Raises BadInput for
    a file that is no zip, is damaged, leads out of its folder, holds symbolic links or encrypted
    files, or would fill the disk.
    """
    path = Path(path)
    target = Path(cache) / sha256_of(path)[:32]
    if not target.is_dir():
        temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
        shutil.rmtree(temporary, ignore_errors=True)
        try:
            temporary.mkdir(parents=True)
            _unpack(path, temporary)
            try:
                os.replace(temporary, target)
            except OSError:
                if not target.is_dir():  # else another process was faster, with the same bytes
                    raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    return _inner(target, path)


def _unpack(path: Path, target: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = check_archive(archive, path)
            for entry in entries:
                place = target / entry.filename
                place.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as source, open(place, "xb") as file:
                    _copy(source, file, entry.file_size, path)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadInput(f"{path}: is no whole zip file ({error}); {AGAIN}") from error
    except OSError as error:  # a full disk, a name that this file system does not take
        raise BadInput(f"{path}: cannot be unpacked into {target.parent} ({error})") from error


def _copy(source, file, size: int, path: Path) -> None:
    """As many bytes as were announced, no more."""
    left = size
    while piece := source.read(PIECE):
        left -= len(piece)
        if left < 0:
            raise BadInput(f"{path}: holds a file that is longer than it says; {AGAIN}")
        file.write(piece)


def check_archive(archive: zipfile.ZipFile, path: Path) -> list[zipfile.ZipInfo]:
    """The files of a zip, folders and what file managers add left out.

    Raises BadInput that lists every name that leads out of the folder, stands twice, is a symbolic
    link or encrypted; and where there are too many files or they would grow out of proportion.
    """
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    entries = [entry for entry in entries if not is_left_by_others(entry.filename)]
    problems, seen = [], set()
    for entry in entries:
        wrong = _fault(entry)
        if not wrong and entry.filename.casefold() in seen:
            wrong = "stands twice in it"
        seen.add(entry.filename.casefold())
        if wrong:
            remedy = "do not unpack this file; ask for the bundle again where it was made"
            problems.append(Problem(str(path), None, None, entry.filename, wrong, remedy))
    raise_for(problems, "the bundle")
    size, packed = sum(entry.file_size for entry in entries), os.path.getsize(path)
    if len(entries) > MOST_FILES or size > GROWTH * packed + ALLOWANCE:
        raise BadInput(
            f"{path}: would grow to {size} bytes in {len(entries)} file(s), out of all proportion; "
            f"do not unpack it, ask for the bundle again where it was made"
        )
    return entries


def _fault(entry: zipfile.ZipInfo) -> str:
    name = entry.filename
    if name.startswith("/") or "\\" in name or re.match(r"[A-Za-z]:", name):
        return "is no path below the bundle"
    if any(part in ("..", ".", "") for part in name.split("/")):
        return "leads out of the bundle's folder"
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        return "is a symbolic link or a device, and a bundle has none"
    if entry.flag_bits & 1:
        return "is encrypted"
    return ""


def _inner(folder: Path, path: Path) -> Path:
    """Where the manifest lies: in the zip's root or in its one folder."""
    if (folder / MANIFEST).is_file():
        return folder
    below = sorted({name.split("/")[0] for name in files_below(folder)})
    if len(below) == 1 and (folder / below[0] / MANIFEST).is_file():
        return folder / below[0]
    raise BadInput(
        f"{path}: holds no bundle: there is no {MANIFEST} in it or in its one folder; give the zip "
        f"that microgesture.bundles.archive made"
    )


def main(arguments: list[str]) -> int:
    """Pack a bundle."""
    if len(arguments) != 2:
        print(__doc__)
        return 2
    try:
        pack(*arguments)
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{arguments[0]} -> {arguments[1]} ({sha256_of(arguments[1])})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
