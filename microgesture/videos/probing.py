"""The facts of a video file, or one clear message about why it cannot be used."""

from dataclasses import dataclass
from pathlib import Path

from microgesture.videos.decoding import index_frames
from microgesture.videos.frame_index import FrameIndex


@dataclass(frozen=True)
class VideoFacts:
    """frames: number of shown frames; fps: frames per second (the mean where the rate varies);
    width, height: pixels of the upright picture, a rotation in the container applied."""

    frames: int
    fps: float
    width: int
    height: int


def probe(path: str | Path, index: FrameIndex | None = None) -> VideoFacts:
    """Facts of the video at `path`; index: the video's, None = made on the spot.

    Raises `BadInput` as `index_frames`: every frame is decoded once, so a video that is taken can
    be read to its end.
    """
    index = index_frames(path) if index is None else index
    return VideoFacts(index.frames, index.fps, index.width, index.height)
