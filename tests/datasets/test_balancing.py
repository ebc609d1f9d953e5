import numpy as np
import pytest

from microgesture.datasets.balancing import balanced_draw_weights, class_weights, log_priors

# iMiGUE, classes 0..31, training and validation clips together.
IMIGUE = np.array(
    [10, 418, 39, 207, 80, 23, 64, 858, 87, 3, 302, 154, 97, 41, 28, 27, 322, 83, 2, 942, 170, 373]
    + [657, 700, 11, 287, 87, 60, 1237, 6, 2272, 4023]
)


def test_square_root_weights_by_hand():
    # N = 20, K = 2: sqrt(20 / (2 * 16)) = 0.79057, sqrt(20 / (2 * 4)) = 1.58114.
    # sum n w = 16 * 0.79057 + 4 * 1.58114 = 18.9737; times 20 / 18.9737: 5/6 and 5/3.
    np.testing.assert_allclose(class_weights(np.array([16, 4]), "sqrt"), [5 / 6, 5 / 3])


def test_square_root_weights_of_imigue():
    weights = class_weights(IMIGUE, "sqrt")
    assert IMIGUE.sum() == 13670 and len(IMIGUE) == 32
    raw = IMIGUE**-0.5 * IMIGUE.sum() / np.sqrt(IMIGUE).sum()  # the scaling cancels N / K
    np.testing.assert_allclose(weights, np.clip(raw, 0.2, 5.0))
    assert weights[31] == pytest.approx(raw[31]) and 0.2 < weights[31] < 0.7
    assert weights[18] == 5.0 and raw[18] > 5  # two clips: clipped
    # Without the clipping the mean loss weight would be 1; what is cut off is a percent or so.
    assert np.sum(IMIGUE * raw) == pytest.approx(IMIGUE.sum())
    assert 0.95 < np.sum(IMIGUE * weights) / IMIGUE.sum() <= 1


@pytest.mark.parametrize("kind", ["sqrt", "inverse", "effective_number"])
def test_mean_loss_weight_is_one(kind):
    counts = np.array([30, 20, 25])
    weights = class_weights(counts, kind)
    assert np.sum(counts * weights) == pytest.approx(75)
    assert weights[1] > weights[2] > weights[0]


def test_other_kinds_by_hand():
    np.testing.assert_allclose(class_weights(np.array([30, 10]), "inverse"), [2 / 3, 2])
    # (1 - b) / (1 - b^n) with b = 0.999: 1 for n = 1, 1 / 1.999 for n = 2; then sum n w = 3.
    weights = class_weights(np.array([1, 2]), "effective_number")
    assert weights[0] / weights[1] == pytest.approx(1.999)
    np.testing.assert_array_equal(class_weights(np.array([30, 10]), "none"), [1, 1])


def test_class_without_clips_gets_the_highest_weight():
    assert class_weights(np.array([4, 0]), "sqrt").tolist() == [1.0, 5.0]


def test_balanced_draws_and_priors():
    labels = np.array([0, 0, 0, 2])
    weights = balanced_draw_weights(labels, 3)
    assert weights[:3].sum() == pytest.approx(weights[3])
    np.testing.assert_allclose(np.exp(log_priors(np.array([3, 1]))), [0.75, 0.25])
    assert np.isfinite(log_priors(np.array([3, 0]))).all()
