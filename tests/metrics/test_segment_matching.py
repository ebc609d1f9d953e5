import itertools

import numpy as np
import pandas as pd
import pytest

from microgesture.metrics.segment_matching import match_segments, temporal_iou, truths_found


def table(*rows, video="v"):
    return pd.DataFrame(rows, columns=["start", "end", "label"]).assign(video=video)


def test_iou_counts_both_ends():
    found = temporal_iou([[0, 9]], [[0, 9], [5, 14], [9, 9], [10, 19], [0, 4]])
    np.testing.assert_allclose(found, [[1, 5 / 15, 1 / 10, 0, 0.5]])


def test_the_threshold_itself_is_no_hit():
    truth = table((0, 9, 0))
    assert match_segments(table((0, 2, 0)), truth, 0.3).tolist() == [-1]  # 3 of 10
    assert match_segments(table((0, 3, 0)), truth, 0.3).tolist() == [0]


def test_class_and_video_must_agree():
    truth = table((0, 9, 0))
    assert match_segments(table((0, 9, 1)), truth).tolist() == [-1]
    assert match_segments(table((0, 9, 0), video="w"), truth).tolist() == [-1]
    assert match_segments(table(), truth).tolist() == []


def test_one_long_prediction_finds_one_truth_or_two():
    predicted, truth = table((0, 19, 0)), table((0, 8, 0), (11, 19, 0))
    assert match_segments(predicted, truth).tolist() == [0]
    assert truths_found(predicted, truth).tolist() == [True, True]


def test_most_pairs_before_best_pairs():
    # The first prediction overlaps the first truth best, but only it reaches the second.
    truth = table((0, 9, 0), (10, 19, 0))
    predicted = table((0, 13, 0), (0, 5, 0))
    # IoU: first with 0: 10/14, with 1: 4/20; second with 0: 6/10.
    assert match_segments(predicted, truth, 0.15).tolist() == [1, 0]
    assert match_segments(predicted, truth, 0.3).tolist() == [0, -1]


@pytest.mark.parametrize("seed", range(15))
def test_equals_every_pairing_tried(seed):
    generator = np.random.default_rng(seed)

    def some(count):
        starts = generator.integers(0, 30, count)
        return table(*[(int(s), int(s + generator.integers(1, 15)), 0) for s in starts])

    predicted, truth = some(4), some(3)
    overlap = temporal_iou(predicted[["start", "end"]], truth[["start", "end"]])
    best = (0, 0.0)
    for chosen in itertools.product(range(-1, 3), repeat=4):
        used = [truth_row for truth_row in chosen if truth_row >= 0]
        if len(used) != len(set(used)):
            continue
        pairs = [overlap[row, other] for row, other in enumerate(chosen) if other >= 0]
        if all(value > 0.3 for value in pairs):
            best = max(best, (len(pairs), sum(pairs)))
    match = match_segments(predicted, truth)
    found = [overlap[row, other] for row, other in enumerate(match) if other >= 0]
    assert (len(found), sum(found)) == pytest.approx(best)
    assert truths_found(predicted, truth).sum() >= len(found)
