import numpy as np
import pytest

from microgesture.segments.familiarity import Familiarity, fit_density, quantiles_of


def drawn(count, seed, width=6, shift=0.0):
    """Features of two hidden causes and noise."""
    generator = np.random.default_rng(seed)
    mixing = np.random.default_rng(99).normal(size=(2, width))
    values = generator.normal(size=(count, 2)) @ mixing + 0.1 * generator.normal(
        size=(count, width)
    )
    return values + shift


def test_distances_are_those_of_the_whole_covariance():
    """With as many directions as there are, less one, it is the Mahalanobis distance itself."""
    features, others = drawn(400, 0), drawn(50, 1)
    density = fit_density(features)
    mean, scale = features.mean(axis=0), features.std(axis=0)
    z = (features - mean) / scale
    inverse = np.linalg.inv(z.T @ z / (len(z) - 1))
    wanted = (others - mean) / scale
    whole = np.einsum("ni,ij,nj->n", wanted, inverse, wanted)
    assert density.distances(others) == pytest.approx(np.sqrt(whole / 6), rel=1e-6)


def test_training_lies_at_one_and_the_strange_far_away():
    density = fit_density(drawn(2000, 0))
    assert np.sqrt((density.distances(drawn(2000, 2)) ** 2).mean()) == pytest.approx(1, abs=0.05)
    assert density.distances(drawn(20, 3, shift=3.0)).min() > 3


def test_share_and_factor():
    reference = quantiles_of(np.arange(1001) / 1000)
    one = Familiarity(*(np.ones(1) for _ in range(5)), reference=reference)
    assert one.share(np.array([0.0, 0.5, 0.9, 2.0])) == pytest.approx([1, 0.5, 0.1, 0])
    # nothing is lost where 1 in 100 is as strange, half where 1 in 200 is, all beyond the strangest
    assert one.factor(np.array([0.99, 0.995, 1.0])) == pytest.approx([1, 0.5, 0], abs=1e-6)


def test_more_numbers_than_windows_and_a_constant_one():
    features = np.concatenate([drawn(20, 0, width=60), np.full((20, 1), 7.0)], axis=1)
    density = fit_density(features)
    found = density.distances(np.concatenate([drawn(5, 1, width=60), np.full((5, 1), 7.0)], axis=1))
    assert np.isfinite(found).all()
    assert (density.distances(features[:3] + 50) > density.distances(features[:3])).all()


def test_a_seed_chooses_among_many():
    features = drawn(300, 0)
    first, again, other = (fit_density(features, seed, most=50) for seed in (0, 0, 1))
    assert np.array_equal(first.mean, again.mean)
    assert not np.array_equal(first.mean, other.mean)
