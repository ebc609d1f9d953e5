"""What motion magnification costs: milliseconds of a clip and of a frame, by the pictures' size.

    python -m bench.magnification

Noise moves nowhere in particular; the cost does not go by what is seen.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402

from bench.timing import describe_machine, measure, table  # noqa: E402
from microgesture.videos.magnification import magnify  # noqa: E402
from microgesture.videos.magnification_settings import Magnification  # noqa: E402

FPS, FRAMES, BAND = 25.0, 50, Magnification(5.0, 1.5, 6.0)


def bench_magnification(sizes=(96, 112, 224), repeats=3):
    """Lines of the report: clips of two seconds."""
    generator = np.random.default_rng(0)
    rows = []
    for size in sizes:
        clip = generator.integers(0, 256, (FRAMES, size, size, 3), dtype=np.uint8)
        taken = measure({"": lambda clip=clip: list(magnify(clip, FRAMES, FPS, BAND, ""))}, repeats)
        wall, processor = taken[""]
        rows.append([f"{size} x {size}", f"{wall:.0f}", f"{processor:.0f}", f"{wall / FRAMES:.1f}"])
    return table([f"{FRAMES} frames", "ms a clip", "of processor", "ms a frame"], rows)


if __name__ == "__main__":
    print(describe_machine(), "", *bench_magnification(), sep="\n")
