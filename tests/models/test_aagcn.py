"""AAGCN against its reference, and what is its own."""

import pytest
import torch

from microgesture.models import aagcn
from microgesture.pose.layouts import get_layout
from tests.models.references.equality import (
    FULL,
    SMALL,
    assert_equal_logits,
    parameter_counts,
)


@pytest.mark.parametrize(("layout", "persons", "size"), [("coco17", 2, FULL), ("ntu25", 1, SMALL)])
def test_reference_weights_give_the_reference_logits(layout, persons, size):
    assert_equal_logits("aagcn", layout, persons, size)


@pytest.mark.parametrize(("layout", "classes"), [("coco17", 60), ("ntu25", 99)])
def test_parameter_count_equals_the_references(layout, classes):
    ours, reference = parameter_counts("aagcn", layout, classes)
    assert ours == reference


def test_one_person_and_an_even_number_of_joints_work():
    network = aagcn.build(
        3, in_channels=3, layout=get_layout("h68"), num_persons=1, base_channels=8, num_stages=3
    )
    assert network.input_norm.num_features == 3 * 68
    assert network.blocks[0].spatial.attention.joints.kernel_size == (67,)
    assert network(torch.randn(2, 3, 5, 68, 1)).shape == (2, 3)


def test_another_number_of_persons_is_refused():
    network = aagcn.build(
        3, in_channels=3, layout=get_layout("coco17"), num_persons=2, base_channels=8, num_stages=2
    )
    with pytest.raises(ValueError, match="built for 2"):
        network(torch.randn(2, 3, 5, 17, 1))


def test_attention_starts_equal_for_all_frames_and_channels():
    attention = aagcn.SkeletonAttention(4, 5)
    torch.nn.init.zeros_(attention.joints.weight)
    x = torch.randn(2, 4, 6, 5)
    torch.testing.assert_close(attention(x), x * 1.5**3)


def test_clips_have_graphs_of_their_own_once_alpha_is_not_zero():
    layer = aagcn.AdaptiveGraphConvolution(4, 8, torch.zeros(3, 5, 5))
    clips = torch.randn(2, 4, 6, 5)
    assert layer.clip_adjacency(clips).abs().max() == 0
    torch.nn.init.ones_(layer.alpha)
    graphs = layer.clip_adjacency(clips)
    assert graphs.shape == (2, 3, 5, 5)
    assert (graphs[0] - graphs[1]).abs().max() > 1e-3
