import numpy as np
import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.segments.decoding import choose_settings, decode, decode_videos, f1_score


def noisy(seed=0, frames=200):
    """(probabilities (T, 3), truth): two gestures, and blips of single frames."""
    generator = np.random.default_rng(seed)
    truth = pd.DataFrame({"video": "v", "start": [30, 120], "end": [59, 149], "label": [0, 1]})
    values = np.tile([0.1, 0.1, 0.8], (frames, 1))
    values[30:60] = [0.8, 0.1, 0.1]
    values[120:150] = [0.1, 0.8, 0.1]
    for frame in generator.choice(np.arange(6, frames - 6), 14, replace=False):
        values[frame] = np.roll(values[frame], 1 + int(generator.integers(2)))
    return values, truth


OPTIONS = {"fps": {"v": 10.0}, "shortest": np.array([8, 8, 1])}


def test_every_decoder_by_name():
    values, truth = noisy()
    for decoder, settings in {
        "threshold": {"threshold": 0.5},
        "gaussian": {"seconds": 0.4, "threshold": None},
        "median": {"seconds": 1.0, "threshold": None},
        "viterbi": {"switch_cost": 2.0, "background_bias": 0.0},
    }.items():
        table, _ = decode_videos({"v": values}, decoder, settings, shortest_seconds=0.4, **OPTIONS)
        assert (f1_score(table, truth, 0.5) == 1) == (decoder != "threshold"), decoder
    with pytest.raises(BadInput, match="decoder 'beam' is unknown"):
        decode(values, "beam", {}, fps=10)
    with pytest.raises(BadInput, match="has no setting 'sigma'"):
        decode(values, "gaussian", {"sigma": 1}, fps=10)
    with pytest.raises(BadInput, match="shortest length"):
        decode(values, "viterbi", {}, fps=10)


def test_labels_are_those_of_the_table():
    values, _ = noisy()
    table, labels = decode_videos(
        {"v": values}, "threshold", {"threshold": None}, shortest_seconds=0.5,
        shortest_gap_seconds=0.3, **OPTIONS,
    )  # fmt: skip
    assert ((table["end"] - table["start"] + 1) >= 5).all()
    drawn = np.full(200, 2)
    for row in table.itertuples():
        drawn[row.start : row.end + 1] = row.label
    np.testing.assert_array_equal(labels["v"], drawn)


def test_settings_are_chosen_by_the_score():
    values, truth = noisy()
    settings, score = choose_settings({"v": values}, truth, "gaussian", **OPTIONS)
    assert score == 1
    forced, low = choose_settings(
        {"v": values}, truth, "gaussian", fixed={"threshold": 0.0}, **OPTIONS
    )
    assert forced["threshold"] == 0.0 and low < score
    for seconds in (0.1, 0.2, 0.4, 0.8):
        other, _ = decode_videos(
            {"v": values}, "gaussian", {"seconds": seconds, "threshold": settings["threshold"]},
            **OPTIONS,
        )  # fmt: skip
        assert np.mean([f1_score(other, truth, t) for t in (0.3, 0.5)]) <= score


def test_nothing_to_find():
    none = pd.DataFrame({"video": [], "start": [], "end": [], "label": []})
    assert f1_score(none, none, 0.3) == 0
    values = np.tile([0.0, 0.0, 1.0], (20, 1))
    assert choose_settings({"v": values}, none, "viterbi", **OPTIONS)[1] == 0


def test_no_segment_where_nobody_is():
    values = np.tile([0.8, 0.1, 0.1], (60, 1))
    present = np.ones(60, bool)
    present[20:40] = present[50] = False  # an absence, and a frame that the tracker lost

    def spans(**options):
        table, labels = decode_videos(
            {"v": values}, "viterbi", {"switch_cost": 1.0}, present={"v": present},
            **OPTIONS, **options,
        )  # fmt: skip
        assert (labels["v"][20:40] == 2).all()
        return table[["start", "end"]].values.tolist()

    assert spans() == [[0, 19], [40, 49], [51, 59]]
    assert spans(shortest_gap_seconds=0.2) == [[0, 19], [40, 59]]
    assert spans(shortest_gap_seconds=0.2, shortest_seconds=2.1) == []
