import numpy as np
import pytest
from scipy.optimize import minimize

from microgesture.ensembles.weights import equal_weights, given_weights, search_weights
from microgesture.provenance.errors import BadInput


def members(clips, strengths, seed=0):
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 4, clips)
    logits = generator.normal(size=(len(strengths), clips, 4))
    logits += np.array(strengths)[:, None, None] * np.eye(4)[labels]
    return np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True), labels


def test_equal():
    np.testing.assert_allclose(equal_weights(["a", "b", "c", "d"]), 0.25)


def test_given_weights_are_scaled():
    np.testing.assert_allclose(given_weights(["a", "b", "c"], {"c": 3, "a": 1}), [0.25, 0, 0.75])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"jiont": 1}, "did you mean 'joint'"),
        ({"joint": -1}, "joint: -1 is no weight"),
        ({"joint": float("nan")}, "is no weight"),
        ({"joint": 0}, "all are 0"),
    ],
)
def test_bad_weights(weights, message):
    with pytest.raises(BadInput, match=message):
        given_weights(["joint", "rgb"], weights)


def test_search_by_hand():
    # Two members, two clips. True-class probabilities: (.8, .2) on clip 1, (.2, .8) on clip 2. By
    # symmetry the best weights are equal.
    probabilities = np.array([[[0.8, 0.2], [0.8, 0.2]], [[0.2, 0.8], [0.2, 0.8]]])
    found = search_weights(probabilities, np.array([0, 1]), prior=0)
    np.testing.assert_allclose(found, [0.5, 0.5])
    # Both clips of class 0: the first member is better on each, it takes all without a guard.
    found = search_weights(probabilities, np.array([0, 0]), prior=0)
    np.testing.assert_allclose(found, [1, 0], atol=1e-6)


def test_search_equals_a_general_optimiser():
    probabilities, labels = members(300, [1.0, 1.5, 0.2], seed=3)
    likely = probabilities[:, np.arange(300), labels]
    prior = 30.0

    def loss(w):
        return -np.log(w @ likely).sum() - prior / 3 * np.log(w).sum()

    expected = minimize(
        loss,
        np.full(3, 1 / 3),
        bounds=[(1e-6, 1)] * 3,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        method="SLSQP",
        options={"ftol": 1e-12},
    ).x
    found = search_weights(probabilities, labels)
    assert loss(found) <= loss(expected) + 1e-6
    np.testing.assert_allclose(found, expected, atol=1e-3)
    np.testing.assert_array_equal(found, search_weights(probabilities, labels))


def test_few_clips_stay_near_equal_many_do_not():
    few, few_labels = members(5, [3.0, 0.0])
    many, many_labels = members(3000, [3.0, 0.0])
    guarded = search_weights(few, few_labels)
    bold = search_weights(many, many_labels)
    assert abs(guarded[0] - 0.5) < 0.15
    assert bold[0] > 0.9
    assert search_weights(few, few_labels, prior=0)[0] > 0.9
