"""Open and create the HDF5 files that hold a batch: one clear message when a file is not one.

A store from elsewhere is data of others: HDF5 can name other files in links, in a dataset's storage
and in virtual datasets, and would read them without a word. Such a store is refused.

Every store is one HDF5 file per batch with one group per video or clip. The root carries the
attributes `format` and `version`, so that a file of another kind is refused by name instead of
failing somewhere inside. Group names are ids; the characters that HDF5 gives a meaning to ("/"
and a lone ".") are percent-encoded as in a URL.
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote

import h5py

from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole

FORMAT = ("v108", "v108")  # of HDF5: one and the same, whatever the library can do
_MOST_LINKS = 16  # that HDF5 itself follows, one after the other
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
    with (
        told_when_full(path),
        written_whole(path) as temporary,
        nothing_lost(),
        h5py.File(temporary, "w", libver=FORMAT) as file,
    ):
        file.attrs["format"] = f"microgesture {kind}"
        file.attrs["version"] = 1
        yield file


@contextmanager
def told_when_full(path: str | Path) -> Iterator[None]:
    """Turn a full disk in the body into a `BadInput` that names the file."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # the latter where HDF5 closes the file
        if getattr(error, "errno", 0) == errno.ENOSPC or os.strerror(errno.ENOSPC) in str(error):
            raise BadInput(f"{path}: the disk is full; make room and run again") from error
        raise


@contextmanager
def nothing_lost() -> Iterator[list[BaseException]]:
    """Around the writing and closing of a store: OSError where bytes of it could not be written.
    Gives the errors so far.

    HDF5 writes the last bytes of a dataset when it is closed. That is when Python forgets it, and
    an error there can only be printed; the file would be closed in order, with a hole in it.
    """
    lost: list[BaseException] = []
    others = sys.unraisablehook

    def keep(unraisable) -> None:
        if "h5py" in str(unraisable.object):
            lost.append(unraisable.exc_value)
        else:
            others(unraisable)

    sys.unraisablehook = keep
    try:
        yield lost
    finally:
        sys.unraisablehook = others
    if lost:
        raise OSError(f"bytes of a store could not be written: {lost[0]}") from lost[0]


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
        raise BadInput(f"{path}: {_why_not_opened(error, kind)}") from error
    found = file.attrs.get("format")
    if found != f"microgesture {kind}":
        file.close()
        known = f"it says {found!r}" if found is not None else "it has no attribute 'format'"
        raise BadInput(f"{path}: is an HDF5 file but no {kind} store ({known})")
    return file


def _why_not_opened(error: OSError, kind: str) -> str:
    """What is wrong and what to do. To delete a file is advised only where its content is known to
    be bad: a good one must not be lost to a limit, a right or a file system that stumbles."""
    words = str(error)
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return (
            f"cannot be opened, since too many files are open ({os.strerror(error.errno)}); the "
            f"file itself was not looked at. Raise the limit (ulimit -n) and run again"
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return "may not be read; ask for the right to read it (ls -l says whose it is)"
    if "truncated" in words or "signature not found" in words or "superblock" in words:
        reason = "is truncated" if "truncated" in words else "is not a readable HDF5 file"
        return (
            f"{reason}; expected a {kind} store. Delete the file and run the workflow again to "
            f"make it anew"
        )
    return (
        f"cannot be opened ({words}). That need not be the file's fault: run again, and keep the "
        f"file; if it stays so, look at the file system, and hold it against a copy"
    )


def why_not_read(error: Exception) -> str:
    """What is wrong where a store opens and something in it cannot be read, and what to do."""
    words = str(error)
    if isinstance(error, KeyError) or "filter returned failure" in words or "inflate" in words:
        return "cannot be read, the file is damaged"
    return (
        f"cannot be read ({words}). That need not be the file's fault: run again, and keep the "
        f"file; if it stays so, look at the file system"
    )


@contextmanager
def told_when_unreadable(path: str | Path, what: str) -> Iterator[None]:
    """Turn what goes wrong in reading `what` of an open store into a `BadInput`: damage only where
    it is certain (`why_not_read`)."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise BadInput(f"{path}: {what} cannot be read, the file is damaged") from error
    except (KeyError, OSError) as error:
        raise BadInput(f"{path}: {what} {why_not_read(error)}") from error


def group_of(file: h5py.File, identifier: str, noun: str) -> h5py.Group:
    """The group of one id.

    Raises `BadInput` naming the file when it holds no such id, and when the group lies in another
    file.
    """
    name = encode_name(identifier)
    check_link(file, file, name)
    group = _behind(file, name)
    if group is None:
        some = ", ".join(decode_name(key) for key in list(file)[:3])
        raise BadInput(
            f"{file.filename}: holds no {noun} {identifier!r} ({len(file)} there, first: {some}). "
            f"If the sheets changed, run the workflow again from the rule that makes this file"
        )
    return group


def dataset_of(group: h5py.Group, name: str) -> h5py.Dataset:
    """A dataset of a store's group. `BadInput` when its numbers lie outside the file; KeyError as
    h5py raises it when there is none."""
    check_link(group.file, group, name)
    dataset = group[name]
    properties = dataset.id.get_create_plist()
    if properties.get_external_count():
        other = os.fsdecode(properties.get_external(0)[0])
        raise _outside(group.file, dataset.name, f"numbers kept in {other!r}")
    if properties.get_layout() == h5py.h5d.VIRTUAL:
        raise _outside(group.file, dataset.name, "a virtual dataset")
    return dataset


def check_link(file: h5py.File, group: h5py.Group, name: str, depth: int = 0) -> None:
    """BadInput when `name` in `group` leads out of the file: by an external link, or by a soft link
    along one. A name that is not there leads nowhere, and so do links in a circle."""
    encoded = name.encode("utf-8", "surrogateescape")
    links = group.id.links
    if depth > _MOST_LINKS or not links.exists(encoded):
        return
    kind = links.get_info(encoded).type
    if kind == h5py.h5l.TYPE_EXTERNAL:
        other, place = (os.fsdecode(part) for part in links.get_val(encoded))
        raise _outside(file, f"{group.name}/{name}", f"a link to {place!r} in {other!r}")
    if kind != h5py.h5l.TYPE_SOFT:
        return
    path = os.fsdecode(links.get_val(encoded))
    place = file if path.startswith("/") else group
    for step in [step for step in path.split("/") if step not in ("", ".")]:
        if not isinstance(place, h5py.Group):
            return
        check_link(file, place, step, depth + 1)
        place = _behind(place, step)


def _behind(group: h5py.Group, name: str) -> h5py.Group | h5py.Dataset | None:
    """What a name stands for; None where it is not there or a link leads nowhere."""
    try:
        return group[name]
    except (KeyError, OSError, RuntimeError):
        return None


def _outside(file: h5py.File, name: str, what: str) -> BadInput:
    return BadInput(
        f"{file.filename}: {name.replace('//', '/')} is {what}: what it holds lies outside this "
        "file, and a store must be whole, so nothing is read. Ask its maker for a file with the "
        "numbers in it (`h5repack` or h5py's copy(..., expand_external=True) make one), or make "
        "it with an importer of this workflow"
    )
