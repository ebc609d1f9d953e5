"""Cleaning part by part: the numbers of the whole, bit for bit, and no more memory for longer."""

import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from microgesture.pose.cleaning import CleaningSettings, clean_and_count, clean_in_parts
from microgesture.stores.sequences import Sequence

MEMORY = """
import resource, sys
import numpy as np
from microgesture.pose.cleaning import CleaningSettings, clean_in_parts
from tests.pose.test_cleaning_in_parts import empty
frames = int(sys.argv[1])
def read(first, last):
    return np.full((1, last - first + 1, 17, 3), 50, np.float32)
clean_in_parts(read, empty(17), np.ones(frames, bool), (1, frames, 17, 3), "coco17",
               CleaningSettings(), lambda first, points: None)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def made(frames, dims=2, seed=0):
    """A person who moves, with jitter, leaps, gaps of all lengths, absurd points and empty frames."""
    rng = np.random.default_rng(seed)
    path = np.cumsum(rng.normal(0, 1.5, (1, frames, 1, dims)), axis=1)
    rest = rng.uniform(80, 200, (1, 1, 17, dims))
    points = path + rest + rng.normal(0, 0.7, (1, frames, 17, dims))
    points[rng.random(points.shape[:3]) < 0.01] += 150
    points[rng.random(points.shape[:3]) < 0.003] = 1e8
    score = rng.uniform(0, 1, (*points.shape[:3], 1))
    for joint in range(17):  # gaps
        for start in rng.integers(0, frames, frames // 40):
            score[0, start : start + rng.integers(1, 14), joint] = 0
    present = rng.random(frames) > 0.02
    points = np.concatenate([points, score], -1).astype(np.float32)
    points[score[..., 0] == 0] = 0
    size = (320, 240) if dims == 2 else (0, 0)
    return Sequence(points, present, "coco17", *size, 25.0)


def empty(joints):
    points = np.zeros((1, 0, joints, 3), np.float32)
    return Sequence(points, np.zeros(0, bool), "coco17", 320, 240, 25.0)


@pytest.mark.parametrize("frames_at_once", [1, 7, 64, 299, 300, 1000])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"smoothing": "median", "longest_gap": 3},
        {"smoothing": "none", "outlier_window": 9, "longest_gap": 0},
    ],
)
def test_parts_give_the_whole(frames_at_once, settings):
    sequence, numbers = made(300), CleaningSettings(**settings)
    whole, counts = clean_and_count(sequence, "coco17", numbers)
    assert min(asdict(counts).values()) > 0 or not settings or settings["longest_gap"] == 0
    parts, firsts = [], []

    def write(first, points):
        firsts.append(first)
        parts.append(points)

    found = clean_in_parts(
        lambda first, last: sequence.points[:, first : last + 1],
        empty(17),
        sequence.present,
        sequence.points.shape,
        "coco17",
        numbers,
        write,
        frames_at_once,
    )
    assert found == counts
    assert firsts == list(range(0, 300, frames_at_once))
    joined = np.concatenate(parts, axis=1)
    assert joined.dtype == np.float32 and joined.tobytes() == whole.points.tobytes()


def test_metres_are_judged_by_the_whole():
    sequence, asked = made(90, dims=3), []
    clean_in_parts(
        lambda first, last: asked.append((first, last)) or sequence.points[:, first : last + 1],
        Sequence(sequence.points[:, :0], np.zeros(0, bool), "coco17", 0, 0, 25.0),
        sequence.present,
        sequence.points.shape,
        "coco17",
        CleaningSettings(),
        lambda first, points: None,
        10,
    )
    assert asked == [(0, 89)]


def test_memory_does_not_grow_with_the_length():
    def used(frames):
        command = [sys.executable, "-c", MEMORY, str(frames)]
        root = Path(__file__).parents[2]
        return int(subprocess.run(command, capture_output=True, text=True, cwd=root).stdout)

    short, long = used(8_000), used(80_000)  # the whole of the latter: some hundred MiB more
    assert long < short + 30
