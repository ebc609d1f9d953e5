"""What an interrupted training leaves behind, so that it can be taken up at its last saved step."""

import logging
from pathlib import Path

import torch

from microgesture.provenance.files import written_whole
from microgesture.provenance.locks import check_still_held

LOGGER = logging.getLogger(__name__)


def save_state(folder: Path | None, state: dict) -> None:
    """Write a state whole. Tensors and plain values only. Raises BadInput where another process has
    taken over the folder."""
    if folder is not None:
        check_still_held(folder)
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
