"""DG-STGCN against its reference, and what is its own."""

import pytest
import torch

from microgesture.models import dg_stgcn
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from tests.models.references.equality import (
    FULL,
    SMALL,
    assert_equal_logits,
    parameter_counts,
)


@pytest.mark.parametrize(("layout", "persons", "size"), [("coco17", 2, FULL), ("ntu25", 1, SMALL)])
def test_reference_weights_give_the_reference_logits(layout, persons, size):
    assert_equal_logits("dg_stgcn", layout, persons, size)


@pytest.mark.parametrize(("layout", "classes"), [("coco17", 60), ("ntu25", 99)])
def test_parameter_count_equals_the_references(layout, classes):
    ours, reference = parameter_counts("dg_stgcn", layout, classes)
    assert ours == reference


def test_every_joint_has_a_coefficient_for_the_mean_joint():
    network = dg_stgcn.build(3, in_channels=3, layout=get_layout("h68"), base_channels=8)
    assert all(block.temporal.coefficient.shape == (68,) for block in network.blocks)


def test_graphs_are_random_but_repeatable_and_equal_in_all_blocks():
    def first_graphs():
        torch.manual_seed(4)
        options = {"in_channels": 3, "base_channels": 8, "num_stages": 3}
        network = dg_stgcn.build(3, layout=get_layout("coco17"), **options)
        return [block.spatial.adjacency.detach() for block in network.blocks]

    graphs = first_graphs()
    assert graphs[0].shape == (8, 17, 17)
    assert torch.equal(graphs[0], graphs[2])
    assert torch.equal(graphs[0], first_graphs()[0])
    assert graphs[0].mean().item() == pytest.approx(0.04, abs=0.002)
    assert graphs[0].std().item() == pytest.approx(0.02, abs=0.002)


def test_shared_graph_of_a_clip_sums_to_one_over_senders():
    layer = dg_stgcn.DynamicGroupConvolution(4, 16, torch.zeros(8, 5, 5))
    torch.nn.init.ones_(layer.beta)
    graphs = layer.clip_graphs(torch.randn(2, 4, 6, 5))
    assert graphs.shape == (2, 8, 2, 5, 5)
    torch.testing.assert_close(graphs.sum(3), torch.ones(2, 8, 2, 5))


def test_groups_without_a_channel_are_refused():
    with pytest.raises(BadInput, match="group_ratio"):
        dg_stgcn.build(
            3, in_channels=3, layout=get_layout("coco17"), base_channels=8, group_ratio=0.1
        )
