"""The hypergraph transformer's own definition."""

import pytest
import torch

from microgesture.models import hypergraph_transformer
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput


def make(**options):
    torch.manual_seed(0)
    size = {"base_channels": 24, "num_stages": 2} | options
    return hypergraph_transformer.build(4, in_channels=3, layout=get_layout("imigue22"), **size)


@pytest.mark.parametrize(
    ("channels", "heads"), [(208, 8), (204, 6), (216, 9), (24, 1), (16, 1), (100, 4)]
)
def test_heads_divide_the_channels(channels, heads):
    assert hypergraph_transformer.choose_heads(channels) == heads


def test_heads_that_do_not_divide_the_channels_are_refused():
    with pytest.raises(BadInput, match="write base_channels: 20"):
        make(num_heads=5)


def test_auxiliary_logits_see_the_strongest_body_part():
    network = make().eval()
    layout = get_layout("imigue22")
    features = torch.rand(2, 1, 24, 3, 22)
    strongest = torch.stack(
        [features[..., list(joints)].mean((1, 3, 4)) for joints in layout.parts.values()]
    ).amax(0)
    classifier = network.auxiliary_classifier
    expected = strongest @ classifier.weight.t() + classifier.bias
    torch.testing.assert_close(network.auxiliary_logits(features), expected)


def test_predictions_do_not_use_the_auxiliary_classifier():
    network = make().eval()
    clips = torch.randn(2, 3, 5, 22, 1)
    before = network(clips)
    torch.nn.init.constant_(network.auxiliary_classifier.weight, 9.0)
    assert torch.equal(network(clips), before)


def test_joints_are_told_apart_by_their_place_in_the_skeleton():
    """With hop distances and parts learned, two joints with equal features give unequal ones."""
    network = make(num_stages=1).eval()
    attention = network.blocks[1].spatial.attention
    torch.nn.init.ones_(attention.alpha)
    torch.nn.init.normal_(attention.relative)
    x = torch.randn(1, 1, 22, 24)
    x[:, :, 5] = x[:, :, 12]
    y = attention(x)
    assert (y[0, 0, 5] - y[0, 0, 12]).abs().max() > 1e-4
