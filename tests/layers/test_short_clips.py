"""bf16 convolutions on clips shorter than their kernel: the float32 gradient, nearly."""

import pytest
import torch
from torch import nn

from microgesture.layers.short_clips import ShortClipConv3d, guard_short_clips
from tests.layers.gradients import gradients


@pytest.mark.parametrize(
    ("taps", "frames"), [(3, 1), (3, 2), (5, 2), (5, 3), (5, 4), (7, 6), (3, 4)]
)
@pytest.mark.parametrize("last", [False, True])
def test_gradient_of_short_clips(taps, frames, last):
    torch.manual_seed(0)
    plain = nn.Conv3d(16, 8, (taps, 1, 1), padding=(taps // 2, 0, 0), bias=False)
    x = torch.randn(2, 16, frames, 6, 6)
    if last:
        plain = plain.to(memory_format=torch.channels_last_3d)
        x = x.contiguous(memory_format=torch.channels_last_3d)
    expected = gradients(plain, x, bf16=False)
    guarded = guard_short_clips(nn.Sequential(plain))[0]
    assert isinstance(guarded, ShortClipConv3d)
    for bf16, tolerance in ((False, 1e-5), (True, 2e-2)):
        for found, right in zip(gradients(guarded, x, bf16), expected):
            assert (found - right).norm() <= tolerance * right.norm()


def test_names_and_other_layers_stay():
    network = nn.Sequential(nn.Conv3d(2, 3, (1, 3, 3)), nn.Conv3d(3, 4, 3, padding=1), nn.ReLU())
    before = list(network.state_dict())
    guard_short_clips(network)
    assert list(network.state_dict()) == before
    assert type(network[0]) is nn.Conv3d and type(network[1]) is ShortClipConv3d
