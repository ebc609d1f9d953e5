"""Open and create the HDF5 files that hold a batch: one clear message when a file is not one.

Every store is one HDF5 file per batch with one group per video or clip. The root carries the
attributes `format` and `version`, so that a file of another kind is refused by name instead of
failing somewhere inside. Group names are ids; the characters that HDF5 gives a meaning to ("/"
and a lone ".") are percent-encoded as in a URL.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote

import h5py

from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole

_KEPT = "".join(chr(code) for code in range(32, 127) if chr(code) not in "/%")


def encode_name(identifier: str) -> str:
    """Group name of an id: the id itself but for "/", "%", "." alone and characters not ASCII."""
    if not identifier:
        raise ValueError("an id in a store must not be empty")
    encoded = quote(identifier, safe=_KEPT)
    return encoded.replace(".", "%2E") if set(encoded) == {"."} else encoded


def decode_name(name: str) -> str:
    """The id behind a group name."""
    return unquote(name)


@contextmanager
def created(path: str | Path, kind: str) -> Iterator[h5py.File]:
    """A new store of `kind`, put in place whole when the body ends (see `written_whole`).

    Nothing in the file depends on the time or the machine: the same data give the same bytes.
    Raises `BadInput` when the disk is full.
    """
    try:
        with (
            written_whole(path) as temporary,
            h5py.File(temporary, "w", libver=("v108", "v108")) as file,
        ):
            file.attrs["format"] = f"microgesture {kind}"
            file.attrs["version"] = 1
            yield file
    except OSError as error:
        if error.errno == errno.ENOSPC or os.strerror(errno.ENOSPC) in str(error):
            raise BadInput(f"{path}: the disk is full; make room and run again") from error
        raise


def opened(path: str | Path, kind: str) -> h5py.File:
    """Open a store for reading (the caller closes it).

    Raises `BadInput` for a missing file, a folder, a truncated file, a file that is not HDF5, and
    an HDF5 file that is no store of `kind`.
    """
    path = Path(path)
    if not path.exists():
        raise BadInput(f"{path}: no such file; expected a {kind} store made by this workflow")
    if path.is_dir():
        raise BadInput(f"{path}: is a folder; expected a {kind} store (one HDF5 file)")
    try:
        # Cluster file systems without locks refuse a plain open; stores are never written again.
        file = h5py.File(path, "r", locking="best-effort")
    except OSError as error:
        reason = "is truncated" if "truncated" in str(error) else "is not a readable HDF5 file"
        raise BadInput(
            f"{path}: {reason}; expected a {kind} store. Delete the file and run the workflow "
            f"again to make it anew"
        ) from error
    found = file.attrs.get("format")
    if found != f"microgesture {kind}":
        file.close()
        known = f"it says {found!r}" if found is not None else "it has no attribute 'format'"
        raise BadInput(f"{path}: is an HDF5 file but no {kind} store ({known})")
    return file


def group_of(file: h5py.File, identifier: str, noun: str) -> h5py.Group:
    """The group of one id; `BadInput` naming the file when it holds no such id."""
    name = encode_name(identifier)
    if name not in file:
        some = ", ".join(decode_name(key) for key in list(file)[:3])
        raise BadInput(
            f"{file.filename}: holds no {noun} {identifier!r} ({len(file)} there, first: {some}). "
            f"If the sheets changed, run the workflow again from the rule that makes this file"
        )
    return file[name]
