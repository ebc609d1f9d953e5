"""Has the recogniser seen anything like this? Confidences are honest for people like those of
validation; footage of another kind (another camera, other keypoints, a passer-by) must not be named
with the same certainty.

A Gaussian in the main directions of the members' features, one variance for all others
(probabilistic PCA, Tipping and Bishop 1999), is fitted on training windows; the distance from it
(Mahalanobis, as Lee et al., NeurIPS 2018, do for networks' features) is compared with that of the
validation people's frames.
"""

from dataclasses import dataclass

import numpy as np

DIRECTIONS = 48
QUANTILES = 401
USUAL = 0.01  # share of validation that is stranger; above it a confidence stays as it is
AT_ONCE = 4096


@dataclass(frozen=True)
class Familiarity:
    """mean (F,), scale (F,): of the features; directions (F, P), variances (P,), noise (): of the
    standardised ones; reference (Q,): ascending quantiles of the distances of validation frames.
    All float64."""

    mean: np.ndarray
    scale: np.ndarray
    directions: np.ndarray
    variances: np.ndarray
    noise: np.ndarray
    reference: np.ndarray

    def distances(self, features: np.ndarray) -> np.ndarray:
        """float64 (N,): root mean square of the whitened features (N, F); about 1 for training."""
        found = np.zeros(len(features))
        for at in range(0, len(features), AT_ONCE):
            z = (np.asarray(features[at : at + AT_ONCE], np.float64) - self.mean) / self.scale
            inside = z @ self.directions
            rest = np.maximum((z**2).sum(axis=1) - (inside**2).sum(axis=1), 0)
            whole = (inside**2 / self.variances).sum(axis=1) + rest / self.noise
            found[at : at + AT_ONCE] = np.sqrt(whole / len(self.mean))
        return found

    def share(self, distances: np.ndarray) -> np.ndarray:
        """float64, same shape, 0..1: share of validation frames that are at least as strange."""
        below = np.interp(
            np.asarray(distances, np.float64),
            self.reference,
            np.linspace(0, 1, len(self.reference)),
        )
        return 1 - below

    def factor(self, distances: np.ndarray) -> np.ndarray:
        """What a confidence is multiplied by: 1 where 1 in 100 validation frames is as strange, 0
        where none is."""
        return np.minimum(1.0, self.share(distances) / USUAL)


def fit_density(features: np.ndarray, seed: int = 0, most: int = 5000) -> Familiarity:
    """The Gaussian of training windows (N, F), at most `most` of them drawn at random; without its
    reference."""
    features = np.asarray(features, np.float64)
    if len(features) > most:
        chosen = np.random.default_rng(seed).choice(len(features), most, replace=False)
        features = features[np.sort(chosen)]
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale[scale < 1e-9] = 1.0
    z = (features - mean) / scale
    count, width = z.shape
    kept = max(1, min(DIRECTIONS, width - 1, count - 1))
    _, values, rows = np.linalg.svd(z, full_matrices=False)
    variances = values**2 / max(count - 1, 1)
    rest = variances[kept:].sum() / max(width - kept, 1)
    return Familiarity(
        mean=mean,
        scale=scale,
        directions=rows[:kept].T.copy(),
        variances=np.maximum(variances[:kept], 1e-6),
        noise=np.array(max(rest, 1e-6)),
        reference=np.zeros(1),
    )


def quantiles_of(distances: np.ndarray) -> np.ndarray:
    """float64 (QUANTILES,) ascending: the reference of `Familiarity`."""
    return np.quantile(np.asarray(distances, np.float64), np.linspace(0, 1, QUANTILES))
