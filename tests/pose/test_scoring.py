"""PCK and OKS by hand on a few points."""

import numpy as np
import pytest

from microgesture.pose.scoring import (
    person_areas,
    point_errors,
    point_similarities,
    score_frames,
    score_presence,
    torso_lengths,
)

SHOULDERS, HIPS, NOSE, LEFT_HAND_ROOT = [5, 6], [11, 12], 0, 91


def person(frames=1):
    """Shoulders 100 pixels above the hips, a nose; everything else out of sight."""
    truth = np.zeros((frames, 133, 3), np.float32)
    truth[:, SHOULDERS] = [(60, 50, 1), (40, 50, 1)]
    truth[:, HIPS] = [(60, 150, 1), (40, 150, 1)]
    truth[:, NOSE] = (50, 20, 1)
    return truth


def test_torso_is_measured_even_where_hips_are_hidden():
    truth = person(3)
    truth[1, HIPS, 2] = 0
    truth[2, HIPS] = 0  # not even coordinates: the other frames stand in
    np.testing.assert_allclose(torso_lengths(truth), [100, 100, 100])
    assert np.isnan(torso_lengths(truth[2:])).all()


def test_pck_counts_points_within_a_fifth_of_the_torso():
    truth, points = person(), person()
    points[0, NOSE, 0] += 19.9  # right
    points[0, 5, 1] -= 20.1  # wrong
    points[0, 11] = 0  # not estimated: wrong
    points[0, 120] = (1, 1, 1)  # nobody can see this one: it does not count
    sums = score_frames(points, truth)
    assert (sums["body"]["points"], sums["body"]["correct"], sums["body"]["missed"]) == (5, 3, 1)
    assert sums["hands"]["points"] == sums["face"]["points"] == 0
    assert score_frames(points, truth, fraction=0.21)["body"]["correct"] == 4


def test_hidden_true_points_do_not_count():
    truth = person()
    truth[0, NOSE, 2] = 0
    assert score_frames(person(), truth)["body"]["points"] == 4


def test_oks_of_one_point():
    # COCO: exp(-d^2 / (2 s^2 k^2)), s^2 = area, k = 2 sigma; nose sigma .026
    errors = np.full((1, 133), np.nan)
    errors[0, NOSE], errors[0, 5] = 10, np.inf
    similarity = point_similarities(errors, np.array([5000.0]))
    assert similarity[0, NOSE] == pytest.approx(np.exp(-100 / (2 * 5000 * 0.052**2)))
    assert similarity[0, 5] == 0 and np.isnan(similarity[0, 1])


def test_perfect_points_have_oks_one():
    sums = score_frames(person(), person())
    assert sums["body"]["similarity"] == pytest.approx(5)
    assert person_areas(person()) == pytest.approx(0.53 * 20 * 130)


def test_errors():
    truth, points = person(), person()
    points[0, NOSE, :2] += (3, 4)
    points[0, 5, 2] = 0
    errors = point_errors(points, truth)
    assert errors[0, NOSE] == pytest.approx(5) and np.isinf(errors[0, 5]) and np.isnan(errors[0, 1])


def test_presence():
    present, truth = np.array([1, 0, 1, 0], bool), np.array([1, 1, 0, 0], bool)
    assert score_presence(present, truth) == {
        "frames": 4, "with_person": 2, "missed": 1, "invented": 1,
    }  # fmt: skip
