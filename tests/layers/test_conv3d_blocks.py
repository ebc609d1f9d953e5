"""Convolution blocks: shapes, shortcuts, starting weights, and values worked out by hand."""

import pytest
import torch

from microgesture.layers.conv3d_blocks import (
    Bottleneck3d,
    ConvNorm3d,
    UpsampleConvNorm3d,
    bottleneck_stage,
    initialise_convolutions,
)


def test_conv_norm_by_hand():
    block = ConvNorm3d(1, 1, (1, 3, 3)).eval()
    with torch.no_grad():
        block.conv.weight.fill_(1)
        block.norm.running_mean.fill_(4)
        block.norm.running_var.fill_(4 - 1e-5)
        x = torch.ones(1, 1, 1, 3, 3)
        # neighbours inside the frame: 4 in a corner, 6 at an edge, 9 in the middle; (n - 4) / 2
        expected = torch.tensor([[0.0, 1.0, 0.0], [1.0, 2.5, 1.0], [0.0, 1.0, 0.0]])
        torch.testing.assert_close(block(x)[0, 0, 0], expected)
        block.relu = False
        block.norm.running_mean.fill_(6)
        assert block(x)[0, 0, 0, 0, 0].item() == pytest.approx(-1)


def test_upsampling_by_hand():
    """Kernel 7, factor 4: frame t of the input reaches the outputs 4t - 3 to 4t + 3."""
    block = UpsampleConvNorm3d(1, 1, 4).eval()
    with torch.no_grad():
        block.conv.weight.copy_(torch.arange(1.0, 8.0).view(1, 1, 7, 1, 1))
        x = torch.tensor([1.0, 10.0, 0.0]).view(1, 1, 3, 1, 1)
        out = block(x).flatten() * (1 + 1e-5) ** 0.5
    # first frame's tap centre (4) lies on output 0, the second's on output 4
    expected = [4, 5 + 10, 6 + 20, 7 + 30, 40, 50, 60, 70, 0, 0, 0, 0]
    assert out.tolist() == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("factor", [1, 2, 4, 8])
def test_upsampling_gives_factor_times_the_frames(factor):
    block = UpsampleConvNorm3d(2, 3, factor)
    assert block(torch.zeros(1, 2, 5, 2, 2)).shape == (1, 3, 5 * factor, 2, 2)


@pytest.mark.parametrize(
    ("arguments", "shape", "has_shortcut"),
    [
        ((16, 4), (1, 16, 4, 8, 8), False),
        ((6, 4), (1, 16, 4, 8, 8), True),
        ((16, 4, 2, 1, 3), (1, 16, 4, 4, 4), True),
        ((16, 4, 1, 2, 1), (1, 16, 2, 8, 8), True),
    ],
)
def test_bottleneck_shapes(arguments, shape, has_shortcut):
    block = Bottleneck3d(*arguments)
    assert (block.shortcut is not None) == has_shortcut
    assert block(torch.randn(1, arguments[0], 4, 8, 8)).shape == shape


def test_a_stage_is_counted_by_hand():
    stage = bottleneck_stage(8, 2, 2, 2, 1, 3)
    # conv + norm: 1st block 8*2*3+4, 2*2*9+4, 2*8+16, shortcut 8*8+16; 2nd 8*2*3+4, 2*2*9+4, 2*8+16
    assert sum(p.numel() for p in stage.parameters()) == 52 + 40 + 32 + 80 + 52 + 40 + 32


def test_a_new_residual_block_is_its_shortcut():
    block = Bottleneck3d(16, 4, temporal_kernel=3)
    initialise_convolutions(block)
    x = torch.rand(2, 16, 3, 4, 4)
    torch.testing.assert_close(block(x), x)
    initialise_convolutions(block, zero_residual=False)
    assert (block(x) - x).abs().max() > 0.1


def test_starting_weights_have_the_published_spread():
    torch.manual_seed(0)
    layer = torch.nn.Conv3d(64, 64, (1, 3, 3))
    linear = torch.nn.Linear(400, 100)
    initialise_convolutions(torch.nn.ModuleList([layer, linear]))
    assert layer.weight.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.02)
    assert linear.weight.std().item() == pytest.approx(0.01, rel=0.02)
    assert not layer.bias.any()
    assert not linear.bias.any()


def test_transposed_convolutions_start_as_the_references():
    """mmcv's initialisation names nn.Conv3d, and a transposed one is none: torch's own stays, which
    is uniform within 1 / sqrt(output channels x kernel)."""
    torch.manual_seed(0)
    block = UpsampleConvNorm3d(256, 16, 4)
    torch.nn.init.zeros_(block.conv.weight)
    initialise_convolutions(block)
    weight, bound = block.conv.weight.detach(), 1 / (16 * 7) ** 0.5
    assert 0.99 * bound < weight.abs().max() <= bound
    assert weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.02)  # of a uniform one
    assert weight.mean().item() == pytest.approx(0, abs=0.01 * bound)
    torch.manual_seed(1)
    plain = torch.nn.ConvTranspose3d(256, 16, (7, 1, 1), bias=False).weight
    assert weight.std().item() == pytest.approx(plain.std().item(), rel=0.02)
