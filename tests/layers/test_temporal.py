"""Convolutions over time: lengths, branches, the mean joint."""

import pytest
import torch
import torch.nn.functional as F

from microgesture.layers.temporal import (
    BRANCHES,
    MultiBranchTemporalConvolution,
    MultiScaleTemporalConvolution,
    TemporalBranches,
    TemporalConvolution,
)
from microgesture.provenance.errors import BadInput


@pytest.mark.parametrize("frames", [1, 2, 7, 8])
@pytest.mark.parametrize("stride", [1, 2])
def test_stride_shortens_to_the_ceiling(frames, stride):
    x = torch.randn(2, 12, frames, 5)
    layers = (
        TemporalConvolution(12, 12, stride=stride),
        MultiBranchTemporalConvolution(12, stride),
        MultiBranchTemporalConvolution(12, stride, global_joints=5),
        MultiScaleTemporalConvolution(12, stride),
    )
    for layer in layers:
        assert layer.eval()(x).shape == (2, 12, -(-frames // stride), 5)


def test_branches_are_the_separate_convolutions_side_by_side():
    torch.manual_seed(0)
    widths = [3, 2, 2, 2, 2, 1]
    layer = TemporalBranches(4, BRANCHES, widths, stride=2).eval()
    norm = layer.expand_norm
    torch.nn.init.uniform_(norm.running_mean)
    torch.nn.init.uniform_(norm.weight)
    x = torch.randn(2, 4, 9, 3)
    expected, start = [], 0
    for number, width in enumerate(widths[:5]):
        part = slice(start, start + width)
        y = F.conv2d(x, layer.expand.weight[part], layer.expand.bias[part])
        y = (y - norm.running_mean[part, None, None]) / (1 + norm.eps) ** 0.5
        y = (y * norm.weight[part, None, None]).relu()
        if number < 4:
            conv, reach = layer.convs[number], number + 1
            padded = F.pad(y, (0, 0, reach, reach))
            taps = [
                torch.einsum("oc,nctv->notv", conv.weight[:, :, k, 0], padded[:, :, k * reach :])
                [:, :, :9] for k in range(3)
            ]  # fmt: skip
            y = (sum(taps) + conv.bias[:, None, None])[:, :, ::2]
        else:
            padded = F.pad(y, (0, 0, 1, 1))
            y = torch.stack([padded[:, :, k : k + 9] for k in range(3)]).amax(0)[:, :, ::2]
        expected.append(y)
        start += width
    expected.append(F.conv2d(x, layer.point.weight, layer.point.bias)[:, :, ::2])
    torch.testing.assert_close(layer(x), torch.cat(expected, 1), rtol=1e-4, atol=1e-5)


def test_mean_joint_is_added_by_its_coefficients():
    torch.manual_seed(0)
    layer = MultiBranchTemporalConvolution(12, global_joints=4).eval()
    plain = MultiBranchTemporalConvolution(12).eval()
    plain.load_state_dict(layer.state_dict(), strict=False)
    x = torch.randn(2, 12, 6, 4)
    torch.testing.assert_close(layer(x), plain(x))  # coefficients start at zero
    with torch.no_grad():
        layer.coefficient[2] = 1.0
    difference = (layer(x) - plain(x)).abs().amax((0, 1, 2))
    assert difference[2] > 1e-3
    assert difference[[0, 1, 3]].max() < 1e-5


def test_branches_can_be_chosen():
    layer = MultiBranchTemporalConvolution(6, branches=[[5, 1], ["max", 3]])
    assert layer.branches.inner_widths == [3, 3]
    assert layer(torch.randn(1, 6, 4, 2)).shape == (1, 6, 4, 2)


@pytest.mark.parametrize(
    ("branches", "widths"), [(("1x1", (3, 1)), (2, 2)), (((3, 1), "1x1"), (2, 0))]
)
def test_impossible_branches_are_refused(branches, widths):
    with pytest.raises(BadInput, match="1x1"):
        TemporalBranches(4, branches, widths)
