"""The batch comes into the weights' layout without changing a value."""

import pytest
import torch

from microgesture.layers.memory_layout import is_channels_last, lay_channels_last, match_layout

LAST = torch.channels_last_3d


def weights(last):
    weight = torch.zeros(4, 5, 1, 3, 3)
    return weight.contiguous(memory_format=LAST) if last else weight


def test_layouts_are_recognised():
    assert is_channels_last(weights(True))
    assert not is_channels_last(weights(False))
    assert not is_channels_last(torch.zeros(4, 1, 1, 3, 3))  # one channel: nothing to turn


@pytest.mark.parametrize("size", [(2, 5, 3, 4, 6), (2, 68, 4, 32, 32)])
def test_values_stay(size):
    x = torch.randn(size)
    turned = match_layout(x, weights(True))
    assert turned.is_contiguous(memory_format=LAST)
    assert torch.equal(turned, x)
    slice_of_more = torch.randn(2, *size[1:])[:, :, 1:]  # not contiguous at all
    assert torch.equal(match_layout(slice_of_more, weights(True)), slice_of_more)


def test_nothing_is_copied_in_vain():
    x = torch.randn(2, 5, 3, 4, 6)
    assert match_layout(x, weights(False)) is x
    last = x.contiguous(memory_format=LAST)
    assert match_layout(last, weights(True)) is last


def test_mixed_precision_and_gradients():
    x = torch.randn(2, 5, 3, 4, 6)
    with torch.autocast("cpu", torch.bfloat16):
        turned = match_layout(x, weights(True))
    assert torch.equal(turned, x.bfloat16())
    assert turned.is_contiguous(memory_format=LAST)
    x.requires_grad_()
    match_layout(x, weights(True)).sum().backward()
    assert torch.equal(x.grad, torch.ones_like(x))


def test_kernels_of_both_ranks_are_laid_channels_last():
    network = torch.nn.Sequential(
        torch.nn.Conv3d(3, 4, 3), torch.nn.Conv2d(5, 6, 3), torch.nn.Linear(7, 8)
    )
    before = [parameter.clone() for parameter in network.parameters()]
    lay_channels_last(network)
    assert network[0].weight.is_contiguous(memory_format=LAST)
    assert network[1].weight.is_contiguous(memory_format=torch.channels_last)
    assert all(map(torch.equal, before, network.parameters()))
