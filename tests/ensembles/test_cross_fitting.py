import numpy as np
import pytest

from microgesture.ensembles.cross_fitting import error_of_mean, parts_of_people, predicted_apart
from microgesture.provenance.errors import BadInput


def test_people_stay_whole_and_parts_are_filled_evenly():
    # By hand, two parts: a (5 clips) -> part 0, b (4) -> 1, c (3) -> 1 has 4, fewer than 5; d -> 0.
    groups = np.array([*"aaaaabbbbcccd"])
    parts = parts_of_people(groups, 2)
    assert parts.tolist() == [0] * 5 + [1] * 4 + [1] * 3 + [0]
    assert sorted(set(parts_of_people(groups))) == [0, 1, 2, 3]  # as many as people
    with pytest.raises(BadInput, match=r"are of 1 person .* write search or equal"):
        parts_of_people(np.array(["a", "a"]))


def test_every_clip_is_predicted_by_what_it_had_no_part_in():
    logits = [np.arange(12.0).reshape(6, 2)]
    labels, parts = np.arange(6), np.array([0, 0, 1, 1, 2, 2])
    asked = []

    def fit(values, known, rows):
        assert values[0].tolist() == logits[0][rows].tolist() and known.tolist() == rows.tolist()
        return lambda held: asked.append((rows.tolist(), held[0][:, 0].tolist())) or held[0] + 100

    found = predicted_apart(logits, labels, parts, fit)
    np.testing.assert_array_equal(found, logits[0] + 100)
    assert asked == [([2, 3, 4, 5], [0, 2]), ([0, 1, 4, 5], [4, 6]), ([0, 1, 2, 3], [8, 10])]


def test_error_over_people():
    # One clip a person: the usual standard error, s / sqrt(n).
    values = np.array([1.0, 4.0, 2.0, 5.0])
    assert error_of_mean(values, np.arange(4)) == pytest.approx(values.std(ddof=1) / 2)
    # Every clip twice, of the same person: no more is known than before.
    assert error_of_mean(np.repeat(values, 2), np.repeat(np.arange(4), 2)) == pytest.approx(
        values.std(ddof=1) / 2
    )
    assert error_of_mean(values, np.zeros(4)) == 0
