"""What is said of a video that cannot be numbered, with the command that makes one that can."""

import shlex
from fractions import Fraction
from pathlib import Path

from microgesture.provenance.errors import BadInput


def repair_command(path: Path, rate: Fraction | None, even: bool, count: bool = False) -> str:
    """The ffmpeg line that writes a whole, plainly numbered copy beside `path`.

    rate: the constant rate of the file; a picture that is lost is then filled with the one before,
    so that the others keep their places. None: the time stamps are kept as they are. count: the
    time stamps are of no use, frames follow each other at `rate`. even: both sides of the picture
    are even.
    """
    output = path.with_name(f"{path.stem}_repaired.mp4")
    if count and rate:
        timing = ["-vf", f"setpts=N/({rate}*TB)", "-r", str(rate)]
    elif rate:
        timing = ["-fps_mode", "cfr", "-r", str(rate)]
    else:
        timing = ["-fps_mode", "passthrough", "-enc_time_base", "1:90000"]
    prefix = "file:" if ":" in str(path) else ""  # else ffmpeg reads an address
    words = [
        "ffmpeg",
        "-i",
        f"{prefix}{path}",
        "-map",
        "0:v:0",
        *timing,
        "-c:v",
        "libx264",
        "-crf",
        "18",
    ]
    words += ["-pix_fmt", "yuv420p" if even else "yuv444p", f"{prefix}{output}"]
    return shlex.join(words)


def refusal(path: Path, wrong: str, advice: str, command: str) -> BadInput:
    """One line: what is wrong, why that matters, what to type."""
    return BadInput(f"{path}: {wrong}. {advice}: {command}")
