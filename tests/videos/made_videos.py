"""Small videos made at test time: every frame says its own number by its brightness."""

import os
from pathlib import Path

import av
import numpy as np

FOOTAGE = Path(
    os.environ.get(
        "MICROGESTURE_FOOTAGE",
        Path(__file__).resolve().parents[3] / "shared" / "data" / "footage",
    )
)


def write_video(
    path, frames=40, width=96, height=64, codec="libx264", gop=12, options=None, times=None
):
    """Encode frames whose brightness is 5 x their number, and a white square wandering right.

    options: of the container; times: presentation times in ms (a variable frame rate).
    """
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.gop_size, stream.bit_rate = gop, 4_000_000
        if times is not None:
            from fractions import Fraction

            stream.codec_context.time_base = Fraction(1, 1000)
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(number, width, height), format="rgb24")
            if times is not None:
                frame.pts = times[number]
                frame.time_base = stream.codec_context.time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def picture(number, width=96, height=64):
    """The frame before encoding, uint8 (height, width, 3)."""
    image = np.full((height, width, 3), 5 * number % 256, dtype=np.uint8)
    left = 2 * number % (width - 8)
    image[8:16, left : left + 8] = 255
    return image


def number_of(frame):
    """The number that a decoded frame carries in its lower half."""
    half = frame[frame.shape[0] // 2 :]
    return round(float(half.mean()) / 5)
