"""What an interrupted training leaves behind, so that it can be taken up at its last saved step."""

import hashlib
import io
import logging
from pathlib import Path

import torch

from microgesture.provenance.files import written_whole
from microgesture.provenance.locks import check_still_held

LOGGER = logging.getLogger(__name__)
# Bytes of the hash that the file begins with: torch does not check the sums in its own format.
_DIGEST = 32


def save_state(folder: Path | None, state: dict) -> None:
    """Write a state whole. Tensors and plain values only. Raises BadInput where another process has
    taken over the folder."""
    if folder is None:
        return
    check_still_held(folder)
    content = io.BytesIO()
    torch.save(state, content)
    with written_whole(folder / "state.pt") as temporary, open(temporary, "wb") as file:
        file.write(hashlib.sha256(content.getbuffer()).digest())
        file.write(content.getbuffer())


def load_state(folder: Path | None, fingerprint: str) -> dict | None:
    """The state left behind, on the CPU; None when there is none, when it belongs to another
    training (`fingerprint`) or is not what was written."""
    if folder is None or not (folder / "state.pt").exists():
        return None
    try:
        content = (folder / "state.pt").read_bytes()
        digest, content = content[:_DIGEST], memoryview(content)[_DIGEST:]
        if hashlib.sha256(content).digest() != digest:
            raise ValueError("its content is not what was written")
        state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # torn files fail in many ways; starting anew is always right
        LOGGER.warning("%s: cannot be read (%s); starting anew", folder / "state.pt", error)
        return None
    if state.get("fingerprint") != fingerprint:
        LOGGER.warning("%s: belongs to another training; starting anew", folder / "state.pt")
        return None
    return state
