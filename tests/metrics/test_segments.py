import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score

from microgesture.metrics.segments import (
    SEGMENT_METRICS,
    collect_segment_sums,
    confidence_curve,
    per_class_segments,
    segment_score,
    segment_score_table,
)
from microgesture.segments.windows import frame_labels

VIDEOS = pd.DataFrame({"video": ["a", "b"], "group": ["anna", "ben"], "fps": [10.0, 20.0]})
FRAMES = {"a": 60, "b": 40}


def table(*rows):
    return pd.DataFrame(rows, columns=["video", "start", "end", "label"])


TRUTH = table(("a", 0, 9, 0), ("a", 20, 29, 1), ("a", 40, 49, 0), ("b", 10, 19, 1))
# Exact; six of fourteen frames shared; wrong class; a miss in b and a false one there.
PREDICTED = table(("a", 0, 9, 0), ("a", 24, 33, 1), ("a", 40, 49, 1), ("b", 30, 35, 0))


def sums_of(predicted, truth=TRUTH, videos=VIDEOS):
    frames = {
        video: tuple(
            frame_labels(own[own["video"] == video], FRAMES[video], 2) for own in (truth, predicted)
        )
        for video in videos["video"]
    }
    return collect_segment_sums(predicted, truth, videos, frames, 2)


def score(sums, name):
    return segment_score(sums, SEGMENT_METRICS[name])


def test_scores_by_hand():
    sums = sums_of(PREDICTED)
    assert score(sums, "f1_0.1") == score(sums, "f1_0.3") == pytest.approx(2 * 2 / 8)
    assert score(sums, "f1_0.5") == score(sums, "f1_0.7") == pytest.approx(2 * 1 / 8)
    assert score(sums, "f1_0.3_organisers") == pytest.approx(0.5)
    # Class 0: one hit, two predicted, two true; class 1: the same.
    assert score(sums, "class_mean_f1_0.3") == pytest.approx(0.5)
    # a: 0 1 1 for 0 1 0; b: 0 for 1.
    assert score(sums, "edit") == pytest.approx((2 / 3 + 0) / 2)
    # Two pairs in video a, 100 ms a frame: 0 and 4 frames off.
    assert score(sums, "onset_ms") == score(sums, "offset_ms") == pytest.approx(200)


def test_frames_agree_with_scikit_learn():
    sums = sums_of(PREDICTED)
    true, given = (
        np.concatenate([frame_labels(t[t["video"] == v], n, 2) for v, n in FRAMES.items()])
        for t in (TRUTH, PREDICTED)
    )
    assert score(sums, "frame_macro_f1") == pytest.approx(f1_score(true, given, average="macro"))
    expected = balanced_accuracy_score(true, given)
    assert score(sums, "frame_balanced_accuracy") == pytest.approx(expected)


def test_perfect_and_silent():
    perfect, silent = sums_of(TRUTH), sums_of(TRUTH[:0])
    for name in SEGMENT_METRICS:
        expected = 0 if name.endswith("_ms") else 1
        assert score(perfect, name) == pytest.approx(expected)
    assert score(silent, "f1_0.3") == score(silent, "f1_0.3_organisers") == 0
    assert score(silent, "edit") == 0 and np.isnan(score(silent, "onset_ms"))


def test_nothing_there_and_nothing_found():
    sums = sums_of(TRUTH[:0], TRUTH[:0])
    assert np.isnan(score(sums, "f1_0.3")) and score(sums, "edit") == 1


def test_the_organisers_are_kinder_to_one_long_segment():
    truth = table(("a", 0, 9, 0), ("a", 11, 20, 0))
    sums = sums_of(table(("a", 0, 20, 0)), truth)
    assert score(sums, "f1_0.3") == pytest.approx(2 / 3)
    assert score(sums, "f1_0.3_organisers") == pytest.approx(1)  # precision 2 / 1 counts as 1


def test_unknown_frames_are_left_out():
    frames = {"a": (np.array([-1, 0, 2]), np.array([1, 0, 2]))}
    sums = collect_segment_sums(table(), table(), VIDEOS[:1], frames, 2)
    assert sums.confusion.sum() == 2 and score(sums, "frame_macro_f1") == 1


def test_segments_of_another_video_are_refused():
    with pytest.raises(ValueError, match="video 'c'"):
        sums_of(table(("c", 0, 1, 0)))


def test_intervals_are_over_people():
    scores = segment_score_table({"found": sums_of(PREDICTED), "truth": sums_of(TRUTH)}, "truth")
    found = scores.iloc[0]
    # Anna alone: 2 hits of 3 and 3; Ben alone: none.
    assert found["f1_0.3_low"] < 0.1 and found["f1_0.3_high"] > 0.66
    assert found["f1_0.3_difference"] == pytest.approx(-0.5)
    assert scores.iloc[1]["f1_0.3"] == 1 and scores.iloc[1]["f1_0.3_difference"] == 0
    assert found[["segments", "truths", "groups"]].tolist() == [4, 4, 2]


def test_a_person_who_does_nothing_counts_by_videos():
    sums = sums_of(PREDICTED, TRUTH[:3])
    assert sums.clips.tolist() == [3, 1]
    assert score(sums.of_groups(np.array([True, False])), "f1_0.3") == pytest.approx(4 / 6)
    without = SEGMENT_METRICS["f1_0.3"](sums.without_each())
    np.testing.assert_allclose(without, [0, 4 / 6])  # without Anna, without Ben


def test_per_class():
    per_class = per_class_segments(sums_of(PREDICTED[:2]), ["nod", "wave"])
    assert per_class[["truths", "predicted", "hits"]].values.tolist() == [[2, 1, 1], [2, 1, 1]]
    assert per_class["precision"].tolist() == [1, 1] and per_class["recall"].tolist() == [0.5, 0.5]
    np.testing.assert_allclose(per_class["f1"], 2 / 3)
    assert per_class_segments(sums_of(PREDICTED[:1]), ["nod", "wave"])[
        "precision"
    ].isna().tolist() == [
        False,
        True,
    ]


def test_curve_over_confidence():
    predicted = PREDICTED.assign(confidence=[0.9, 0.6, 0.6, 0.2])
    curve = confidence_curve(predicted, TRUTH)
    assert curve["confidence"].tolist() == [0.2, 0.6, 0.9]
    assert curve["segments"].tolist() == [4, 3, 1]
    np.testing.assert_allclose(curve["f1"], [0.5, 4 / 7, 2 / 5])
    np.testing.assert_allclose(curve["precision"], [0.5, 2 / 3, 1])
    np.testing.assert_allclose(curve["recall"], [0.5, 0.5, 0.25])
    assert len(confidence_curve(predicted[:0], TRUTH)) == 0
