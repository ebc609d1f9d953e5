"""The whole way from windows to the page, on small generated videos."""

import numpy as np
import pandas as pd
import pytest

from bench.untrimmed_outputs import STREAMS, Outputs
from bench.untrimmed_page import page
from bench.untrimmed_variants import FORCED, WHOLE, Bench, run_variants
from bench.untrimmed_videos import FPS, Untrimmed
from microgesture.metrics.segments import SEGMENT_METRICS, segment_score
from microgesture.segments.windows import make_windows, overlaps
from microgesture.stores.sequences import Sequence

NAMES = ["nod", "wave", "rub"]
PEOPLE = {"01": "train", "03": "train", "09": "val", "02": "test", "04": "test"}


@pytest.fixture(scope="module")
def generated():
    """(Untrimmed, Outputs): logits say which gesture fills a window, and anything where none does."""
    generator = np.random.default_rng(0)
    videos, clips, sequences = [], [], {}
    for subject, split in PEOPLE.items():
        video, frames = f"s{subject}_e01", 360
        videos.append((video, subject, split, FPS, frames))
        points = np.ones((1, frames, 20, 4), np.float32)
        sequences[video] = Sequence(points, np.ones(frames, bool), "msr20", 0, 0, FPS)
        for start in range(20, frames - 60, 70):
            length = int(generator.integers(22, 40))
            label = int(generator.integers(3))
            clips.append((video, start, start + length - 1, label, split))
    untrimmed = Untrimmed(
        pd.DataFrame(videos, columns=["video", "subject", "split", "fps", "frames"]),
        pd.DataFrame(clips, columns=["video", "start", "end", "label", "split"]),
        sequences,
        NAMES,
    )
    windows = make_windows(dict.fromkeys(sequences, 360), [16, 32])
    logits = generator.normal(0, 1.5, (2, len(windows), 3))
    for video, part in windows.groupby("video"):
        own = untrimmed.clips[untrimmed.clips["video"] == video]
        shared = overlaps(part["start"], part["end"], own) / part["length"].to_numpy()[:, None]
        for label in range(3):
            share = shared[:, (own["label"] == label).to_numpy()].sum(axis=1)
            logits[:, part.index, label] += 6 * share
    features = generator.normal(size=(len(windows), 4))
    accuracy = dict.fromkeys(STREAMS, 0.9)
    return untrimmed, Outputs(windows, logits, features, logits, np.ones(2), accuracy)


def test_variants_and_page(generated):
    bench = Bench(*generated, seed=0)
    found, parameters = run_variants(bench, STREAMS)
    f1 = {name: segment_score(own.sums, SEGMENT_METRICS["f1_0.3"]) for name, own in found.items()}
    assert f1[WHOLE] > f1[FORCED] + 0.15
    assert all(own.sums.truth.sum() == 8 for own in found.values())
    assert found[FORCED].settings["threshold"] == 0.0
    assert parameters < 300_000
    text = page(bench, found, parameters)
    lines = text.splitlines()
    for name, own in found.items():
        first = next(line for line in lines if line.startswith(f"| {name} |"))
        assert f"| {len(own.segments)} |" in first and f"{f1[name]:.3f}" in first
    assert max(len(line) for line in lines if not line.startswith("|")) <= 100
    assert "nan" not in text.replace("mean", "")


def test_heads_apart_know_nothing_of_the_network_that_saw_the_training_people(generated):
    untrimmed, outputs = generated
    training = outputs.windows["video"].str[1:3].isin(["01", "03"]).to_numpy()
    spoilt = outputs.logits.copy()
    spoilt[:, training] = 0
    known = Bench(untrimmed, outputs, 0).learned(apart=True)
    same = Bench(untrimmed, Outputs(**{**vars(outputs), "logits": spoilt}), 0).learned(apart=True)
    np.testing.assert_array_equal(known, same)
    other = Bench(untrimmed, Outputs(**{**vars(outputs), "apart": spoilt}), 0).learned(apart=True)
    assert not np.allclose(known, other)
