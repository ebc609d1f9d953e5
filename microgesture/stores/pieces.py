"""A store that is made piece by piece and taken up again where an interrupted job ended.

A piece is what one video gives. Finished pieces lie in files of their own ("shards", a minute's
work each) in the job's state folder, every one with the signature of all that it is made from, and
each file with the hash of its content in its name: one that was altered since is made again. When
all are there the store is put together from them, in one order, so that it has the same bytes
however often the job was interrupted.
"""

import json
import logging
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import h5py

from microgesture.provenance.errors import BadInput
from microgesture.provenance.locks import check_still_held
from microgesture.provenance.seals import file_digest
from microgesture.provenance.state import state_held
from microgesture.provenance.termination import ending_at_safe_places, leave_if_told
from microgesture.stores.files import FORMAT, created, encode_name, nothing_lost, told_when_full

LOGGER = logging.getLogger(__name__)
_MADE_FROM, _FACTS = "made_from", "facts"
SHARD_SECONDS = 60.0
_SLAB = 2**24  # bytes that are copied at once

# Writes a piece's groups into the group given, returns plain facts about it that are no part of the
# store (for summaries), or None.
Make = Callable[[h5py.Group, str], dict | None]


def write_pieces(
    path: str | Path,
    kind: str,
    wanted: Mapping[str, str],
    make: Make,
    state: str | Path | None = None,
    *,
    shard_seconds: float | None = None,
) -> dict[str, dict]:
    """Make the store `path` of the pieces `wanted`; returns the facts of every piece.

    wanted: piece -> signature of all that it is made from, in the order of making. state: folder of
    the interrupted job; a piece found there under the same signature is not made again. The folder
    is removed at the end. None: nothing is kept. shard_seconds: what an abrupt end (a kill, a power
    cut) may cost beside the piece under way (None: SHARD_SECONDS); one that can be met costs only
    that piece.

    A piece whose making raises `BadInput` costs the others nothing: they are made, and all problems
    are raised together. Raises `BadInput` also for a full disk and where another job holds the
    folder.
    """
    path, shard_seconds = Path(path), SHARD_SECONDS if shard_seconds is None else shard_seconds
    path.parent.mkdir(parents=True, exist_ok=True)
    with _state_or_temporary(state, path) as folder:
        found = _finished(folder, wanted)
        if found:
            LOGGER.info("%d of %d pieces were finished before; going on", len(found), len(wanted))
        problems = _make_missing(folder, wanted, found, make, shard_seconds)
        if problems:
            kept = f"\n{len(found)} of {len(wanted)} are finished and kept" if state else ""
            raise BadInput("\n".join(problems) + kept)
        return _put_together(path, kind, wanted, found)


@contextmanager
def _state_or_temporary(state: str | Path | None, path: Path) -> Iterator[Path]:
    if state is None:
        with tempfile.TemporaryDirectory(prefix=f".{path.stem}.", dir=path.parent) as folder:
            yield Path(folder)
    else:
        with state_held(state, f"making {path}") as folder:
            yield folder


def _finished(folder: Path, wanted: Mapping[str, str]) -> dict[str, Path]:
    """Piece -> the shard that holds it as it is wanted. Leftovers of torn shards are removed."""
    found = {}
    for torn in folder.glob("*.part"):
        torn.unlink(missing_ok=True)
    names = {encode_name(piece): piece for piece in wanted}
    for shard in sorted(folder.glob("*.h5")):
        try:
            if not shard.name.endswith(f".{file_digest(shard)}.h5"):
                raise OSError("its content is not what was written")
            with h5py.File(shard, "r", locking="best-effort") as file:
                for name in file:
                    piece = names.get(name)
                    if piece is not None and file[name].attrs.get(_MADE_FROM) == wanted[piece]:
                        found[piece] = shard
        except OSError as error:
            LOGGER.warning("%s: cannot be read (%s); what it held is made again", shard, error)
    return found


