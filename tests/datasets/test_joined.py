import numpy as np
import pytest

from microgesture.datasets.joined import JoinedArrays


def test_items_are_the_arrays():
    arrays = [np.arange(3), np.arange(0), np.arange(5, 7)]
    joined = JoinedArrays(iter(arrays), np.float32)
    assert len(joined) == 3 and joined[0].dtype == np.float32
    for expected, one, number in zip(arrays, joined, range(3)):
        np.testing.assert_array_equal(one, expected)
        np.testing.assert_array_equal(joined[number], expected)
    np.testing.assert_array_equal(joined[-1], arrays[-1])
    with pytest.raises(IndexError):
        joined[3]


def test_of_nothing():
    assert len(JoinedArrays([], np.int32)) == 0
