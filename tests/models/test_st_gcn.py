"""ST-GCN against its reference, and what is its own."""

import pytest
import torch

from microgesture.models import st_gcn
from microgesture.pose.layouts import get_layout
from tests.models.references.equality import (
    FULL,
    SMALL,
    assert_equal_logits,
    parameter_counts,
)
from tests.models.references.graph_networks import distance_graph


@pytest.mark.parametrize(("layout", "persons", "size"), [("coco17", 2, FULL), ("ntu25", 1, SMALL)])
def test_reference_weights_give_the_reference_logits(layout, persons, size):
    assert_equal_logits("st_gcn", layout, persons, size)


@pytest.mark.parametrize(("layout", "classes"), [("coco17", 60), ("ntu25", 99)])
def test_parameter_count_equals_the_references(layout, classes):
    ours, reference = parameter_counts("st_gcn", layout, classes)
    assert ours == reference


def test_the_graph_is_fixed_and_its_edges_importance_is_learned():
    network = st_gcn.build(3, in_channels=3, layout=get_layout("ntu25"), base_channels=8)
    spatial = network.blocks[0].spatial
    torch.testing.assert_close(spatial.adjacency, distance_graph("ntu25").float())
    assert "blocks.0.spatial.adjacency" not in dict(network.named_parameters())
    assert torch.equal(spatial.adaptation, torch.ones(3, 25, 25))


def test_edges_that_are_not_in_the_graph_stay_out():
    network = st_gcn.build(3, in_channels=3, layout=get_layout("coco17"), base_channels=8)
    network(torch.randn(2, 3, 6, 17, 1)).square().sum().backward()
    spatial = network.blocks[3].spatial
    assert torch.all(spatial.adaptation.grad[spatial.adjacency == 0] == 0)
    assert torch.any(spatial.adaptation.grad[spatial.adjacency > 0] != 0)
