"""Dilated bf16 convolutions in channels-last memory: the float32 gradient, nearly."""

import pytest
import torch
from torch import nn

from microgesture.layers.dilated_convolutions import (
    ContiguousDilatedConv2d,
    guard_dilated_convolutions,
)
from tests.layers.gradients import gradients

LAST = torch.channels_last


@pytest.mark.parametrize("channels", [21, 34, 65])
@pytest.mark.parametrize(("kernel", "dilation"), [(3, 2), (3, 4), (5, 2)])
@pytest.mark.parametrize("joints", [20, 68])
@pytest.mark.parametrize("layout", [LAST, torch.contiguous_format])
def test_gradient_of_dilated_convolutions(channels, kernel, dilation, joints, layout):
    torch.manual_seed(0)
    padding = (dilation * (kernel - 1) // 2, 0)
    layer = nn.Conv2d(channels, channels, (kernel, 1), padding=padding, dilation=(dilation, 1))
    layer = layer.to(memory_format=LAST)
    x = torch.randn(2, channels, 16, joints).contiguous(memory_format=layout)
    expected = gradients(layer, x, bf16=False)
    guard_dilated_convolutions(nn.Sequential(layer))
    assert isinstance(layer, ContiguousDilatedConv2d)
    for bf16, tolerance in ((False, 1e-6), (True, 2e-2)):
        found = gradients(layer, x, bf16)
        for value, right in zip(found, expected):
            assert (value - right).norm() <= tolerance * right.norm()
    with torch.autocast("cpu", torch.bfloat16):
        assert layer(x).is_contiguous(memory_format=layout)


def test_safe_layers_and_names_stay():
    network = nn.Sequential(
        nn.Conv2d(34, 34, (3, 1)),
        nn.Conv2d(16, 16, (3, 1), dilation=(2, 1)),
        nn.Conv2d(32, 34, (3, 1), dilation=(2, 1)),
    )
    before = list(network.state_dict())
    guard_dilated_convolutions(network)
    assert list(network.state_dict()) == before
    kinds = [type(layer) for layer in network]
    assert kinds == [nn.Conv2d, nn.Conv2d, ContiguousDilatedConv2d]
