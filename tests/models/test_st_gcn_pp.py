"""ST-GCN++ against its reference, and what is its own."""

import pytest
import torch

from microgesture.models import st_gcn_pp
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from tests.models.references.equality import (
    FULL,
    SMALL,
    assert_equal_logits,
    parameter_counts,
)
from tests.models.references.graph_networks import spatial_graph


@pytest.mark.parametrize(("layout", "persons", "size"), [("coco17", 2, FULL), ("ntu25", 1, SMALL)])
def test_reference_weights_give_the_reference_logits(layout, persons, size):
    assert_equal_logits("st_gcn_pp", layout, persons, size)


@pytest.mark.parametrize(("layout", "classes"), [("coco17", 60), ("ntu25", 99)])
def test_parameter_count_equals_the_references(layout, classes):
    ours, reference = parameter_counts("st_gcn_pp", layout, classes)
    assert ours == reference


def test_the_graph_is_learned_from_the_skeleton_on():
    network = st_gcn_pp.build(3, in_channels=3, layout=get_layout("coco17"), base_channels=12)
    learned = dict(network.named_parameters())["blocks.4.spatial.adjacency"]
    torch.testing.assert_close(learned.detach(), spatial_graph("coco17").float())


def test_first_branch_takes_the_channels_that_are_left_over():
    network = st_gcn_pp.build(3, in_channels=3, layout=get_layout("coco17"))
    branches = network.blocks[0].temporal.branches
    assert branches.inner_widths == [14, 10, 10, 10, 10]
    assert branches.point.out_channels == 10


def test_temporal_dropout_spares_the_first_block():
    network = st_gcn_pp.build(
        3, in_channels=3, layout=get_layout("coco17"), base_channels=8, temporal_dropout=0.3
    )
    assert [block.temporal.dropout.p for block in network.blocks] == [0.0] + [0.3] * 9


def test_too_few_channels_for_the_branches_are_refused():
    with pytest.raises(BadInput, match="base_channels"):
        st_gcn_pp.build(3, in_channels=3, layout=get_layout("coco17"), base_channels=4)
