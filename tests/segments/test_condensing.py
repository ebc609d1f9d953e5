"""Wide features in fewer numbers."""

import torch

from microgesture.segments.condensing import WIDEST, WIDTH, condensed


def test_usual_networks_keep_their_features():
    features = torch.randn(3, WIDEST)
    assert condensed(features) is features


def test_lengths_are_kept():
    """A sketch's squared length has the right mean and a relative deviation of sqrt(2 / WIDTH)."""
    features = torch.randn(200, 8000, generator=torch.Generator().manual_seed(0))
    found = condensed(features)
    assert found.shape == (200, WIDTH) and found.dtype == torch.float32
    ratio = found.square().sum(1) / features.square().sum(1)
    assert abs(ratio.mean() - 1) < 0.02
    assert ratio.std() < 2 * (2 / WIDTH) ** 0.5


def test_every_feature_is_in_one_sum_and_always_the_same():
    each = condensed(torch.eye(WIDEST + 1))
    assert (each.abs().sum(1) == 1).all()
    assert torch.equal(each, condensed(torch.eye(WIDEST + 1)))
    assert (each.sum(1) > 0).any() and (each.sum(1) < 0).any()
