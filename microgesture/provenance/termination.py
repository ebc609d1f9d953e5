"""A request to end (SIGTERM: scancel, a time limit, preemption) is met in order.

A scheduler sends SIGTERM and some seconds later SIGKILL. A job that keeps its state asks
`leave_if_told` where leaving is safe; everything else ends at once.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# "Try again later" of sysexits.h: nothing is wrong with the input, the job was interrupted.
TRY_AGAIN = 75


class Interrupted(SystemExit):
    """The job was told to end: exit status 75, so that Snakemake counts it as failed and tries it
    again (`retries`), and a site whose SLURM has RequeueExit=75 may do so itself."""

    def __init__(self):
        super().__init__(TRY_AGAIN)


_told = threading.Event()
_deferred = 0


def told_to_end() -> bool:
    """Whether this process was told to end."""
    return _told.is_set()


def leave_if_told() -> None:
    """Raise `Interrupted` where the process was told to end."""
    if _told.is_set():
        raise Interrupted


@contextmanager
def ending_at_safe_places() -> Iterator[None]:
    """In the body a request to end is only noted: the body asks `leave_if_told`. One that came too
    late to be met there is met behind the body."""
    global _deferred
    _deferred += 1
    try:
        yield
    finally:
        _deferred -= 1
    leave_if_told()


@contextmanager
def told_by_signal() -> Iterator[None]:
    """Meet SIGTERM in the body. Outside the main thread, where signals cannot be met, as before."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _told.clear()
    before = signal.signal(signal.SIGTERM, _tell)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        _told.clear()


def _tell(number, frame) -> None:
    _told.set()
    if not _deferred:  # who is told twice (by SLURM and by Snakemake) finishes saving all the same
        raise Interrupted
