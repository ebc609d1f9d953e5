"""How long a training step takes: the training loop itself, on clips made on the spot."""

import itertools
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from bench.clips import seated_person
from bench.recognisers import CLASSES, Entry, build
from microgesture.datasets.clips import Clips, RgbClips
from microgesture.datasets.streams import SKELETON_STREAMS
from microgesture.stores.rgb import RgbStore, write_rgb_clips
from microgesture.training.device import make_accelerator
from microgesture.training.loop import train
from microgesture.training.modality import class_vectors
from microgesture.training.recogniser import Recogniser

CROP_SHARE = 224 / 256  # side that the network sees over the side of a stored crop
FEWEST, MOST = 2, 7  # timed steps


@dataclass(frozen=True)
class StepTime:
    """seconds: median processor time of a step, on one thread the wall time of a free core.
    steps: how many were timed. core: processor time over wall time of all of them. precision:
    "float32" or "bf16"."""

    seconds: float
    steps: int
    core: float
    precision: str


def time_step(entry: Entry, *, budget: float = 3.0) -> StepTime:
    """Train a recogniser on one batch, again and again, on one CPU thread.

    A step is all that the loop does: sampling, augmentation, streams, forward, losses, backward,
    gradient clip, optimiser. The first step warms up; then at least FEWEST and at most MOST are
    timed, none of them begun after `budget` seconds but for the fewest.
    """
    settings = {
        **entry.complete,
        "epochs": MOST + 1,  # of one batch each
        "batch_size": entry.batch,
        "repeats": 1,
        "learning_rate": 1e-4,  # the clips say nothing, and the loss must stay finite
    }
    torch.manual_seed(0)
    accelerator = make_accelerator(False, settings["precision"])
    labels = [f"class {number}" for number in range(CLASSES)]
    recogniser = Recogniser(
        build(entry),
        CLASSES,
        settings,
        vectors=class_vectors(settings, labels, seed=0),
        skeleton=entry.streams[0] in SKELETON_STREAMS,
    )
    moments: list[tuple[float, float]] = []

    def stop(epoch: int) -> bool:
        moments.append((time.perf_counter(), time.process_time()))
        return epoch > FEWEST and moments[-1][0] - moments[0][0] >= budget

    with made_clips(entry) as clips:
        train(
            recogniser,
            clips,
            np.arange(len(clips)),
            np.empty(0, np.int64),
            entry.streams,
            settings,
            accelerator,
            counts=np.ones(CLASSES, np.int64),
            seed=0,
            stop=stop,
        )
    steps = [after[1] - before[1] for before, after in itertools.pairwise(moments)]
    core = sum(steps) / (moments[-1][0] - moments[0][0])
    precision = "bf16" if accelerator.mixed_precision == "bf16" else "float32"
    return StepTime(statistics.median(steps), len(steps), core, precision)


@contextmanager
def made_clips(entry: Entry) -> Iterator[Clips]:
    """One batch of labelled training clips: a seated person who moves, and pictures of noise."""
    settings, count = entry.complete, entry.batch
    generator = np.random.default_rng(0)
    names = [f"clip{number}" for number in range(count)]
    length = max(settings["frames"], settings["rgb_frames"])
    points, rgb = [], None
    if any(stream != "rgb" for stream in entry.streams):
        points = [seated_person(length, generator, entry.layout.name) for _ in names]
    with tempfile.TemporaryDirectory() as folder:
        if "rgb" in entry.streams:
            path, frames = Path(folder) / "rgb.h5", settings["rgb_frames"]
            side = round(settings["rgb_size"] / CROP_SHARE)
            pictures = generator.integers(0, 256, (count, frames, side, side, 3), np.uint8)
            positions = np.arange(frames) * length // frames
            write_rgb_clips(path, zip(names, pictures, [positions] * count))
            store = RgbStore(path)
            rgb = RgbClips([store] * count, names, settings["cache_megabytes"])
            store.close()
        yield Clips(
            layout=entry.layout,
            clips=names,
            splits=["train"] * count,
            labels=np.arange(count) % CLASSES,
            weights=np.ones(count, np.float32),
            lengths=np.full(count, length),
            points=points,
            rgb=rgb,
        )
