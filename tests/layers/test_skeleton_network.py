"""The frame of the skeleton recognisers."""

import pytest
import torch
from torch import nn

from microgesture.layers.skeleton_network import (
    SkeletonNetwork,
    SpatialTemporalBlock,
    Stage,
    plan_stages,
    require_layout,
)
from microgesture.provenance.errors import BadInput


def frame(**options):
    settings = {
        "num_features": 2,
        "num_classes": 3,
        "in_channels": 2,
        "num_joints": 4,
        "num_persons": 2,
        "input_norm": None,
        "dropout": 0.0,
    }
    return SkeletonNetwork([], **(settings | options))


def test_ten_stages_of_the_references():
    stages = plan_stages(3)
    assert [stage.out_channels for stage in stages] == [64] * 4 + [128] * 3 + [256] * 3
    assert [stage.stride for stage in stages] == [1, 1, 1, 1, 2, 1, 1, 2, 1, 1]
    assert stages[0] == Stage(3, 64, 1, True)
    assert stages[4].in_channels == 64


def test_short_plans_inflate_where_they_reach():
    stages = plan_stages(3, 16, 6)
    assert [stage.out_channels for stage in stages] == [16] * 4 + [32] * 2


def test_persons_and_joints_come_in_their_places():
    clips = torch.arange(2 * 2 * 3 * 4 * 2).float().view(2, 2, 3, 4, 2)
    features = frame().forward_features(clips)
    assert torch.equal(features, clips.permute(0, 4, 1, 2, 3))


@pytest.mark.parametrize("kind", ["joint", "person_joint"])
def test_input_is_normalised_per_joint_or_per_joint_and_person(kind):
    torch.manual_seed(0)
    network = frame(input_norm=kind)
    clips = torch.randn(5, 2, 6, 4, 2) * torch.rand(1, 2, 1, 4, 2) + torch.rand(1, 2, 1, 4, 2)
    features = network.forward_features(clips)
    axes = (0, 3) if kind == "person_joint" else (0, 1, 3)
    mean, std = features.mean(axes), features.std(axes, unbiased=False)
    torch.testing.assert_close(mean, torch.zeros_like(mean), rtol=0, atol=1e-4)
    torch.testing.assert_close(std, torch.ones_like(std), rtol=0, atol=1e-2)


def test_pool_is_the_mean_and_head_is_linear():
    network = frame().eval()
    features = torch.randn(3, 2, 2, 5, 4)
    pooled = network.pool(features)
    torch.testing.assert_close(pooled[1, 0], features[1, :, 0].mean())
    expected = pooled @ network.classifier.weight.t() + network.classifier.bias
    torch.testing.assert_close(network.head(pooled), expected)


def test_residual_of_a_block():
    x = torch.randn(2, 3, 4, 5)
    first = SpatialTemporalBlock(Stage(3, 3, 1, True), nn.Identity(), nn.Identity())
    torch.testing.assert_close(first(x), x.relu())
    later = SpatialTemporalBlock(Stage(3, 3, 1, False), nn.Identity(), nn.Identity())
    torch.testing.assert_close(later(x), (2 * x).relu())
    shorter = SpatialTemporalBlock(Stage(3, 3, 2, False), nn.Identity(), nn.AvgPool2d((2, 1)))
    assert shorter(x).shape == (2, 3, 2, 5)


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="C=2, T, V=4, M"):
        frame()(torch.zeros(1, 3, 5, 4, 2))
    with pytest.raises(ValueError, match="built for 2"):
        frame(input_norm="person_joint")(torch.zeros(1, 2, 5, 4, 1))
    with pytest.raises(BadInput, match="input_norm"):
        frame(input_norm="VC")
    with pytest.raises(BadInput, match="some_model"):
        require_layout(None, "some_model")
