"""Intervals that say 95 % hold the truth in 93 to 97 % of the test sets, with few people too."""

import pytest

from bench.coverage import (
    coverage_of_differences,
    coverage_of_scores,
    percentile_interval,
)


@pytest.mark.parametrize("people", [5, 8, 36])
def test_intervals_of_scores_cover(people):
    for metric, share in coverage_of_scores(people, sets=500).items():
        assert 0.93 <= share <= 0.97, f"{metric} with {people} people: {share}"


def test_the_simulation_tells_a_bad_interval():
    found = coverage_of_scores(8, sets=200, method=percentile_interval)
    assert max(found.values()) < 0.92


def test_intervals_of_differences_ask_for_other_seeds():
    assert 0.92 <= coverage_of_differences(8, 3, 0.15, sets=250) <= 0.98
    assert coverage_of_differences(8, 3, 0.15, sets=150, of_people_only=True) < 0.88
