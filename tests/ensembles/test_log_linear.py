import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize

from microgesture.ensembles.log_linear import (
    corrected_for_prior,
    fit_log_linear_weights,
    log_linear_vote,
)


def members(clips, strengths, seed=0):
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 4, clips)
    logits = generator.normal(size=(len(strengths), clips, 4))
    logits += np.array(strengths)[:, None, None] * np.eye(4)[labels]
    return np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True), labels


def test_vote_by_hand():
    # sqrt(.8 * .2) = .4 and sqrt(.2 * .8) = .4: even; with weights 1 and 1: .16 and .16
    first = np.array([[[0.8, 0.2]], [[0.2, 0.8]]])
    np.testing.assert_allclose(log_linear_vote(first, np.array([0.5, 0.5])), [[0.5, 0.5]])
    # .9^.5 .5^.5 : .1^.5 .5^.5 = 3 : 1
    second = np.array([[[0.9, 0.1]], [[0.5, 0.5]]])
    np.testing.assert_allclose(log_linear_vote(second, np.array([0.5, 0.5])), [[0.75, 0.25]])
    # a sum of 2 sharpens: .9^2 : .1^2 = 81 : 1
    np.testing.assert_allclose(log_linear_vote(second[:1], np.array([2.0])), [[81 / 82, 1 / 82]])


def test_one_sure_member_rules_a_class_out():
    sure = np.array([[[0.0, 0.5, 0.5]], [[0.9, 0.1, 0.0]]])
    vote = log_linear_vote(sure, np.array([0.5, 0.5]))
    assert vote.argmax() == 1
    assert np.isfinite(vote).all()


def test_fit_against_a_general_search():
    probabilities, labels = members(300, [2.0, 0.5, 1.0])

    def loss(weights):
        pooled = np.exp(np.tensordot(weights, np.log(probabilities), axes=1))
        pooled /= pooled.sum(axis=1, keepdims=True)
        away = weights - 1 / 3
        return -np.log(pooled[np.arange(300), labels]).sum() + 5 * 9 / 2 * (away**2).sum()

    found = fit_log_linear_weights(probabilities, labels, prior=5)
    other = minimize(loss, np.full(3, 0.7), method="Nelder-Mead", options={"xatol": 1e-7})
    np.testing.assert_allclose(found, other.x, atol=1e-4)
    np.testing.assert_allclose(approx_fprime(found, loss, 1e-6), 0, atol=1e-2)
    assert found[0] > found[2] > found[1]


def test_a_strong_prior_keeps_the_weights_equal():
    probabilities, labels = members(50, [3.0, 0.0])
    np.testing.assert_allclose(fit_log_linear_weights(probabilities, labels, 1e6), 0.5, atol=1e-3)


def test_a_member_that_knows_less_than_nothing_gets_no_weight():
    probabilities, labels = members(400, [2.0, -2.0])
    found = fit_log_linear_weights(probabilities, labels, prior=0)
    assert found[1] == pytest.approx(0, abs=1e-9)


def test_prior_by_hand():
    # .6 / sqrt(.9) : .4 / sqrt(.1) = 1 : 2 (.6 : 1.2 after multiplying with sqrt(.9))
    found = corrected_for_prior(np.array([[0.6, 0.4]]), np.array([9, 1]), 0.5)
    np.testing.assert_allclose(found, [[1 / 3, 2 / 3]])
    same = corrected_for_prior(np.array([[0.6, 0.4]]), np.array([9, 1]), 0.0)
    np.testing.assert_allclose(same, [[0.6, 0.4]])
    # a class without clips counts as one
    np.testing.assert_allclose(
        corrected_for_prior(np.array([[0.5, 0.5]]), np.array([4, 0]), 1.0), [[0.2, 0.8]]
    )
