"""What the machine lacks (room, memory, a right) said in one message: no mistake of anybody's code.

Libraries report a full disk or too little memory in many ways, often as an error of another kind.
"""

import errno
import os
import re
import signal
import threading
import traceback
from collections.abc import Iterator

_FULL = ("no space left on device", "disk quota exceeded")
_MEMORY = (
    "out of memory", "not enough memory", "can't allocate", "cannot allocate", "bad_alloc",
    "insufficient memory", "unable to allocate", "malloc of size",
)  # fmt: skip
_WORKER = re.compile(r"dataloader worker \(pid.*?\) (?:is killed|exited)", re.I)


def what_is_lacking(error: BaseException) -> str:
    """What to tell and to do, where the error or one behind it comes from a full disk, too little
    memory, a file that may not be written, a loader that was killed or a file system that
    stumbles; '' for all others."""
    for each in _behind(error):
        if told := _told(each):
            return told
    return ""


def quiet_loaders() -> None:
    """Called first where an error is met: torch's loaders leave a handler that raises anew at any
    place whenever one of their processes ends, in the midst of telling the first error too."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _behind(error: BaseException | None) -> Iterator[BaseException]:
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _told(error: BaseException) -> str:
    words = str(error).lower()
    number = getattr(error, "errno", None)
    where = f"{error.filename}: " if getattr(error, "filename", None) else ""
    if number in (errno.ENOSPC, errno.EDQUOT) or _says(words, _FULL):
        return f"{where}the disk is full; make room and run the same command again"
    if number == errno.EROFS or "read-only file system" in words:
        return (
            f"{where}the file system is read-only; have it mounted for writing and run the same "
            f"command again"
        )
    if isinstance(error, PermissionError):
        return (
            f"{where}may not be read or written by this account; ask for the right (ls -ld says "
            f"whose it is) and run the same command again"
        )
    if _WORKER.search(words) or _from_loader(error):
        return (
            "a process that loads clips was ended from outside, most often because memory ran out: "
            "give the job more, or fewer loader_workers; the same command goes on from what is "
            "saved"
        )
    if isinstance(error, MemoryError) or number == errno.ENOMEM or _says(words, _MEMORY):
        return (
            "memory ran out; give the job more (on a cluster mem_mb, which grows with --retries; "
            "here fewer jobs at once: --cores) and run the same command again"
        )
    if isinstance(error, OSError) and number in (errno.EIO, errno.ESTALE):
        return f"{where}{os.strerror(number)}: the file system stumbles; run the same command again"
    return ""


def _from_loader(error: BaseException) -> bool:
    """The connection to a loader's process broke off: it ended while it handed a batch over."""
    if not isinstance(error, ConnectionError | EOFError):
        return False
    files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    return any("/torch/utils/data/" in file.replace(os.sep, "/") for file in files)


def _says(words: str, some: tuple[str, ...]) -> bool:
    return any(word in words for word in some)
