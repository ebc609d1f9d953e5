import numpy as np
import pandas as pd
import pytest

from microgesture.segments.label_next import candidate_stretches, frame_uncertainty, label_next


def test_uncertainty_of_sure_even_and_between():
    values = frame_uncertainty([[1, 0, 0, 0], [0.25] * 4, [0.5, 0.5, 0, 0]])
    np.testing.assert_allclose(values, [0, 1, 0.5], atol=1e-9)


def test_stretches_without_a_person_are_left_out():
    values = np.tile([0.6, 0.1, 0.3], (10, 1))
    values[6:8] = 1 / 3
    seen = np.array([0, 0, 0, 1, 1, 1, 1, 1, 1, 1], bool)
    table = candidate_stretches({"v": values}, {"v": seen}, frames={"v": 4})
    assert table[["start", "end", "label", "second"]].values.tolist() == [
        [4, 7, 0, 2],
        [8, 9, 0, 2],
    ]
    assert table["uncertainty"][0] == pytest.approx(1)  # its more unsure half has no idea
    sure = -(0.6 * np.log(0.6) + 0.1 * np.log(0.1) + 0.3 * np.log(0.3)) / np.log(3)
    assert table["uncertainty"][1] == pytest.approx(sure)


def stretches(rows):
    table = pd.DataFrame(rows, columns=["video", "start", "end", "label", "uncertainty"])
    table.insert(4, "second", 0)
    return table


def test_spread_over_videos_and_classes():
    table = stretches(
        [("a", 0, 9, 0, 0.9), ("a", 10, 19, 0, 0.85), ("b", 0, 9, 0, 0.7), ("b", 10, 19, 1, 0.6)]
    )
    found = label_next(table, np.array([5, 5]), fading=0.5)
    # After a/0: a/10 is worth .85 / 4, b/0 .7 / 2, b/10 .6. After b/10: a/10 .21, b/0 .7 / 4 = .175.
    assert list(zip(found["video"], found["start"])) == [("a", 0), ("b", 10), ("a", 10), ("b", 0)]
    np.testing.assert_allclose(found["priority"], [0.9, 0.6, 0.2125, 0.0875])
    assert found["rank"].tolist() == [1, 2, 3, 4]


def test_rare_classes_first_and_done_ones_never():
    table = stretches([("a", 0, 9, 0, 0.9), ("b", 0, 9, 1, 0.5)])
    counts = np.array([15, 3])  # rarity 1/2 and 1
    assert label_next(table, counts)["video"].tolist() == ["b", "a"]
    done = pd.DataFrame({"video": ["b"], "start": [9], "end": [30]})
    assert label_next(table, counts, done=done)["video"].tolist() == ["a"]
    assert len(label_next(table, counts, number=1)) == 1
    assert len(label_next(table[:0], counts)) == 0
