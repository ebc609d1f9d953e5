"""Fetch a large published file in as many tries as it takes: resumed, with a progress bar."""

import logging
import urllib.error
import urllib.request
from pathlib import Path

from tqdm import tqdm

from microgesture.provenance.errors import BadInput
from microgesture.weights.download import difference

LOGGER = logging.getLogger(__name__)

_PIECE = 1 << 20
_TRIES = 5  # connections in a row that bring nothing


def fetch_resuming(url: str, path: str | Path, *, digits: str = "", timeout: float = 30.0) -> Path:
    """The file behind `url` as `path`, checked by its size and the beginning of its SHA-256.

    What has come before a connection broke is kept beside it (`.part`) and continued, also by a
    later call. A file that lies there already and has the right hash stays, so that a person
    without a network may put it there by hand. digits: the SHA-256 or its beginning; '' =
    unchecked. timeout: seconds without an answer. Raises BadInput, and leaves nothing under
    `path`, when the address cannot be reached or what comes is truncated or another file.
    """
    path = Path(path)
    if path.is_file():
        problem = difference(path, digits.lower(), None)
        if problem is None:
            return path
        raise BadInput(f"{path}: {problem}. Delete it, or put the right file there ({url})")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    _copy(url, part, timeout, path)
    problem = difference(part, digits.lower(), None)
    if problem:
        part.unlink()
        raise BadInput(
            f"{url}: {problem}. Try again; if it stays so, compare with the publisher's page"
        )
    part.replace(path)
    return path


def _copy(url: str, part: Path, timeout: float, by_hand: Path) -> None:
    """Bring `part` to the whole length, over as many connections as bring something."""
    idle, length = 0, None
    while idle < _TRIES:
        begun = part.stat().st_size if part.is_file() else 0
        headers = {"Range": f"bytes={begun}-"} if begun else {}
        try:
            request = urllib.request.Request(url, headers=headers)
            with urllib.request.urlopen(request, timeout=timeout) as source:
                resumed = begun and source.headers.get("Content-Range", "").startswith(
                    f"bytes {begun}-"
                )
                if not resumed:
                    begun = 0  # the server sends the whole again
                rest = source.headers.get("Content-Length")
                length = begun + int(rest) if rest is not None else None
                _receive(source, part, begun, length)
        except urllib.error.HTTPError as error:
            if error.code == 416:  # nothing is left to send, or what is there is too long
                total = error.headers.get("Content-Range", "").rpartition("/")[2]
                if total == str(begun):
                    return
                part.unlink()
                idle += 1
                continue
            raise BadInput(
                f"{url}: the server answers {error.code} {error.reason}; the address may be out of "
                f"date. Fetch the file elsewhere and put it under {by_hand}"
            ) from error
        except OSError as error:  # no network, no such host, a lost connection
            reason = getattr(error, "reason", error)
            if not part.is_file() or part.stat().st_size <= begun:
                idle += 1
            if idle >= _TRIES or not part.is_file():
                raise BadInput(
                    f"{url}: cannot be reached ({reason}). Without a network, fetch it elsewhere "
                    f"and put it under {by_hand}"
                ) from error
            LOGGER.warning("%s: %s; going on from byte %d", url, reason, part.stat().st_size)
            continue
        size = part.stat().st_size
        if length is None or size == length:
            return
        if size <= begun:
            idle += 1
        LOGGER.warning("%s: %d of %d bytes came; going on", url, size, length)
    raise BadInput(
        f"{url}: truncated: {part.stat().st_size if part.is_file() else 0} of {length} bytes came; "
        f"try again, or fetch it elsewhere and put it under {by_hand}"
    )


def _receive(source, part: Path, begun: int, length: int | None) -> None:
    with (
        part.open("ab" if begun else "wb") as file,
        tqdm(total=length, initial=begun, unit="B", unit_scale=True, desc=part.stem) as progress,
    ):
        while piece := source.read(_PIECE):
            progress.update(file.write(piece))
