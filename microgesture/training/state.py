"""What an interrupted training leaves behind, so that it can be taken up at its last epoch."""

import fcntl
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole

LOGGER = logging.getLogger(__name__)


@contextmanager
def state_held(folder: str | Path | None) -> Iterator[Path | None]:
    """Hold a state folder alone; it is removed when the body ends without error.

    Raises BadInput when another process holds it. None: no state is kept.
    """
    if folder is None:
        yield None
        return
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BadInput(
                f"{folder}: another process is training this very network now; wait for it to "
                f"end, or end it, and start again"
            ) from error
        except OSError as error:  # some network file systems have no locks
            LOGGER.warning("%s: cannot be locked (%s); going on without", folder, error)
        yield folder
        shutil.rmtree(folder, ignore_errors=True)


def save_state(folder: Path | None, state: dict) -> None:
    """Write the state of a finished epoch whole. Tensors and plain values only."""
    if folder is not None:
        with written_whole(folder / "state.pt") as temporary:
            torch.save(state, temporary)


def load_state(folder: Path | None, fingerprint: str) -> dict | None:
    """The state left behind, on the CPU; None when there is none, when it belongs to another
    training (`fingerprint`) or cannot be read."""
    if folder is None or not (folder / "state.pt").exists():
        return None
    try:
        state = torch.load(folder / "state.pt", map_location="cpu", weights_only=True)
    except Exception as error:  # torn files fail in many ways; starting anew is always right
        LOGGER.warning("%s: cannot be read (%s); starting anew", folder / "state.pt", error)
        return None
    if state.get("fingerprint") != fingerprint:
        LOGGER.warning("%s: belongs to another training; starting anew", folder / "state.pt")
        return None
    return state
