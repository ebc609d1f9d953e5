"""What a job needs, from what the sheets know before it runs: main memory in MB, time in minutes.

Both are asked of a scheduler, so they err on the large side, and both grow with the attempt: a job
that was ended for want of memory or time asks for twice, then three times as much. They are no part
of what a job is made from. A site writes its own figures with `set-resources` in its profile.
"""

import math
import os
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pandas as pd

# Rates on slow machines: one core, no GPU (docs/benchmarks.md has those of a fast one).
POSE_FRAMES_A_SECOND = 8.0
DECODED_FRAMES_A_SECOND = 60.0
CLEANED_FRAMES_A_SECOND = 400.0
MAGNIFIED_PIXELS_A_SECOND = 5e5
SAMPLES_A_SECOND = 2.0  # of the slowest network, forward and backward
# A frame of compressed video is seldom smaller: file sizes tell how many frames there are at most.
BYTES_A_FRAME = 2_000
MAGNIFIED_FRAMES = 300  # of a long clip, held at once
LIBRARIES_MB = 1_500  # what Python and its libraries hold before any data
NETWORK_MB = 4_000  # weights, optimiser, activations of a step on the CPU
LEAST_MINUTES, MOST_MINUTES = 30, 7 * 24 * 60


def grown(amount: float | Callable, most: float = math.inf) -> Callable:
    """A resource for Snakemake: `amount` (or what it gives for the wildcards) times the attempt,
    at most `most`, as a whole number."""

    def resource(wildcards, attempt: int) -> int:
        base = amount(wildcards) if callable(amount) else amount
        return math.ceil(min(base * attempt, most))

    return resource


def minutes(amount: float | Callable) -> Callable:
    """As `grown`, for minutes: at least half an hour, at most a week."""

    def bounded(wildcards) -> float:
        base = amount(wildcards) if callable(amount) else amount
        return min(max(base, LEAST_MINUTES), MOST_MINUTES)

    return grown(bounded, MOST_MINUTES)


def frames_of_clips(clips: pd.DataFrame) -> int:
    """Frames of all clips together. clips: start, end (inclusive)."""
    return int((clips["end"] - clips["start"] + 1).sum())


def frames_of_videos(clips: pd.DataFrame, paths: Iterable[str]) -> int:
    """Frames that some videos have at most: what their clips reach to, or what their files' sizes
    allow. clips: video, end. paths: of the videos; one that is not there yet counts nothing."""
    last: dict[str, int] = {}  # a plan asks for thousands of videos: a groupby each takes seconds
    for video, end in zip(clips["video"].tolist(), clips["end"].tolist()):
        last[video] = max(last.get(video, -1), end)
    reached = sum(end + 1 for end in last.values())
    return max(reached, sum(map(_size, {path for path in paths if path})) // BYTES_A_FRAME)


@cache
def _size(path: str) -> int:
    """Bytes of a file, 0 where there is none; asked once, since three rules ask for each video."""
    return os.path.getsize(path) if Path(path).is_file() else 0


def pose_minutes(frames: int) -> float:
    """Time of the pose stage."""
    return frames / POSE_FRAMES_A_SECOND / 60


def cleaning_minutes(frames: int) -> float:
    """Time of the cleaning."""
    return frames / CLEANED_FRAMES_A_SECOND / 60


def decoding_minutes(frames: int, settings: dict | None = None) -> float:
    """Time of decoding and cropping, and of magnifying motion where the settings ask for it."""
    seconds = frames / DECODED_FRAMES_A_SECOND
    if is_magnified(settings or {}):
        seconds += frames * settings["size"] ** 2 / MAGNIFIED_PIXELS_A_SECOND
    return seconds / 60


def decoding_megabytes(settings: dict, overlapping: int = 8) -> float:
    """Memory of decoding and cropping: the clips under way at once, and the decoder's."""
    clip = settings["frames_per_clip"] * settings["size"] ** 2 * 3 / 2**20
    if is_magnified(settings):  # all frames of a clip, and the pyramids within the filter's reach
        clip = max(clip, MAGNIFIED_FRAMES * settings["size"] ** 2 * 3 / 2**20)
        clip += MAGNIFIED_FRAMES * settings["size"] ** 2 * 64 / 2**20 / overlapping
    return LIBRARIES_MB + 1_000 + overlapping * clip


def is_magnified(settings: dict) -> bool:
    """Whether settings of decode_rgb ask for motion magnification."""
    return bool((settings.get("magnification") or {}).get("factor"))


def skeleton_megabytes(frames: int, joints: int, channels: int, persons: int = 1) -> float:
    """Memory of the skeletons of clips: float32 coordinates and score of every joint."""
    return frames * joints * channels * persons * 4 / 2**20


def learning_megabytes(
    clips: pd.DataFrame, streams: Iterable[str], settings: dict, joints: int, processes: int = 1
) -> float:
    """Memory of training or predicting with these clips: in every process the libraries, the step,
    the motion of the clips and the RGB crops that are kept (`cache_megabytes`); and once for all
    processes the skeletons, which the system keeps of their mapped stores."""
    streams, frames = tuple(streams), frames_of_clips(clips)
    own, shared = frames * 4 / 2**20, 0.0
    if any(stream != "rgb" for stream in streams):
        shared = skeleton_megabytes(frames, joints, 4, settings.get("persons", 1))
    if "rgb" in streams:
        own += settings.get("cache_megabytes", 2048)
    workers = settings.get("loader_workers", 0) * 300
    return processes * (LIBRARIES_MB + NETWORK_MB + 1.3 * own + workers) + shared


def training_minutes(clips: pd.DataFrame, settings: dict) -> float:
    """Time of a training: every clip once in each repeat and epoch, and a look at it afterwards."""
    epochs = settings.get("epochs", 30) + settings.get("classifier_retraining", {}).get("epochs", 0)
    samples = len(clips) * epochs * settings.get("repeats", 1)
    if settings.get("steps"):  # and at most one epoch more
        samples = settings["steps"] * settings.get("batch_size", 16) + len(clips)
    return samples * 1.2 / SAMPLES_A_SECOND / 60


def predicting_minutes(clips: pd.DataFrame, settings: dict) -> float:
    """Time of a prediction: every clip in every view, and its mirror image."""
    views = settings.get("test_clips", 1) * (2 if settings.get("test_flip") else 1)
    return len(clips) * views / (3 * SAMPLES_A_SECOND) / 60
