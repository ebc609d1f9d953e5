"""Messages about results that are not what a job wrote."""

from collections.abc import Callable
from pathlib import Path

from microgesture.provenance.seals import check_whole, seal
from tests.errors.case import Case

CHAPTER = "Results that are not what a job wrote (microgesture.provenance)"
STORES = ("results/rgb/b0.h5", "results/rgb/b1.h5")


def altered(*damages: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    """A job's look at its inputs after something was done to them, one damage a store."""

    def ask(folder: Path) -> object:
        paths = [folder / name for name in STORES[: len(damages)]]
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bytes(range(256)) * 16)
        seal(paths, folder / "seals")
        for path, damage in zip(paths, damages):
            path.write_bytes(damage(path.read_bytes()))
        return check_whole(paths, folder / "seals")

    return ask


def cut(content: bytes) -> bytes:
    return content[:1000]


def flipped(content: bytes) -> bytes:
    return content[:2000] + bytes([content[2000] ^ 1]) + content[2001:]


def longer(content: bytes) -> bytes:
    return content + b"\0"


CASES = [
    Case("A store that a copy cut short", altered(cut)),
    Case("One bit of a store altered, another store appended to", altered(flipped, longer)),
]
