"""Real footage for tests; it is no part of the repository, so tests that need it may skip."""

import os
from pathlib import Path

import numpy as np
import pytest

from microgesture.videos.decoding import read_frames

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("MICROGESTURE_SHARED") or ROOT.parent / "shared")
FOLDER = SHARED / "data" / "footage"

needs_footage = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"no real footage in {FOLDER} (set MICROGESTURE_SHARED)"
)


def frames_of(name: str, start: int, end: int) -> np.ndarray:
    """Frames `start` to `end` (inclusive) of a video of the footage, uint8 (N, H, W, 3)."""
    return np.concatenate([frames for _, frames in read_frames(FOLDER / name, start, end)])