def _make_missing(folder, wanted, found, make, shard_seconds) -> list[str]:
    """Make what is missing; `found` grows by it. Returns what is wrong with the others."""
    problems = []
    missing = [piece for piece in wanted if piece not in found]
    with ending_at_safe_places():
        while missing:
            finished: list[str] = []
            with _shard(folder, _next_number(folder), finished, found) as file:
                end = time.monotonic() + shard_seconds
                try:
                    while missing:  # at least one a shard, however long it takes
                        leave_if_told()
                        piece = missing.pop(0)
                        try:
                            _make_piece(file, piece, wanted[piece], make)
                            finished.append(piece)
                        except BadInput as error:
                            problems.append(str(error))
                        if time.monotonic() >= end:
                            break
                except BaseException:
                    LOGGER.info(
                        "interrupted: %d of %d pieces are finished and kept in %s",
                        *(len(found) + len(finished), len(wanted), folder),
                    )
                    raise
    return problems


def _make_piece(file: h5py.File, piece: str, made_from: str, make: Make) -> None:
    name = encode_name(piece)
    group = file.create_group(name)
    try:
        group.attrs[_FACTS] = json.dumps(make(group, piece) or {})
        group.attrs[_MADE_FROM] = made_from
    except BaseException:
        del file[name]
        raise


def _next_number(folder: Path) -> int:
    numbers = [path.name.partition(".")[0] for path in folder.glob("*.h5")]
    return max((int(number) for number in numbers if number.isdigit()), default=-1) + 1


@contextmanager
def _shard(
    folder: Path, number: int, finished: list[str], found: dict[str, Path]
) -> Iterator[h5py.File]:
    """A new shard; what was finished in it stays when the body ends by an error. `found` grows by
    the pieces that the body says to be finished. A shard of which bytes were lost does not stay."""
    temporary = folder / f"{number:06d}.part"
    with told_when_full(temporary), nothing_lost() as lost:
        file = h5py.File(temporary, "w", libver=FORMAT)
        try:
            yield file
        finally:
            file.close()
            if not lost:
                check_still_held(folder)
                path = folder / f"{number:06d}.{file_digest(temporary)}.h5"
                temporary.replace(path)
                found |= dict.fromkeys(finished, path)


def _put_together(path, kind, wanted, found) -> dict[str, dict]:
    facts, opened, file = {}, None, None
    try:
        with created(path, kind) as store:
            for piece in wanted:
                if opened != found[piece]:
                    if file is not None:
                        file.close()
                    opened = found[piece]
                    file = h5py.File(opened, "r", locking="best-effort")
                group = file[encode_name(piece)]
                facts[piece] = json.loads(group.attrs[_FACTS])
                for name in group:
                    if name in store:
                        raise ValueError(f"{name!r} comes twice")
                    copy_group(group[name], store, name)
    finally:
        if file is not None:
            file.close()
    return facts


def _slabs(stored: h5py.Dataset) -> Iterator:
    """Parts along the longest axis, none much larger than a part of the cleaning."""
    if not stored.shape or stored.size * stored.dtype.itemsize <= _SLAB:
        yield ...
        return
    axis = max(range(stored.ndim), key=stored.shape.__getitem__)
    length = stored.shape[axis]
    step = max(1, length * _SLAB // (stored.size * stored.dtype.itemsize))
    for first in range(0, length, step):
        yield (slice(None),) * axis + (slice(first, first + step),)


def copy_group(source: h5py.Group, target: h5py.Group, name: str) -> None:
    """Copy a group of datasets as `name` into another file: compressed chunks as they are, in their
    order. (HDF5's own copy gives other bytes when the source lies otherwise in its file.)"""
    group = target.create_group(name)
    for key in sorted(source.attrs):
        group.attrs[key] = source.attrs[key]
    for key in sorted(source):
        stored = source[key]
        identifier = h5py.h5d.create(
            group.id,
            key.encode(),
            stored.id.get_type(),
            stored.id.get_space(),
            stored.id.get_create_plist(),
        )
        copied = h5py.Dataset(identifier)
        if stored.chunks is None:
            for part in _slabs(stored):
                copied[part] = stored[part]
            continue
        for chunk in stored.iter_chunks():
            offset = tuple(part.start for part in chunk)
            mask, content = stored.id.read_direct_chunk(offset)
            identifier.write_direct_chunk(offset, content, mask)
