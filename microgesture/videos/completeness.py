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
    seen,
    end: float,
    command: str,
) -> None:
    """`BadInput` where the header promises more than the file holds.

    seen: the `Pass` over the file; end: the time stamp in seconds at which the last frame ends;
    command: keeps what is left.
    """
    rest = f"Copy it again, or keep what is left: {command}"
    # Formats with an index (mp4, mov, avi) say where each frame lies in the file.
    needed = max((entry.pos + entry.size for entry in stream.index_entries), default=0)
    frames, size = len(seen.stamps), os.path.getsize(path)
    if needed > size:
        raise BadInput(
            f"{path}: cut short: the file has {size} bytes, its {seen.promised or frames} frames "
            f"need {needed}; {frames} can be found. {rest}"
        )
    if seen.container == "avi" and seen.listed > seen.packets:
        raise BadInput(
            f"{path}: damaged: its index lists {seen.listed} frames, {seen.packets} can be found, "
            f"and nothing tells which are lost. {rest}"
        )
    promised = 0.0
    if seen.container == "avi" and seen.rates and not seen.listed:
        promised = seen.promised / float(seen.rates[0])
    elif "matroska" in seen.container:
        promised = _seconds(stream.metadata.get("DURATION", ""))
    if promised - end > _SLACK:
        raise BadInput(
            f"{path}: cut short: the header promises {promised:.1f} s, the frames end at "
            f"{end:.1f} s. {rest}"
        )


def _seconds(text: str) -> float:
    """Seconds of a Matroska DURATION tag such as 00:00:02.133000000; 0 when it says nothing."""
    try:
        hours, minutes, seconds = text.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except ValueError:
        return 0.0
