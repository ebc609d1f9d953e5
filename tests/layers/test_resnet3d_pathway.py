"""One branch: strides, extra channels, partial passes, and messages for wrong settings."""

import pytest
import torch

from microgesture.layers.pathway_classifier import PathwayClassifier
from microgesture.layers.resnet3d_pathway import ResNet3dPathway
from microgesture.provenance.errors import BadInput

SETTINGS = {
    "stage_blocks": (1, 2),
    "base_channels": 4,
    "stem_channels": None,
    "stem_kernel": (1, 3, 3),
    "stem_stride": 1,
    "stem_pool_stride": 1,
    "spatial_strides": (2, 2),
    "temporal_strides": (1, 2),
    "temporal_kernels": (1, 3),
}


@pytest.mark.parametrize(
    ("change", "shape"),
    [
        ({}, (1, 32, 2, 4, 4)),
        ({"stem_stride": 2}, (1, 32, 2, 2, 2)),
        ({"stem_pool_stride": 2}, (1, 32, 2, 2, 2)),
        ({"stem_pool_stride": None, "stem_channels": 3}, (1, 32, 2, 4, 4)),
        ({"temporal_strides": (1, 1), "spatial_strides": (1, 1)}, (1, 32, 4, 16, 16)),
    ],
)
def test_shapes(change, shape):
    network = ResNet3dPathway(3, **{**SETTINGS, **change})
    assert network(torch.randn(1, 3, 4, 16, 16)).shape == shape
    assert network.stage_channels == (16, 32)
    assert network.num_features == 32


def test_stages_can_be_run_one_by_one():
    network = ResNet3dPathway(3, **SETTINGS).eval()
    x = torch.randn(1, 3, 4, 16, 16)
    parts = network.forward_stages(network.forward_stem(x), 1, 1)
    torch.testing.assert_close(network.forward_stages(parts, 2, 2), network(x))


def test_extra_channels_widen_only_the_first_block_of_a_stage():
    plain = ResNet3dPathway(3, **SETTINGS).state_dict()
    wide = ResNet3dPathway(3, **SETTINGS, extra_channels=(0, 5)).state_dict()
    different = {name for name in plain if plain[name].shape != wide[name].shape}
    assert different == {"stage2.0.conv1.conv.weight", "stage2.0.shortcut.conv.weight"}
    assert wide["stage2.0.conv1.conv.weight"].shape[1] == 16 + 5


def test_channels_last_gives_the_same_answer():
    network = ResNet3dPathway(3, **SETTINGS).eval()
    x = torch.randn(2, 3, 4, 16, 16)
    expected = network(x)
    network.to(memory_format=torch.channels_last_3d)
    x = x.contiguous(memory_format=torch.channels_last_3d)
    torch.testing.assert_close(network(x), expected, atol=1e-5, rtol=1e-4)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = network(x)
    assert mixed.is_contiguous(memory_format=torch.channels_last_3d)  # no layer breaks the layout
    assert (mixed - expected).abs().max() < 0.03 * expected.abs().max()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"spatial_strides": (2, 2, 2)}, r"spatial_strides: \[2, 2, 2\] has 3 values.*2 stages"),
        ({"extra_channels": (1,)}, r"extra_channels: \[1\] has 1 values"),
        ({"stem_kernel": (7, 7)}, r"stem_kernel: \[7, 7\] should be three odd numbers"),
        ({"stem_kernel": (1, 4, 4)}, "odd numbers"),
    ],
)
def test_messages(change, message):
    with pytest.raises(BadInput, match=message):
        ResNet3dPathway(3, **{**SETTINGS, **change})


def test_classifier_is_pool_dropout_linear():
    network = PathwayClassifier(ResNet3dPathway(3, **SETTINGS), 5, dropout=0.5).eval()
    x = torch.randn(2, 3, 4, 16, 16)
    features = network.forward_features(x)
    by_hand = features.mean((2, 3, 4)) @ network.classifier.weight.T + network.classifier.bias
    torch.testing.assert_close(network(x), by_hand)
    torch.testing.assert_close(network.head(network.pool(features)), by_hand)
