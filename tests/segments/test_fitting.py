import logging
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from microgesture.metrics.segment_matching import match_segments
from microgesture.segments.decoding import f1_score
from microgesture.segments.fitting import TEMPORAL, UNLEARNED, fit_segmenter
from microgesture.segments.segment_table import ConfidenceScale, fit_confidence
from tests.segments.small_world import (
    CLASSES,
    FITTING,
    SECONDS,
    TEMPERATURES,
    one_video,
    small_world,
)


def fitted(world, splits=("train", "val"), clips=None, seed=0, **settings):
    return fit_segmenter(
        world.part(*splits),
        {video: split for video, split in world.splits.items() if split in splits},
        world.clips_of(*splits) if clips is None else clips,
        TEMPERATURES,
        CLASSES,
        {**FITTING, **settings},
        SECONDS,
        seed,
    )


world = cache(small_world)


@cache
def whole():
    return fitted(world())


def found_in(segmenter, videos):
    """Segments of these videos."""
    one = {video: next(iter(said.values())) for video, said in videos.items()}
    table, labels = segmenter.segments(
        {video: segmenter.frame_probabilities(said) for video, said in videos.items()},
        {video: said.fps for video, said in one.items()},
        {video: said.present for video, said in one.items()},
    )
    assert set(labels) == set(videos)
    return table


def test_people_whom_nobody_has_seen_are_segmented():
    table = found_in(whole(), world().part("test"))
    truth = world().clips_of("test")
    assert f1_score(table, truth, 0.3) > 0.85 and f1_score(table, truth, 0.5) > 0.7
    frames = whole().frame_probabilities(world().videos["test0"])
    assert frames.shape == (360, CLASSES + 1)
    np.testing.assert_allclose(frames.sum(axis=1), 1)


def test_what_was_compared_is_kept_and_the_best_is_taken():
    tried = pd.DataFrame(whole().tried)
    assert set(tried["decoder"]) == {"threshold", "gaussian", "median", "viterbi"}
    best = tried.loc[tried["f1"].idxmax()]
    assert whole().decoder == best["decoder"] and best["reads"] == "heads"
    for name, value in whole().settings.items():
        assert value == best[name] or (value is None and pd.isna(best[name]))
    # The score that is told is the one on the validation videos.
    table = found_in(whole(), world().part("val"))
    truth = world().clips_of("val")
    mean = (f1_score(table, truth, 0.3) + f1_score(table, truth, 0.5)) / 2
    assert round(mean, 4) == best["f1"]


def test_background_is_learned_not_thresholded(caplog):
    """Without a word about complete annotation the same windows give fewer right segments."""
    with caplog.at_level(logging.WARNING):
        unlearned = fitted(world(), ("val",))
    assert "no training video is declared completely annotated" in caplog.text
    assert "at least 70 % sure" in caplog.text
    assert unlearned.heads == {} and unlearned.network is None
    assert unlearned.decoder == "gaussian" and unlearned.settings == UNLEARNED
    truth = world().clips_of("test")
    learned, thresholded = (
        f1_score(found_in(one, world().part("test")), truth, 0.3) for one in (whole(), unlearned)
    )
    assert learned > thresholded + 0.3
    frames = unlearned.frame_probabilities(world().videos["test0"])
    assert not frames[:, -1].any()
    np.testing.assert_allclose(frames.sum(axis=1), 1)


def test_without_validation_nothing_is_chosen_and_that_is_told(caplog):
    with caplog.at_level(logging.WARNING):
        one = fitted(world(), ("train",))
    assert "no validation video is declared completely annotated" in caplog.text
    assert one.decoder == "viterbi" and one.tried == () and one.reject == 0
    assert one.scale.segments == 0 and one.scale(np.array([0.3])) == pytest.approx(0.3)
    assert f1_score(found_in(one, world().part("test")), world().clips_of("test"), 0.3) > 0.7
    other = fitted(world(), ("train",), decoder="median")
    assert other.decoder == "median" and set(other.settings) == {"seconds", "threshold"}


def test_no_test_video_is_needed_and_none_is_looked_at():
    """Confidences are those of validation segments: worked out again from them."""
    raw = found_in(_without_scale(whole()), world().part("val"))
    right = match_segments(raw, world().clips_of("val")) >= 0
    expected = fit_confidence(raw["confidence"].to_numpy(), right)
    assert whole().scale == expected and expected.segments == len(raw)
    # And more: their mean is the share of right ones, which a logistic fit keeps.
    assert np.mean(expected(raw["confidence"])) == pytest.approx(right.mean(), abs=0.08)


