from functools import cache

import numpy as np
import pytest

from microgesture.metrics.edit_score import edit_distance, edit_score


def plain(first, second):
    @cache
    def distance(i, j):
        if not i or not j:
            return i + j
        change = distance(i - 1, j - 1) + (first[i - 1] != second[j - 1])
        return min(distance(i - 1, j) + 1, distance(i, j - 1) + 1, change)

    return distance(len(first), len(second))


@pytest.mark.parametrize("seed", range(20))
def test_equals_the_plain_recursion(seed):
    generator = np.random.default_rng(seed)
    first, second = (generator.integers(0, 3, generator.integers(0, 9)) for _ in range(2))
    assert edit_distance(first, second) == plain(first, second)


def test_known_distances():
    kitten, sitting = ([ord(letter) for letter in word] for word in ("kitten", "sitting"))
    assert edit_distance(kitten, sitting) == 3
    assert edit_score(kitten, sitting) == pytest.approx(1 - 3 / 7)
    assert edit_score([], []) == 1 and edit_score([1], []) == 0 and edit_score([1, 2], [1, 2]) == 1
