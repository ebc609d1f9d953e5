"""Temperature scaling: one number per network that makes its confidences honest.

p = softmax(z / T) with T = argmin of the validation clips' negative log likelihood (Guo et al.
2017). The loss is convex in 1 / T: it has a single valley in log T, which a bounded search finds.
T keeps the order of the classes: it changes no top-1 prediction of the network itself, but how
loudly it speaks in an ensemble.
"""

import logging
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

LOGGER = logging.getLogger(__name__)

LOWEST, HIGHEST = 0.05, 20.0


@dataclass(frozen=True)
class Temperature:
    """A fitted temperature and the mean validation loss (natural logarithm) without and with it."""

    value: float
    nll_before: float
    nll_after: float


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """softmax(logits / temperature) over the last axis, float64."""
    return np.exp(log_softmax(np.asarray(logits, dtype=np.float64) / temperature, axis=-1))


def mean_log_loss(logits: np.ndarray, labels: np.ndarray, temperature: float = 1.0) -> float:
    """Mean negative log likelihood of labels (N,) under softmax(logits (N, K) / temperature)."""
    scaled = log_softmax(np.asarray(logits, dtype=np.float64) / temperature, axis=-1)
    return float(-scaled[np.arange(len(labels)), np.asarray(labels, dtype=np.int64)].mean())


def fit_temperature(logits: np.ndarray, labels: np.ndarray, name: str = "network") -> Temperature:
    """The temperature in [0.05, 20] with the lowest validation loss.

    logits (N, K), labels (N,) int 0..K-1; without any the temperature stays 1. `name` is for the
    warning ("": none) when the valley lies outside the range: below it where every validation clip
    is right (the fewer clips, the less that means), above it where the network knows less than
    nothing.
    """
    if not len(labels):
        LOGGER.warning("no validation clips: the confidences of %s stay as they are", name)
        return Temperature(1.0, float("nan"), float("nan"))
    before = mean_log_loss(logits, labels)
    found = minimize_scalar(
        lambda exponent: mean_log_loss(logits, labels, float(np.exp(exponent))),
        bounds=(np.log(LOWEST), np.log(HIGHEST)),
        method="bounded",
        options={"xatol": 1e-7},
    )
    value, after = float(np.exp(found.x)), float(found.fun)
    if after > before:  # flat loss, e.g. all logits equal: leave the network as it is
        value, after = 1.0, before
    if name and (value < LOWEST * 1.01 or value > HIGHEST * 0.99):
        LOGGER.warning(
            "the temperature of %s lies at the edge of its range (%.3g, %d validation clips): its "
            "confidences cannot be trusted",
            name,
            value,
            len(labels),
        )
    return Temperature(value, before, after)
