"""Stores of many made-up clips, written quickly and read by the code that reads real ones."""

from pathlib import Path

import numpy as np
import pandas as pd

from bench.clips import seated_person
from microgesture.stores.files import created
from microgesture.stores.sequences import KIND, Sequence, open_sequence

BATCHES, CLASSES, SIDE = 64, 10, 480.0
_LOOP = 997  # frames that a made-up person's motion takes to come again: no clip is like another
_PART = 1 << 14  # frames written at once


def write_skeletons(folder: Path, clips: int, frames: int, layout: str = "h68") -> dict[str, list]:
    """Clips of a seated person, one behind the other in a video a batch, uncompressed as
    clean_keypoints writes them. Returns the stores by kind, as `load_clips` takes them. Every
    clip is a training clip."""
    generator = np.random.default_rng(0)
    loop = seated_person(_LOOP, generator, layout)
    loop[..., :2] *= SIDE
    for kind in ("skeletons", "saliency"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    tables, stores = [], {"clips": [], "skeletons": [], "saliency": [], "rgb": []}
    shares = [part for part in np.array_split(np.arange(clips), BATCHES) if len(part)]
    for number, share in enumerate(shares):
        batch, length = f"b{number}", len(share) * frames
        begins = np.arange(len(share)) * frames
        table = pd.DataFrame({"clip": [f"c{clip:06d}" for clip in share]})
        table = table.assign(video=f"v{number}", batch=batch, subject=f"s{number}")
        table = table.assign(start=begins, end=begins + frames - 1, split="train")
        tables.append(table.assign(label=share % CLASSES))
        sides = {"x0": 0.0, "y0": 0.0, "x1": SIDE, "y1": SIDE, "person_frames": frames}
        motion = generator.random((len(share), frames), np.float32)
        saliency = folder / "saliency" / f"{batch}.parquet"
        table[["clip"]].assign(**sides, motion=list(motion)).to_parquet(saliency)
        store = folder / "skeletons" / f"{batch}.h5"
        _write_video(store, f"v{number}", loop, length, layout)
        stores["saliency"].append(str(saliency))
        stores["skeletons"].append(str(store))
    pd.concat(tables, ignore_index=True).to_parquet(folder / "clips.parquet")
    return {**stores, "clips": [str(folder / "clips.parquet")]}


def _write_video(path: Path, video: str, loop: np.ndarray, length: int, layout: str) -> None:
    facts = Sequence(loop[:, :0], np.ones(0, bool), layout, int(SIDE), int(SIDE), 25.0)
    with created(path, KIND) as file:
        shape = (1, length, *loop.shape[2:])
        write = open_sequence(file, video, facts, np.ones(length, bool), shape, packed=False)
        for first in range(0, length, _PART):
            write(first, loop[:, np.arange(first, min(first + _PART, length)) % _LOOP])
