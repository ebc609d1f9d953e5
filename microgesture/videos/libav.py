"""The pictures of a video through PyAV, in the order in which a player shows them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from microgesture.provenance.errors import BadInput

_ROW_STEP = 16


def check_file(path: Path) -> None:
    """`BadInput` for a missing file, a folder and an empty file."""
    if not path.exists():
        raise BadInput(f"{path}: no such file; check the path column of videos.tsv")
    if not path.is_file():
        raise BadInput(f"{path}: is a folder, not a video file; name the file itself")
    if path.stat().st_size == 0:
        raise BadInput(f"{path}: the file is empty; copy or download it again")


@contextmanager
def opened_stream(path: str | Path) -> Iterator[tuple[av.container.InputContainer, av.VideoStream]]:
    """The container and its video stream, one decoder thread; `BadInput` for what is no video."""
    path = Path(path)
    check_file(path)
    unreadable = BadInput(
        f"{path}: not a readable video (no video stream, cut short, or another kind of file); "
        f"copy it again or convert it, e.g. ffmpeg -i INPUT -c:v libx264 OUTPUT.mp4"
    )
    try:
        # "file:", so that a name like "a:b.mp4" is not taken for an address.
        container = av.open(f"file:{path}", metadata_errors="replace")
    except (av.FFmpegError, OSError, ValueError) as error:
        raise unreadable from error
    with container:
        stream = container.streams.best("video")
        if stream is None or stream.codec_context is None:
            raise unreadable
        # Workers run side by side, so more threads would only fight; one also decodes in order.
        stream.thread_type = "NONE"
        stream.codec_context.thread_count = 1
        yield container, stream


def decoded_frames(
    container: av.container.InputContainer,
    stream: av.VideoStream,
    on_packet: Callable[[av.Packet], None] = lambda packet: None,
    on_fault: Callable[[str], None] = lambda reason: None,
) -> Iterator[av.VideoFrame]:
    """Every shown frame from the container's position on.

    on_packet sees every packet, also empty ones (a picture that a camera dropped); on_fault is told
    of each packet that cannot be decoded and of an end before the file's, and may raise.
    """
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except (av.FFmpegError, OSError) as error:
            on_fault(f"the file cannot be read further ({error.strerror or error})")
            packet = None
        if packet is not None and (packet.size or packet.dts is not None):
            on_packet(packet)
        if packet is not None and packet.size == 0:
            continue  # to the decoder an empty packet would be the end
        try:
            yield from stream.codec_context.decode(packet)
        except av.EOFError:
            pass
        except (av.FFmpegError, OSError) as error:
            on_fault(f"a picture cannot be decoded ({error.strerror or error})")
        if packet is None:
            return


def checksum(frame: av.VideoFrame) -> int:
    """CRC-32 of every 16th row of the first plane as decoded: cheap, alike in every pass."""
    plane = frame.planes[0]
    rows = np.frombuffer(plane, dtype=np.uint8).reshape(plane.height, -1)
    return crc32(np.ascontiguousarray(rows[::_ROW_STEP, : frame.width]))


def quarter_turns(frame: av.VideoFrame) -> int:
    """Quarter turns to the left that set the picture upright."""
    return round(frame.rotation / 90) % 4


class RgbConverter:
    """Upright RGB arrays of frames; keeps libav's converter from picture to picture."""

    def __init__(self):
        self._reformatter = VideoReformatter()

    def __call__(self, frame: av.VideoFrame) -> np.ndarray:
        """uint8 (H, W, 3) RGB of its own memory."""
        turns = quarter_turns(frame)
        image = self._reformatter.reformat(frame, format="rgb24", threads=1).to_ndarray()
        return np.ascontiguousarray(np.rot90(image, turns)) if turns else image
