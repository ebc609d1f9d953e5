"""From window logits of generated videos to segments and their F1, background and all."""

import numpy as np
import pandas as pd
import pytest

from microgesture.metrics.segments import SEGMENT_METRICS, collect_segment_sums, segment_score
from microgesture.segments.background import fit_heads, window_probabilities
from microgesture.segments.frame_probabilities import average_over_windows, without_background
from microgesture.segments.segment_table import segments_of
from microgesture.segments.smoothing import gaussian_smoothed, threshold_labels
from microgesture.segments.temporal_network import (
    TemporalSettings,
    temporal_probabilities,
    train_temporal_network,
)
from microgesture.segments.viterbi import shortest_lengths, viterbi_labels
from microgesture.segments.windows import (
    UNKNOWN,
    covered_frames,
    frame_labels,
    label_windows,
    make_windows,
    overlaps,
)

CLASSES, FPS, FRAMES = 4, 15.0, 450
SPLITS = {"train": 8, "val": 3, "test": 6}


def generate(seed=0):
    """(videos, clips, windows, logits (1, N, K), features (N, 3)) with gestures in a third of the
    time. A window's logits favour the class that it shares most frames with, in proportion; idle
    windows say anything, rather flat, and their features tell a little."""
    generator = np.random.default_rng(seed)
    videos, clips = [], []
    for split, count in SPLITS.items():
        for number in range(count):
            video = f"{split}{number}"
            videos.append((video, split, f"person {video}", FPS))
            at = int(generator.integers(10, 50))
            while at < FRAMES - 50:
                length = int(generator.integers(15, 40))
                clips.append((video, at, at + length - 1, int(generator.integers(CLASSES)), split))
                at += length + int(generator.integers(25, 80))
    videos = pd.DataFrame(videos, columns=["video", "split", "group", "fps"])
    clips = pd.DataFrame(clips, columns=["video", "start", "end", "label", "split"])
    windows = make_windows(dict.fromkeys(videos["video"], FRAMES), [16, 32])
    logits = generator.normal(0, 1.2, (1, len(windows), CLASSES))
    features = generator.normal(0, 0.6, (len(windows), 3))
    for video, part in windows.groupby("video"):
        own = clips[clips["video"] == video]
        shared = overlaps(part["start"], part["end"], own) / part["length"].to_numpy()[:, None]
        for label in range(CLASSES):
            share = shared[:, (own["label"] == label).to_numpy()].sum(axis=1)
            logits[0, part.index, label] += 5 * share
        features[part.index, 0] += 1.5 * shared.sum(axis=1)
    return videos, clips, windows, logits, features


@pytest.fixture(scope="module")
def world():
    videos, clips, windows, logits, features = generate()
    split = windows["video"].map(dict(zip(videos["video"], videos["split"])))
    seen = clips[clips["split"] != "test"]
    labels = label_windows(windows, seen, seen["video"].unique(), CLASSES)
    heads = fit_heads(
        windows, logits, features, labels, temperatures=np.ones(1),
        training=(split == "train").to_numpy(), validation=(split == "val").to_numpy(),
    )  # fmt: skip
    values = window_probabilities(heads, windows, logits, features)
    frames = {
        video: average_over_windows(part, values[part.index], FRAMES)
        for video, part in windows.groupby("video")
    }
    return videos, clips, frames


def f1(world, decode, name="f1_0.3"):
    """Of the test videos; decode: (video, probabilities) -> labels."""
    videos, clips, frames = world
    videos = videos[videos["split"] == "test"]
    truth = clips[clips["split"] == "test"]
    labels = {video: decode(video, frames[video]) for video in videos["video"]}
    found = pd.concat(
        segments_of(video, own, frames[video], fps=FPS, shortest_seconds=0.3)
        for video, own in labels.items()
    )
    pairs = {
        video: (frame_labels(truth[truth["video"] == video], FRAMES, CLASSES), labels[video])
        for video in videos["video"]
    }
    sums = collect_segment_sums(found, truth, videos, pairs, CLASSES)
    return segment_score(sums, SEGMENT_METRICS[name])


def shortest(world):
    clips = world[1]
    return shortest_lengths(clips[clips["split"] == "train"], CLASSES, background=5)


def test_background_is_worth_more_than_anything(world):
    least = shortest(world)
    whole = f1(world, lambda _, p: viterbi_labels(p, least, switch_cost=2.0))
    forced = f1(
        world, lambda _, p: threshold_labels(gaussian_smoothed(without_background(p), 4.0), 0.0)
    )
    assert whole > 0.8
    assert forced < whole - 0.3


def test_shortest_lengths_beat_single_frames(world):
    least, generator = shortest(world), np.random.default_rng(1)
    rough = {}
    for video, values in world[2].items():
        shaken = values * np.exp(generator.normal(0, 1.5, values.shape))
        rough[video] = shaken / shaken.sum(axis=1, keepdims=True)

    def of(decode, name):
        return f1((world[0], world[1], rough), lambda _, p: decode(p), name)

    def decoded(p):
        return viterbi_labels(p, least, switch_cost=6.0)

    for name in ("edit", "f1_0.3"):
        assert of(decoded, name) > of(threshold_labels, name) + 0.15


def test_the_temporal_network_finds_them_too(world):
    videos, clips, frames = world

    def part(split):
        names = videos.loc[videos["split"] == split, "video"]
        known = [frame_labels(clips[clips["video"] == v], FRAMES, CLASSES) for v in names]
        return [np.log(np.clip(frames[v], 1e-6, 1)) for v in names], known

    network = train_temporal_network(
        *part("train"), CLASSES, TemporalSettings(width=16, layers=5, epochs=25),
        validation=part("val"),
    )  # fmt: skip
    found = {
        v: temporal_probabilities(network, np.log(np.clip(frames[v], 1e-6, 1))) for v in frames
    }
    least = shortest(world)
    assert f1(world, lambda v, _: viterbi_labels(found[v], least, switch_cost=1.0)) > 0.75


def test_labels_of_test_videos_are_not_needed():
    _, clips, windows, _, _ = generate()
    seen = clips[clips["split"] != "test"]
    labels = label_windows(windows, seen, seen["video"].unique(), CLASSES)
    assert (labels[windows["video"].str.startswith("test")] == UNKNOWN).all()
    share = np.mean([covered_frames(own, FRAMES).mean() for _, own in clips.groupby("video")])
    assert 0.2 < share < 0.5
