"""Ways to damage a bundle, for tests and for the page of messages."""

import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

from microgesture.bundles.archive import pack
from microgesture.bundles.manifest import make_manifest


def edited(folder: Path, name: str, change: Callable[[str], str], sealed: bool = True) -> Path:
    """Change the text of a file. sealed: bundle.json is made anew, so that its digests fit."""
    path = folder / name
    before = path.read_text(encoding="utf-8")
    path.write_text(change(before), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != before, "nothing was changed"
    if sealed:
        seal(folder)
    return folder


def seal(folder: Path) -> None:
    """Make bundle.json anew for the files that are there, as an attacker would."""
    path = folder / "bundle.json"
    before = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    facts = {key: before[key] for key in ("name", "created", "commit", "packages")}
    path.write_text(json.dumps(make_manifest(folder, facts)), encoding="utf-8")


def replaced(old: str, new: str) -> Callable[[str], str]:
    """A change of a text that puts `new` in the place of `old`."""

    def change(text: str) -> str:
        assert old in text, f"{old!r} is not there"
        return text.replace(old, new)

    return change


def manifest_with(folder: Path, **changes) -> Path:
    """Change entries of bundle.json."""
    path = folder / "bundle.json"
    content = {**json.loads(path.read_text(encoding="utf-8")), **changes}
    path.write_text(json.dumps(content), encoding="utf-8")
    return folder


def flipped(folder: Path, name: str) -> Path:
    """Change one bit in the middle of a file."""
    raw = bytearray((folder / name).read_bytes())
    raw[len(raw) // 2] ^= 1
    (folder / name).write_bytes(raw)
    return folder


def zipped(folder: Path, path: Path, added: dict[str, bytes] | None = None) -> Path:
    """The bundle as a zip with more entries in it."""
    pack(folder, path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (added or {}).items():
            archive.writestr(name, content)
    return path


def with_link(path: Path, name: str, target: str) -> Path:
    """Add a symbolic link to a zip."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(entry, target)
    return path
