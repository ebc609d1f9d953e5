"""Messages about videos whose frames cannot be numbered."""

import re
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np

from microgesture.provenance.errors import BadInput
from microgesture.videos.decoding import index_frames
from microgesture.videos.encoding import write_video
from tests.errors.case import Case
from tests.videos import made_videos

CHAPTER = "Videos"


def numbered(name: str, make: Callable[[Path], object]) -> Callable[[Path], None]:
    """Numbers the frames of what `make` writes. Sizes in bytes, which encoders differ in, are N."""

    def ask(folder: Path) -> None:
        make(folder / name)
        try:
            index_frames(folder / name)
        except BadInput as error:
            raise BadInput(re.sub(r"(has|need) \d+\b(?! x)", r"\1 N", str(error))) from error

    return ask


def good(path: Path, width: int = 64) -> bytes:
    """A healthy mp4 of 40 frames; returns its bytes."""
    frames = (np.full((48, width, 3), 5 * number, np.uint8) for number in range(40))
    write_video(path, frames, 25.0)
    return path.read_bytes()


def copied(path: Path, container: str, width: int = 64) -> bytes:
    """The bytes of such a video, packet by packet in another container."""
    good(path.with_suffix(".mp4"), width)
    target = path.with_suffix(".copy")
    before = path.with_suffix(".mp4")
    with av.open(str(before)) as source, av.open(str(target), "w", format=container) as copy:
        stream = source.streams.video[0]
        written = copy.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.size:
                packet.stream = written
                copy.mux(packet)
    return target.read_bytes()


def cut_short(path: Path) -> None:
    path.write_bytes(good(path)[:-5])


def twice(path: Path) -> None:
    path.write_bytes(2 * copied(path, "mpegts"))


def of_two_sizes(path: Path) -> None:
    path.write_bytes(copied(path, "h264") + copied(path, "h264", 96))


def without_a_picture(path: Path) -> None:
    """An AVI file in which one picture of its index is overwritten."""
    made_videos.write_video(path, codec="mpeg4")
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        entry = container.streams.video[0].index_entries[20]
    data[entry.pos : entry.pos + entry.size] = bytes(entry.size)
    path.write_bytes(data)


CASES = [
    Case("A recording behind another in one file", numbered("two takes.ts", twice)),
    Case("A picture that changes its size", numbered("int01.h264", of_two_sizes)),
    Case("A lost picture", numbered("int01.avi", without_a_picture)),
    Case("A video that is cut short (N: numbers of bytes)", numbered("int01.mp4", cut_short)),
    Case("A video without a byte", numbered("int01.mp4", lambda path: path.write_bytes(b""))),
    Case("A text called a video", numbered("int01.mp4", lambda path: path.write_text("no video\n"))),
    Case("A folder called a video", numbered("int01.mp4", Path.mkdir)),
    Case("No file of that name", numbered("int01.mp4", lambda path: None)),
]  # fmt: skip
