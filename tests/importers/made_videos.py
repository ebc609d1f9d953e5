"""A short video for importers that hold keypoints against one."""

from pathlib import Path

import numpy as np

from microgesture.videos.encoding import write_video


def make_video(path: Path, frames: int, width: int = 640, height: int = 480, fps: float = 25.0):
    """Write `frames` grey pictures; returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pictures = (np.full((height, width, 3), 9 * n % 200, np.uint8) for n in range(frames))
    write_video(path, pictures, fps)
    return path
