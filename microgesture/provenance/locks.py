"""Hold a folder alone, on network file systems too.

The lock is a file that exists (created exclusively, which NFS can since version 3), with host and
process in it, and refreshed while it is held: `filelock.SoftFileLease`. Locks of the kernel (flock)
are refused or ignored by many cluster file systems.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import LeaseSettingsMismatch, SoftFileLease, Timeout

from microgesture.provenance.errors import BadInput

LOGGER = logging.getLogger(__name__)
NAME = "lock"
# A lock that nobody refreshed for so long is left over; its holder refreshes it far more often.
STALE_SECONDS = 90.0
_REFRESHED = 18


@contextmanager
def held_alone(
    folder: str | Path, what: str, stale_seconds: float = STALE_SECONDS
) -> Iterator[None]:
    """Hold the folder (made where it is not there) in the body. what: the work in words.

    Where another holds the folder and its lock is seen to be refreshed: a BadInput that names it. A
    dead process of this machine is followed at once, one of another machine when its lock was not
    refreshed for `stale_seconds` (by this process's own clock); both are told.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    lock = _lease(path, stale_seconds)
    left_over = _acquire(lock, path, what, stale_seconds)
    if left_over:
        LOGGER.warning("%s: the lock of %s is left over; going on in its place", folder, left_over)

    try:
        yield
    finally:
        lock.release()


def check_still_held(folder: str | Path) -> None:
    """BadInput where the folder is held by another process: this one stood still for so long that
    its lock was taken for a left-over one. Asked before anything is written into the folder."""
    lock = _lease(Path(folder) / NAME)
    if lock.owner is not None and not lock.is_lock_held_by_us:
        raise BadInput(
            f"{folder}: {holder_of(Path(folder) / NAME)} took over while this process stood still; "
            f"this one ends, nothing is lost"
        )


def _lease(path: Path, stale_seconds: float = STALE_SECONDS) -> SoftFileLease:
    return SoftFileLease(
        path,
        lease_duration=stale_seconds,
        heartbeat_interval=stale_seconds / _REFRESHED,
        thread_local=False,
    )


def _acquire(lock: SoftFileLease, path: Path, what: str, stale_seconds: float) -> str:
    """Acquire; returns whose left-over lock was in the way, '' for nobody's."""
    holder, seen = holder_of(path), _changed(path)
    poll = min(2.0, stale_seconds / (2 * _REFRESHED))

    def refreshed() -> bool:
        now = _changed(path)
        return None not in (seen, now) and now != seen

    try:
        try:  # a few looks: a dead holder of this machine is found out at once
            lock.acquire(timeout=2.5 * poll, poll_interval=poll)
        except Timeout:
            LOGGER.warning(
                "%s: held by %s; waiting up to %.0f s for a sign of life",
                *(path.parent, holder or "somebody", stale_seconds),
            )
            lock.acquire(timeout=2 * stale_seconds, poll_interval=poll, cancel_check=refreshed)
    except (Timeout, LeaseSettingsMismatch) as error:  # the latter: held by another version
        raise BadInput(
            f"{path.parent}: {holder_of(path) or 'another process'} is at {what} now; wait for it "
            f"to end, or end it, and start again"
        ) from error
    return holder


def holder_of(path: str | Path) -> str:
    """Who wrote the lock file, in words ('process 12 on node3'); '' where there is none or it
    cannot be read."""
    owner = _lease(Path(path)).owner
    return "" if owner is None else f"process {owner.pid} on {owner.hostname.partition('/')[0]}"


def _changed(path: Path) -> tuple | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_ino
