"""Starting weights have the spread they should have."""

import pytest
import torch
from torch import nn

from microgesture.layers.initialisation import init_conv, init_norm


@pytest.mark.parametrize("groups", [1, 3])
def test_spread_follows_the_fan_out(groups):
    torch.manual_seed(0)
    conv = nn.Conv2d(64, 48 * groups, (9, 1))
    init_conv(conv, groups)
    assert conv.weight.std().item() == pytest.approx((2 / (48 * 9)) ** 0.5, rel=0.02)
    assert conv.bias.abs().max() == 0


def test_norm_starts_at_its_scale():
    norm = nn.BatchNorm2d(3)
    init_norm(norm, 1e-6)
    assert torch.equal(norm.weight, torch.full((3,), 1e-6))
    assert torch.equal(norm.bias, torch.zeros(3))
