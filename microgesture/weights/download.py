"""Fetch a published file once: checked by size and SHA-256, kept whole or not at all."""

import hashlib
import logging
import re
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole

LOGGER = logging.getLogger(__name__)

_PIECE = 1 << 20
_HEX = re.compile(r"[0-9a-f]{16,64}")
_WHOLE = 64  # hexadecimal digits of a SHA-256


def fetch(
    url: str, folder: str | Path, *, sha256: str, size: int | None = None, timeout: float = 30.0
) -> Path:
    """The file behind `url`, in `folder` under the name that it has in the URL.

    A file that is there already and right is not fetched again; a person without a network may put
    it there by hand. url: https, http or file. sha256: its 64 hexadecimal digits; the first 16 or
    more are taken with a warning that tells the whole. Fewer are refused: of the 8 at the end of
    OpenMMLab's file names (32 bits) somebody can make another file in minutes. size: bytes,
    unchecked if None. timeout: seconds without an answer. Raises BadInput, and keeps nothing, when
    the address cannot be reached or what comes is truncated or another file.
    """
    sha256 = str(sha256).lower()
    if not _HEX.fullmatch(sha256):
        raise BadInput(
            f"sha256 of {url} is {sha256!r}; write the file's SHA-256, 64 hexadecimal digits (in "
            "quotes), as the publisher prints it or as `sha256sum FILE` prints it for a copy that "
            "you trust. At least 16 digits are needed: the 8 at the end of OpenMMLab's file names "
            "are 32 bits, for which anybody can make another file"
        )
    parts = urllib.parse.urlsplit(url)
    name = Path(urllib.parse.unquote(parts.path)).name
    if parts.scheme not in ("https", "http", "file") or not name:
        raise BadInput(f"url {url!r} names no file; write https://host/path/file.pth")
    path = Path(folder) / name
    if path.is_file():
        problem = difference(path, sha256, size)
        if problem is None:
            _warn_of_prefix(url, path, sha256)
            return path
        LOGGER.warning("%s: %s; fetching it again", path, problem)
    LOGGER.info("fetching %s", url)
    with written_whole(path) as temporary:
        _copy(url, temporary, timeout, by_hand=path)
        problem = difference(temporary, sha256, size)
        if problem:
            raise BadInput(
                f"{url}: {problem}. Try again; if it stays so, compare url, size and sha256 in the "
                "config with the publisher's page"
            )
    _warn_of_prefix(url, path, sha256)
    return path


def difference(path: Path, sha256: str, size: int | None) -> str | None:
    """What is wrong with a file, in words; None if its size and hash are as expected."""
    found = path.stat().st_size
    if size is not None and found != size:
        how = "truncated" if found < size else "another file"
        return f"{how}: {found} bytes, expected {size}"
    digest = digest_of(path)
    if not digest.startswith(sha256):
        return f"damaged or another file: SHA-256 {digest}, expected {sha256}"
    return None


def digest_of(path: str | Path) -> str:
    """A file's SHA-256, 64 hexadecimal digits, read piece by piece."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _warn_of_prefix(url: str, path: Path, sha256: str) -> None:
    if len(sha256) < _WHOLE:
        LOGGER.warning(
            "%s: sha256 has %d of %d digits; if you trust this copy, write the whole: %s",
            *(url, len(sha256), _WHOLE, digest_of(path)),
        )


def _copy(url: str, path: Path, timeout: float, by_hand: Path) -> None:
    try:
        with urllib.request.urlopen(url, timeout=timeout) as source, path.open("wb") as file:
            expected = source.headers.get("Content-Length")
            count = 0
            while piece := source.read(_PIECE):
                count += file.write(piece)
    except urllib.error.HTTPError as error:
        raise BadInput(
            f"{url}: the server answers {error.code} {error.reason}; the address may be out of "
            f"date. Put the file under {by_hand} by hand, or correct the url"
        ) from error
    except OSError as error:  # no network, no such host, a lost connection, a missing file
        reason = getattr(error, "reason", error)
        raise BadInput(
            f"{url}: cannot be reached ({reason}). Without a network, fetch it elsewhere and put "
            f"it under {by_hand}"
        ) from error
    if expected is not None and count != int(expected):
        raise BadInput(f"{url}: truncated: {count} of {expected} bytes came; try again")
