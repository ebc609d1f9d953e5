"""Writing H.264 mp4 files, byte for byte the same for the same frames."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole


def write_video(
    path: str | Path,
    frames: Iterable[np.ndarray],
    fps: float,
    crf: float = 26.0,
    preset: str = "superfast",
    key_frame_seconds: float = 2.0,
) -> int:
    """Write RGB frames to an mp4 that any player opens; returns the number of frames.

    `frames`: uint8 (H, W, 3), all of one size, H and W even (4:2:0 chroma). `crf` is x264's
    quality: 18 is hard to tell from the original, 26 shows compression in noise, 51 is the worst.
    Key frames come every `key_frame_seconds`, so that a reader may seek cheaply. One encoder
    thread, no time stamps or encoder names in the container: two runs give identical bytes with
    the same libraries. The file appears under `path` only when it is complete.

    Raises BadInput for no frame at all, odd sizes, frames of different sizes or of another type.
    """
    path = Path(path)
    rate = Fraction(fps).limit_denominator(1001)
    count, shape = 0, None
    with written_whole(path) as temporary, av.open(
        str(temporary), "w", format="mp4", options={"fflags": "+bitexact", "movflags": "+faststart"}
    ) as container:  # fmt: skip
        stream = None
        for image in frames:
            if stream is None:
                shape = image.shape
                if len(shape) != 3 or shape[2] != 3 or shape[0] % 2 or shape[1] % 2:
                    raise BadInput(
                        f"{path}: frames of shape {shape} cannot become an H.264 video; give "
                        "(height, width, 3) with even height and width"
                    )
                stream = container.add_stream("libx264", rate=rate)
                stream.width, stream.height = shape[1], shape[0]
                stream.pix_fmt = "yuv420p"
                stream.codec_context.thread_count = 1
                stream.codec_context.options = {
                    "crf": f"{crf:g}",
                    "preset": preset,
                    "flags": "+bitexact",
                    "g": str(max(1, round(key_frame_seconds * fps))),
                    "sc_threshold": "0",
                    # macroblock-tree rate control differs from run to run with AVX-512
                    "mbtree": "0",
                }
            if image.shape != shape or image.dtype != np.uint8:
                raise BadInput(
                    f"{path}: frame {count} has shape {image.shape} and type {image.dtype}; all "
                    f"frames must be uint8 of shape {shape}"
                )
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts = count
            frame.time_base = 1 / rate
            container.mux(stream.encode(frame))
            count += 1
        if stream is None:
            raise BadInput(f"{path}: a video needs at least one frame; none was given")
        container.mux(stream.encode())
    return count
