"""Adjacency matrices, against hand-written ones and plain references."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from microgesture.layers.graph import (
    distance_adjacency,
    hop_distances,
    normalise_columns,
    random_adjacency,
    spatial_adjacency,
)
from microgesture.pose.layouts import LAYOUT_NAMES, get_layout
from tests.models.references.graph_networks import distance_graph, spatial_graph


@dataclass(frozen=True)
class Chain:
    """0 - 1 - 2, and 3 on its own; 1 is the root."""

    parents: tuple[int, ...] = (1, 1, 1, 3)
    center: int = 1
    num_joints: int = 4


def test_hops_of_a_chain():
    inf = np.inf
    expected = [[0, 1, 2, inf], [1, 0, 1, inf], [2, 1, 0, inf], [inf, inf, inf, 0]]
    assert hop_distances(Chain()).tolist() == expected
    assert hop_distances(Chain(), max_hop=1)[0].tolist() == [0, 1, inf, inf]


def test_columns_sum_to_one_or_stay_empty():
    matrix = np.array([[1.0, 0.0], [3.0, 0.0]])
    assert normalise_columns(matrix).tolist() == [[0.25, 0], [0.75, 0]]


def test_spatial_graph_of_a_chain():
    itself, inward, outward = spatial_adjacency(Chain())
    assert torch.equal(itself, torch.eye(4))
    # joint 1 sends to its children, each of which has no other sender
    assert inward.tolist() == [[0, 0, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert outward.tolist() == [[0, 0.5, 0, 0], [0, 0, 0, 0], [0, 0.5, 0, 0], [0, 0, 0, 0]]


def test_distance_graph_of_a_chain():
    itself, not_nearer, nearer = distance_adjacency(Chain())
    third = torch.tensor(1 / 3)
    expected = torch.diag(torch.tensor([0.5, 1 / 3, 0.5, 1.0]))
    torch.testing.assert_close(itself, expected)
    # towards the centre come the two ends, away from it goes the centre
    torch.testing.assert_close(not_nearer[:, 1], torch.stack([third, third * 0, third, third * 0]))
    assert not_nearer[:, (0, 2, 3)].abs().max() == 0
    assert nearer[1].tolist() == [0.5, 0, 0.5, 0]
    assert nearer.sum() == 1


@pytest.mark.parametrize("name", ["coco17", "ntu25"])
def test_published_graphs(name):
    layout = get_layout(name)
    torch.testing.assert_close(spatial_adjacency(layout), spatial_graph(name).float())
    torch.testing.assert_close(distance_adjacency(layout), distance_graph(name).float())


@pytest.mark.parametrize("name", LAYOUT_NAMES)
def test_every_joint_of_every_layout_is_reached(name):
    layout = get_layout(name)
    assert np.isfinite(hop_distances(layout)).all()
    graph = spatial_adjacency(layout)
    assert graph.shape == (3, layout.num_joints, layout.num_joints)
    assert torch.equal(graph[1].sum(0) == 1, torch.arange(layout.num_joints) != layout.center)
    # every edge to a neighbour stands in exactly one subset
    hops = torch.from_numpy(hop_distances(layout))
    assert torch.equal((distance_adjacency(layout) > 0).sum(0) == 1, hops <= 1)


def test_random_graphs_follow_the_seed():
    torch.manual_seed(1)
    graph = random_adjacency(30, num_filters=4, offset=0.5, std=0.1)
    torch.manual_seed(1)
    assert torch.equal(graph, random_adjacency(30, 4, 0.5, 0.1))
    assert graph.shape == (4, 30, 30)
    assert graph.mean().item() == pytest.approx(0.5, abs=0.01)
    assert graph.std().item() == pytest.approx(0.1, abs=0.01)
