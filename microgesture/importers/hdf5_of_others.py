"""HDF5 files that other tools wrote: opened without following their links to other files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from microgesture.provenance.errors import BadInput


@contextmanager
def opened_foreign(path: str | Path, noun: str) -> Iterator[h5py.File]:
    """The file, open for reading. Raises BadInput for one that is no HDF5 file, and where reading
    it fails."""
    try:
        file = h5py.File(path, "r", locking="best-effort")
    except OSError as error:
        raise BadInput(f"{path}: is no readable HDF5 file; expected {noun}") from error
    with file:
        try:
            yield file
        except (OSError, RuntimeError) as error:
            raise BadInput(f"{path}: cannot be read, the file is damaged ({error})") from error


def member(group: h5py.Group, name: str) -> h5py.Dataset | h5py.Group | None:
    """The member called `name`, None where there is none. Raises BadInput for a link to another
    file: a file of keypoints has no business with other files of this machine."""
    link = group.get(name, getlink=True)
    if link is None:
        return None
    if not isinstance(link, h5py.HardLink):
        raise BadInput(
            f"{group.file.filename}: {name} is a link to something else and is not followed; write "
            "the file anew with the data in it"
        )
    return group[name]


def array(group: h5py.Group, name: str) -> np.ndarray | None:
    """The dataset called `name` in memory, None where there is none."""
    found = member(group, name)
    if not isinstance(found, h5py.Dataset):
        return None
    if found.is_virtual or found.external:
        raise BadInput(
            f"{group.file.filename}: {name} lies in another file; write it into this one"
        )
    return found[()]


def texts(values: np.ndarray) -> list[str]:
    """Names in an array of bytes or text."""
    return [v.decode() if isinstance(v, bytes) else str(v) for v in np.asarray(values).ravel()]
