"""Adjacency matrices of a skeleton, made from its layout.

Every function returns float32 (K, V, V): K subsets of edges over V joints. Entry [k, v, w] is the
weight with which joint v's feature reaches joint w: y[w] = sum over k, v of A[k, v, w] x_k[v].

The three kinds are those of ST-GCN (Yan et al., AAAI 2018), ST-GCN++ (Duan et al., 2022) and
DG-STGCN (Duan et al., 2022), with the conventions of their published weights: columns sum to one,
and a distance that is not reached within `max_hop` counts as infinite.
"""

import numpy as np
import torch

from microgesture.pose.layouts import Layout


def bone_pairs(layout: Layout) -> list[tuple[int, int]]:
    """(child, parent) for every joint that has a parent."""
    return [(joint, parent) for joint, parent in enumerate(layout.parents) if joint != parent]


def normalise_columns(adjacency: np.ndarray) -> np.ndarray:
    """Divide every column of a (V, V) matrix by its sum; empty columns stay zero."""
    sums = adjacency.sum(axis=0)
    return adjacency * np.divide(1.0, sums, out=np.zeros_like(sums), where=sums > 0)


def hop_distances(layout: Layout, max_hop: int | None = None) -> np.ndarray:
    """float64 (V, V): bones on the shortest way between two joints.

    Pairs further apart than `max_hop` (None: no limit), or not joined at all, get infinity.
    """
    count = layout.num_joints
    step = np.eye(count, dtype=bool)
    for child, parent in bone_pairs(layout):
        step[child, parent] = step[parent, child] = True
    distances = np.full((count, count), np.inf)
    reached = np.eye(count, dtype=bool)
    hop = 0
    while True:
        distances[reached & np.isinf(distances)] = hop
        if hop == (count if max_hop is None else max_hop):
            return distances
        hop += 1
        reached = reached @ step


def spatial_adjacency(layout: Layout) -> torch.Tensor:
    """(3, V, V): each joint itself; child to parent; parent to child. Columns normalised."""
    inward = np.zeros((layout.num_joints, layout.num_joints))
    for child, parent in bone_pairs(layout):
        inward[parent, child] = 1.0
    subsets = (np.eye(layout.num_joints), normalise_columns(inward), normalise_columns(inward.T))
    return torch.from_numpy(np.stack(subsets)).float()


def distance_adjacency(layout: Layout, max_hop: int = 1) -> torch.Tensor:
    """(2 * max_hop + 1, V, V): the spatial configuration partition of ST-GCN.

    Edges are sorted by hop distance, and from one hop on by whether the sender lies as near to the
    centre as the receiver, or nearer. Distances to the centre beyond `max_hop` are infinite, and
    equal: so only edges that touch the centre are told apart, in the published weights too.
    """
    hops = hop_distances(layout, max_hop)
    weights = normalise_columns((hops <= max_hop).astype(float))
    to_center = hops[:, layout.center]
    not_nearer = to_center[:, None] >= to_center[None, :]
    subsets = [np.where((hops == 0) & not_nearer, weights, 0.0)]
    for hop in range(1, max_hop + 1):
        subsets.append(np.where((hops == hop) & not_nearer, weights, 0.0))
        subsets.append(np.where((hops == hop) & ~not_nearer, weights, 0.0))
    return torch.from_numpy(np.stack(subsets)).float()


def random_adjacency(
    num_joints: int, num_filters: int = 8, offset: float = 0.04, std: float = 0.02
) -> torch.Tensor:
    """(num_filters, V, V) drawn from a normal distribution: where a learned graph starts.

    Uses torch's global generator, so a seeded run is repeatable.
    """
    return torch.randn(num_filters, num_joints, num_joints) * std + offset
