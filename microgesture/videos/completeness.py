"""Files that were cut where a frame ends, which decode without complaint."""

import os
from pathlib import Path

import av

from microgesture.provenance.errors import BadInput

# Seconds by which the frames may end before the duration in the header without being suspicious.
_SLACK = 1.0


def check_complete(
    path: Path,
    container: av.container.InputContainer,
    stream: av.VideoStream,
    packets: int,
    frames: int,
    end: float,
    command: str,
) -> None:
    """`BadInput` where the header promises more than the file holds.

    packets: how many were read; frames: how many are shown; end: the time stamp in seconds at
    which the last one ends; command: keeps what is left.
    """
    # Formats with an index (mp4, mov, avi) say where each frame lies in the file.
    needed = max((entry.pos + entry.size for entry in stream.index_entries), default=0)
    promised, size = int(stream.frames), os.path.getsize(path)
    if needed > size:
        raise BadInput(
            f"{path}: cut short: the file has {size} bytes, its {promised or frames} frames need "
            f"{needed}; {frames} can be found. Copy it again, or keep what is left: {command}"
        )
    if container.format.name == "avi" and promised > packets:
        raise BadInput(
            f"{path}: damaged or cut short: the header promises {promised} frames, {packets} can "
            f"be found, and nothing tells which are lost. Copy it again, or keep what is left: {command}"
        )
    noted = stream.metadata.get("DURATION") if "matroska" in container.format.name else None
    if noted and (duration := _seconds(noted)) - end > _SLACK:
        raise BadInput(
            f"{path}: cut short: the header promises {duration:.1f} s, the frames end at "
            f"{end:.1f} s. Copy it again, or keep what is left: {command}"
        )


def _seconds(text: str) -> float:
    """Seconds of a Matroska DURATION tag such as 00:00:02.133000000; 0 when it says nothing."""
    try:
        hours, minutes, seconds = text.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except ValueError:
        return 0.0
