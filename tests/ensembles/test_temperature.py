import logging

import numpy as np
import pytest
from scipy import special

from microgesture.ensembles.temperature import fit_temperature, mean_log_loss, softmax


def test_softmax_equals_scipy():
    logits = np.random.default_rng(0).normal(size=(5, 4)) * 100
    np.testing.assert_allclose(softmax(logits, 3.0), special.softmax(logits / 3.0, axis=1))


def test_two_classes_have_a_closed_form():
    # Logits (1, 0) on every clip, three of four clips right. The best probability of class 0 is
    # 3/4, so 1 / T = logit(3/4) = log 3.
    logits = np.tile([1.0, 0.0], (4, 1))
    labels = np.array([0, 0, 0, 1])
    fitted = fit_temperature(logits, labels)
    assert fitted.value == pytest.approx(1 / np.log(3), rel=1e-5)
    # Loss there: the entropy of (3/4, 1/4).
    assert fitted.nll_after == pytest.approx(-(0.75 * np.log(0.75) + 0.25 * np.log(0.25)))
    assert fitted.nll_before == pytest.approx(mean_log_loss(logits, labels))


@pytest.mark.parametrize("factor", [0.3, 1.0, 4.0])
def test_finds_the_factor_that_logits_were_blown_up_by(factor):
    generator = np.random.default_rng(1)
    honest = generator.normal(size=(20_000, 5)) * 1.5
    chances = softmax(honest)
    labels = (chances.cumsum(axis=1) > generator.random((20_000, 1))).argmax(axis=1)
    fitted = fit_temperature(honest * factor, labels)
    assert fitted.value == pytest.approx(factor, rel=0.04)
    assert fitted.nll_after <= fitted.nll_before


def test_no_grid_point_is_better():
    generator = np.random.default_rng(2)
    labels = generator.integers(0, 6, 30)
    logits = 5 * (generator.normal(size=(30, 6)) + np.eye(6)[labels])
    fitted = fit_temperature(logits, labels)
    grid = [mean_log_loss(logits, labels, heat) for heat in np.geomspace(0.05, 20, 2000)]
    assert fitted.nll_after <= min(grid) + 1e-9


def test_all_right_goes_to_the_edge_and_says_so(caplog):
    logits = np.eye(3)[[0, 1, 2]]
    with caplog.at_level(logging.WARNING):
        fitted = fit_temperature(logits, np.array([0, 1, 2]), "joint")
    assert 0.05 <= fitted.value < 0.051
    assert "temperature of joint lies at the edge" in caplog.text


def test_equal_logits_stay_as_they_are():
    fitted = fit_temperature(np.zeros((4, 3)), np.array([0, 1, 2, 0]))
    assert np.isfinite(fitted.value)
    assert fitted.nll_after == pytest.approx(np.log(3))
