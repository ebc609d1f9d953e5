"""Pooling against hand-computed values."""

import torch

from microgesture.layers.pooling import global_average_pool, prototype_pool


def test_pools_by_hand():
    # one clip, one channel, two frames of 1 x 2 pixels: (1, 4) and (5, 0)
    features = torch.tensor([[1.0, 4.0], [5.0, 0.0]]).view(1, 1, 2, 1, 2)
    assert global_average_pool(features).item() == 2.5
    # means over time are 3 and 2; the larger one counts
    assert prototype_pool(features).item() == 3.0
    many = torch.randn(3, 5, 2, 4, 4)
    assert global_average_pool(many).shape == prototype_pool(many).shape == (3, 5)
