"""The log-linear vote: a weighted geometric mean of the members' probabilities.

p(k) is proportional to prod_m p_m(k) ^ w_m (logarithmic opinion pool; Genest and Zidek 1986).
Unlike in the mean of probabilities, one member that is sure that a class is wrong can rule it out.
The weights need not add up to 1: their sum is the temperature of the pool.

They minimise the validation clips' negative log likelihood, which is convex in w (a log-linear
model with M parameters), with a quadratic pull towards 1 / M that is worth `prior` clips:
(prior * M^2 / 2) * |w - 1 / M|^2. With few validation clips the weights stay near equal.
"""

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

SMALLEST = 1e-12


def log_linear_vote(probabilities: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """probabilities (M, N, K), weights (M,) >= 0 -> (N, K) float64, rows add up to 1."""
    return softmax(np.tensordot(weights, _logs(probabilities), axes=1), axis=1)


def fit_log_linear_weights(
    probabilities: np.ndarray, labels: np.ndarray, prior: float
) -> np.ndarray:
    """Weights (M,) float64 from the validation clips.

    probabilities (M, N, K) calibrated, labels (N,) int. prior: 0 for none, in clips. The optimum is
    unique for prior > 0.
    """
    logs = _logs(probabilities)
    members, clips = logs.shape[:2]
    right = logs[:, np.arange(clips), labels]

    def loss(weights):
        pooled = log_softmax(np.tensordot(weights, logs, axes=1), axis=1)
        expected = np.einsum("nk,mnk->m", np.exp(pooled), logs)
        away = weights - 1 / members
        strength = prior * members**2
        value = -pooled[np.arange(clips), labels].sum() + strength / 2 * (away**2).sum()
        return value, expected - right.sum(axis=1) + strength * away

    start = np.full(members, 1 / members)
    found = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] * members,
        options={"ftol": 1e-14, "gtol": 1e-9},
    )
    return found.x


def corrected_for_prior(
    probabilities: np.ndarray, counts: np.ndarray, strength: float
) -> np.ndarray:
    """p(k) / prior(k) ^ strength, scaled to add up to 1 (logit adjustment; Menon et al. 2021).

    probabilities (N, K); counts (K,): training clips of every class, a class without any counts as
    one. Trained with square-root class weights a network still believes in a prior like
    sqrt(counts): a strength of 0.5 takes that back, and rare classes are no longer overlooked.
    """
    shares = np.maximum(np.asarray(counts, dtype=np.float64), 1.0)
    adjusted = np.log(np.clip(probabilities, SMALLEST, 1)) - strength * np.log(
        shares / shares.sum()
    )
    return softmax(adjusted, axis=1)


def _logs(probabilities: np.ndarray) -> np.ndarray:
    return np.log(np.clip(np.asarray(probabilities, dtype=np.float64), SMALLEST, 1))