def _without_scale(segmenter):
    return replace(segmenter, scale=ConfidenceScale())


def test_the_wished_error_sets_who_is_uncertain(caplog):
    blurred = small_world(clear=0.5)
    with caplog.at_level(logging.WARNING):
        strict, lax = (fitted(blurred, decoder="viterbi", error=share) for share in (0.0, 1.0))
    assert lax.reject <= strict.reject
    table = found_in(lax, blurred.part("val"))
    assert set(table["uncertain"]) == {"no"}
    table = found_in(strict, blurred.part("val"))
    right = match_segments(table, blurred.clips_of("val")) >= 0
    answered = (table["uncertain"] == "no").to_numpy()
    assert right[answered].all() and not answered.all()
    assert ("every segment is called uncertain" in caplog.text) == (strict.reject == 1.0)


def test_shortest_lengths_are_seconds_of_training_clips():
    """Each class's clips are 1.2 to 2 s long; what is shorter than a tenth of them is a slip."""
    assert whole().shortest_ms.shape == (CLASSES + 1,)
    assert (whole().shortest_ms[:CLASSES] >= 1000).all()
    assert (whole().shortest_ms[:CLASSES] <= 2000).all()
    assert whole().shortest_ms[CLASSES] == 300
    at_15, at_30 = whole().shortest_frames(15.0), whole().shortest_frames(30.0)
    assert (np.abs(at_30 - 2 * at_15) <= 1).all()


def test_two_rates_of_one_video_give_the_same_seconds():
    """Learned at 15 frames a second; a video at 30 is the same video."""
    said = {f"at {fps:.0f}": one_video(77, fps)[0] for fps in (15.0, 30.0)}
    table = found_in(whole(), said)
    slow, fast = (table[table["video"] == video] for video in ("at 15", "at 30"))
    assert len(slow) == len(fast) >= 5
    assert slow["label"].tolist() == fast["label"].tolist()
    for column, more in (("start", 0), ("end", 1)):
        seconds = (slow[column] + more).to_numpy() / 15, (fast[column] + more).to_numpy() / 30
        np.testing.assert_allclose(*seconds, atol=0.27)
    np.testing.assert_allclose(slow["confidence"], fast["confidence"], atol=0.1)


def test_training_and_validation_of_mixed_rates():
    mixed = small_world({"train": 30.0, "val": 15.0, "test": 25.0})
    table = found_in(fitted(mixed), mixed.part("test"))
    assert f1_score(table, mixed.clips_of("test"), 0.3) > 0.8


def test_the_temporal_network_is_asked_for_and_compared():
    one = fitted(world(), temporal="always", decoder="viterbi")
    assert one.network is not None
    assert {row["reads"] for row in one.tried} == {TEMPORAL}
    table = found_in(one, world().part("test"))
    assert f1_score(table, world().clips_of("test"), 0.3) > 0.6
    both = fitted(world(), temporal="auto", decoder="viterbi")
    scores = {row["reads"]: row["f1"] for row in both.tried}
    assert set(scores) == {"heads", TEMPORAL}
    assert (both.network is not None) == (scores[TEMPORAL] > scores["heads"])


def test_fewer_windows_by_the_seed():
    few = fitted(world(), decoder="viterbi", most_windows=150)
    again = fitted(world(), decoder="viterbi", most_windows=150)
    other = fitted(world(), decoder="viterbi", most_windows=150, seed=1)
    for length, head in few.heads.items():
        np.testing.assert_array_equal(head.weights, again.heads[length].weights)
        assert not np.array_equal(head.weights, other.heads[length].weights)


def test_heads_read_logits_alone_when_asked():
    one = fitted(world(), decoder="viterbi", features=False)
    assert all(len(head.mean) == 2 * CLASSES for head in one.heads.values())
    assert all(len(head.mean) == 2 * CLASSES + 4 for head in whole().heads.values())
    assert len(found_in(one, world().part("test")))


def test_nobody_in_the_picture_is_no_segment():
    said, _ = one_video(5, 15.0)
    empty = {name: replace(one, present=np.zeros(one.frames, bool)) for name, one in said.items()}
    away = {name: replace(one, present=np.arange(one.frames) >= 180) for name, one in said.items()}
    table = found_in(whole(), {"here": said, "empty": empty, "away": away})
    assert (table["video"] == "here").any() and not (table["video"] == "empty").any()
    late = table[table["video"] == "away"]
    assert len(late) and late["start"].min() >= 180
