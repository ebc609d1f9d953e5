import numpy as np
import pandas as pd
import pytest

from microgesture.segments.segment_table import (
    ConfidenceScale,
    calibrated,
    fit_confidence,
    label_runs,
    segments_of,
    without_short_gaps,
)


def test_runs():
    assert label_runs([2, 2, 0, 2]).tolist() == [[0, 1, 2], [2, 2, 0], [3, 3, 2]]
    assert label_runs([]).shape == (0, 3)


def test_segments_with_their_second_choice():
    labels = np.array([2, 0, 0, 2, 1, 1])
    probabilities = np.array(
        [
            [0.1, 0.1, 0.8],
            [0.7, 0.2, 0.1],
            [0.5, 0.1, 0.4],
            [0.2, 0.2, 0.6],
            [0.6, 0.4, 0.0],
            [0.5, 0.5, 0.0],
        ]
    )
    table = segments_of("v", labels, probabilities, fps=10)
    assert table[["video", "start", "end", "label", "second"]].values.tolist() == [
        ["v", 1, 2, 0, 2],
        ["v", 4, 5, 1, 0],
    ]
    np.testing.assert_allclose(table["confidence"], [0.6, 0.45])
    np.testing.assert_allclose(table["second_confidence"], [0.25, 0.55])
    np.testing.assert_allclose(table["margin"], [0.35, -0.1])


def test_nothing_happens():
    table = segments_of("v", [1, 1], np.array([[0.2, 0.8]] * 2), fps=10)
    assert len(table) == 0 and table["confidence"].dtype == float and table["start"].dtype == int


def test_filters_in_seconds():
    labels = [1, 0, 0, 0, 1, 0, 0, 1, 1, 1, 0, 0]
    even = np.full((12, 2), 0.5)

    def spans(**filters):
        table = segments_of("v", labels, even, fps=10, **filters)
        return table[["start", "end"]].values.tolist()

    assert spans() == [[1, 3], [5, 6], [10, 11]]
    assert spans(shortest_gap_seconds=0.1) == [[1, 3], [5, 6], [10, 11]]  # a gap of 0.1 s may stay
    assert spans(shortest_gap_seconds=0.2) == [[1, 6], [10, 11]]
    assert spans(shortest_seconds=0.3) == [[1, 3]]
    assert spans(shortest_seconds=0.3, shortest_gap_seconds=0.2) == [[1, 6]]


def test_another_class_keeps_two_apart():
    runs = np.array([[0, 4, 1], [5, 6, 0], [7, 9, 1]])
    assert without_short_gaps(runs, 10).tolist() == runs.tolist()


def test_confidence_becomes_the_share_that_is_right():
    generator = np.random.default_rng(0)
    raw = generator.uniform(0.2, 0.95, 4000)
    right = generator.random(4000) < 1 / (1 + np.exp(-(0.5 * np.log(raw / (1 - raw)) - 1)))
    scale = fit_confidence(raw, right)
    assert scale.slope == pytest.approx(0.5, abs=0.1) and scale.offset == pytest.approx(-1, abs=0.1)
    table = calibrated(pd.DataFrame({"confidence": raw}), scale)["confidence"]
    high = table > table.median()
    for part in (high, ~high):
        assert table[part].mean() == pytest.approx(right[part].mean(), abs=0.03)


def test_few_segments_give_one_number():
    assert fit_confidence([], []) == ConfidenceScale()
    np.testing.assert_allclose(ConfidenceScale()([0.3, 0.9]), [0.3, 0.9])
    # Two of three right, drawn towards a half by two: (2 + 1) / (3 + 2).
    np.testing.assert_allclose(fit_confidence([0.2, 0.9, 0.8], [1, 1, 0])([0.1, 0.99]), 0.6)
    np.testing.assert_allclose(fit_confidence([0.5] * 20, [True] * 20)([0.3]), 21 / 22)
    # Never turned around: the sure ones are the wrong ones here.
    upside_down = fit_confidence(np.r_[np.full(20, 0.9), np.full(20, 0.3)], np.arange(40) >= 20)
    assert upside_down.slope == 0
