from fractions import Fraction

import numpy as np
import pytest

from microgesture.videos.rates import COMMON_RATES, constant_rate, gapped_rate, grid_places

MILLISECOND = Fraction(1, 1000)


@pytest.mark.parametrize("rate", [Fraction(30000, 1001), Fraction(25), Fraction(24000, 1001)])
def test_milliseconds_of_a_constant_rate_are_known_over_an_hour(rate):
    numbers = np.arange(int(3600 * rate))
    for stamps in (numbers * 1000 // rate, np.rint(numbers * 1000 / float(rate))):
        stamps = np.asarray(stamps, dtype=np.int64)
        assert constant_rate(stamps, MILLISECOND, COMMON_RATES) == rate


def test_a_variable_rate_is_none():
    stamps = np.cumsum([20, 90, 40] * 20)
    assert constant_rate(stamps, MILLISECOND, COMMON_RATES) is None
    assert gapped_rate(stamps, MILLISECOND, COMMON_RATES) is None


def test_missing_frames_are_seen():
    stamps = np.delete(np.arange(100) * 40, [50, 51, 80])
    assert constant_rate(stamps, MILLISECOND, COMMON_RATES) is None
    assert gapped_rate(stamps, MILLISECOND, COMMON_RATES) == 25
    places = grid_places(stamps, MILLISECOND, Fraction(25))
    np.testing.assert_array_equal(places, np.delete(np.arange(100), [50, 51, 80]))
