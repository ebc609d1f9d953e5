"""Bytes and speed of the stored RGB crops: raw, and JPEG at some qualities, by one worker.

`OMP_NUM_THREADS=1 python -m bench.picture_encoding` prints the table. The pictures are crops of the
demo's rendered people with the noise of a camera; a network reads 16 of a clip's 32 at a time.
"""

import tempfile
from pathlib import Path

import cv2
import numpy as np

from bench.timing import measure, table
from microgesture.demo.render import prepare_video
from microgesture.stores.files import created
from microgesture.stores.rgb import KIND, RgbStore, put_rgb_clip
from microgesture.videos.cropping import crop_square

SIZE, FRAMES, READ = 256, 32, 16
QUALITIES = (0, 80, 90, 95)


def pictures():
    """uint8 (FRAMES, SIZE, SIZE, 3) of a rendered person."""
    _, _, renderer = prepare_video("s17", {"width": 640, "height": 480})
    frames = [renderer.draw(2 * number) for number in range(FRAMES)]
    return np.stack([crop_square(frame, (160, 60, 480, 380), SIZE) for frame in frames])


def bench_picture_encoding():
    """Lines of the report."""
    cv2.setNumThreads(1)
    whole, chosen = pictures(), np.arange(0, FRAMES, FRAMES // READ)
    with tempfile.TemporaryDirectory() as folder:
        stores, sizes = {}, {}
        for quality in QUALITIES:
            path = Path(folder) / f"{quality}.h5"
            with created(path, KIND) as file:
                put_rgb_clip(file, "clip", whole, np.arange(FRAMES), quality)
            stores[quality], sizes[quality] = RgbStore(path), path.stat().st_size
        taken = measure(
            {str(q): lambda q=q: stores[q].read("clip", chosen) for q in QUALITIES}, repeats=15
        )
        errors = {q: np.abs(stores[q].read("clip").astype(int) - whole).mean() for q in QUALITIES}
    rows = [
        [
            f"JPEG, quality {quality}" if quality else "raw",
            f"{sizes[quality] / 2**20:.2f}",
            f"{sizes[quality] * 100_000 / 2**30:.0f}",
            f"{1000 / taken[str(quality)][1]:.0f}",
            f"{errors[quality]:.2f}",
        ]
        for quality in QUALITIES
    ]
    head = ["a clip of 32 crops, 256 x 256", "MiB", "GiB for 100,000 clips"]
    return table([*head, "clips a processor second, 16 crops read", "mean error (levels)"], rows)


if __name__ == "__main__":
    print("\n".join(bench_picture_encoding()))
