"""CTR-GCN against its reference, and what is its own."""

import pytest
import torch

from microgesture.models import ctr_gcn
from microgesture.pose.layouts import get_layout
from tests.models.references.equality import (
    FULL,
    SMALL,
    assert_equal_logits,
    parameter_counts,
)


@pytest.mark.parametrize(("layout", "persons", "size"), [("coco17", 2, FULL), ("ntu25", 1, SMALL)])
def test_reference_weights_give_the_reference_logits(layout, persons, size):
    assert_equal_logits("ctr_gcn", layout, persons, size)


@pytest.mark.parametrize(("layout", "classes"), [("coco17", 60), ("ntu25", 99)])
def test_parameter_count_equals_the_references(layout, classes):
    ours, reference = parameter_counts("ctr_gcn", layout, classes)
    assert ours == reference


@pytest.mark.parametrize(("channels", "inner"), [(3, 8), (16, 8), (64, 8), (128, 16)])
def test_channels_that_refine_the_graph(channels, inner):
    layer = ctr_gcn.TopologyRefinement(channels, 24, torch.zeros(3, 5, 5))
    assert layer.query.out_channels == 3 * inner


def test_every_channel_mixes_joints_in_its_own_way():
    """One subset, identity features: the result is each channel's graph, row of joint 0."""
    torch.manual_seed(0)
    layer = ctr_gcn.TopologyRefinement(2, 2, torch.zeros(1, 3, 3)).eval()
    torch.nn.init.ones_(layer.alpha)
    torch.nn.init.ones_(layer.norm.weight)
    x = torch.rand(1, 2, 4, 3)
    mean = x.mean(2)[0]
    query = layer.query.weight[:, :, 0, 0] @ mean
    key = layer.key.weight[:, :, 0, 0] @ mean
    value = torch.einsum("oc,ctv->otv", layer.value.weight[:, :, 0, 0], x[0])
    expected = torch.zeros(2, 4, 3)
    for channel in range(2):
        for sender in range(3):
            for receiver in range(3):
                weight = 0
                for inner in range(8):
                    difference = torch.tanh(query[inner, sender] - key[inner, receiver])
                    weight = weight + layer.refine.weight[channel, inner, 0, 0] * difference
                expected[channel, :, receiver] += weight * value[channel, :, sender]
    expected = torch.relu(expected / (1 + layer.norm.eps) ** 0.5 + x[0])
    torch.testing.assert_close(layer(x)[0], expected, rtol=1e-4, atol=1e-5)


def test_one_person_and_68_joints_work():
    network = ctr_gcn.build(
        3, in_channels=4, layout=get_layout("h68"), num_persons=1, base_channels=8, num_stages=2
    )
    assert network(torch.randn(1, 4, 5, 68, 1)).shape == (1, 3)
