"""The facts of a video file, or one clear message about why it cannot be used."""

import math
import os
from dataclasses import dataclass
from pathlib import Path

import av

from microgesture.provenance.errors import BadInput
from microgesture.videos.decoding import measure

# Seconds by which the frames may end before the duration in the header without being suspicious.
_SLACK = 1.0


@dataclass(frozen=True)
class VideoFacts:
    """frames: number of frames; fps: mean frames per second (also where the rate varies);
    width, height: pixels of the upright picture, a rotation in the container applied."""

    frames: int
    fps: float
    width: int
    height: int


def probe(path: str | Path) -> VideoFacts:
    """Facts of the video at `path`, counted as the decoder counts its frames.

    Raises `BadInput` for a missing file, a folder, an empty file, a file that is no video, a file
    cut short, and a video whose last frame cannot be decoded. A few ms and one group of pictures
    are read, so damage in the middle shows only when the frames are used.
    """
    frames, fps, width, height, end = measure(path)
    if not math.isfinite(fps) or fps <= 0:
        raise BadInput(
            f"{path}: gives no frame rate; re-encode it, e.g. ffmpeg -i INPUT OUTPUT.mp4"
        )
    _check_complete(Path(path), frames, end)
    return VideoFacts(frames=frames, fps=fps, width=width, height=height)


def _check_complete(path: Path, frames: int, end: float) -> None:
    """Refuse a file that was cut where a frame ends, which decodes without complaint."""
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            promised = int(stream.frames)
            needed = max((entry.pos + entry.size for entry in stream.index_entries), default=0)
            streamed = "matroska" in container.format.name
            noted = stream.metadata.get("DURATION") if streamed else None
    except (av.FFmpegError, OSError, IndexError) as error:
        raise BadInput(f"{path}: not a readable video; copy it again or convert it") from error
    # Formats with an index (mp4, mov, avi) say where each frame lies in the file.
    size = os.path.getsize(path)
    if needed > size:
        raise BadInput(
            f"{path}: cut short: the file has {size} bytes, its {promised or frames} frames need "
            f"{needed}; {frames} can be found. Copy it again"
        )
    if noted and (duration := _seconds(noted)) - end > _SLACK:
        raise BadInput(
            f"{path}: cut short: the header promises {duration:.1f} s, the frames end at "
            f"{end:.1f} s. Copy it again"
        )


def _seconds(text: str) -> float:
    """Seconds of a Matroska DURATION tag such as 00:00:02.133000000; 0 when it says nothing."""
    try:
        hours, minutes, seconds = text.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except ValueError:
        return 0.0
