import numpy as np
import pandas as pd
import pytest

from microgesture.segments.frame_probabilities import (
    average_over_windows,
    nobody_is_background,
    taper_weights,
    without_background,
)
from microgesture.segments.windows import make_windows


def test_weights_of_a_triangle():
    np.testing.assert_allclose(taper_weights(5), [1 / 3, 2 / 3, 1, 2 / 3, 1 / 3])
    np.testing.assert_allclose(taper_weights(4), [0.5, 1, 1, 0.5])
    assert taper_weights(1).tolist() == [1] and taper_weights(3, "flat").tolist() == [1, 1, 1]


def test_mean_by_hand():
    windows = pd.DataFrame({"start": [0, 2], "end": [3, 5], "length": 4})
    values = np.array([[1.0], [4.0]])
    # Frame 2 lies third in the first window (weight 1) and first in the second (1/2).
    expected = [1, 1, (1 + 4 / 2) / 1.5, (1 / 2 + 4) / 1.5, 4, 4]
    np.testing.assert_allclose(average_over_windows(windows, values, 6)[:, 0], expected)
    flat = average_over_windows(windows, values, 6, taper="flat")
    np.testing.assert_allclose(flat[:, 0], [1, 1, 2.5, 2.5, 4, 4])


def test_lengths_have_one_vote_each():
    windows = make_windows({"v": 8}, [2, 8], stride_share=0.5)
    values = np.where(windows[["length"]] == 8, 1.0, 0.0)
    np.testing.assert_allclose(average_over_windows(windows, values, 8), 0.5)
    weighted = average_over_windows(windows, values, 8, length_weights={2: 1, 8: 3})
    np.testing.assert_allclose(weighted, 0.75)
    alone = average_over_windows(windows, values, 8, length_weights={2: 1})
    np.testing.assert_allclose(alone, 0)


@pytest.mark.parametrize("seed", range(10))
def test_probabilities_stay_probabilities_and_equal_the_plain_loop(seed):
    generator = np.random.default_rng(seed)
    frames = int(generator.integers(3, 60))
    windows = make_windows({"v": frames}, [5, 12], 0.3).sample(frac=1, random_state=seed)
    values = generator.dirichlet(np.ones(4), len(windows))
    found = average_over_windows(windows, values, frames)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    expected = np.zeros((frames, 4))
    for length in (5, 12):
        heaped, weight = np.zeros((frames, 4)), np.zeros((frames, 1))
        for row, value in zip(windows.itertuples(), values):
            if row.length == length:
                size = row.end - row.start + 1
                tapered = taper_weights(size)[:, None]
                heaped[row.start : row.end + 1] += tapered * value
                weight[row.start : row.end + 1] += tapered
        expected += heaped / weight / 2
    np.testing.assert_allclose(found, expected)


def test_what_cannot_be_averaged():
    windows = pd.DataFrame({"start": [0], "end": [3], "length": 4})
    with pytest.raises(ValueError, match="frame 4 lies in no window"):
        average_over_windows(windows, np.ones((1, 2)), 6)
    with pytest.raises(ValueError, match="no window has a vote"):
        average_over_windows(windows, np.ones((1, 2)), 4, length_weights={8: 1})
    twice = pd.concat([windows, windows])
    with pytest.raises(ValueError, match="start at the same frame"):
        average_over_windows(twice, np.ones((2, 2)), 4)
    with pytest.raises(ValueError, match="taper 'round'"):
        average_over_windows(windows, np.ones((1, 2)), 4, taper="round")


def test_background_taken_out():
    found = without_background(np.array([[0.1, 0.3, 0.6], [0, 0, 1.0]]))
    np.testing.assert_allclose(found, [[0.25, 0.75, 0], [0.5, 0.5, 0]])


def test_nobody_does_nothing():
    found = nobody_is_background([[0.2, 0.3, 0.5], [0.9, 0.1, 0]], [True, False])
    np.testing.assert_allclose(found, [[0.2, 0.3, 0.5], [0, 0, 1]])
