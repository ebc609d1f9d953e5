"""People of other proportions: every bone made longer or shorter, the same in all frames."""

import torch
from torch import Tensor

from microgesture.pose.layouts import Layout


def with_other_bones(points: Tensor, layout: Layout, random: Tensor, largest: float) -> Tensor:
    """Skeletons whose bones have other lengths.

    points: float (N, M, T, V, D + 1), score last, missing joints all 0; random (N, V) in [0, 1): a
    bone is that of the joint at its far end, and its length times 1 + largest (2 random - 1). Left
    and right take the numbers of the left, so that people stay symmetric. A joint goes along with
    its parent; where either is missing its own bone keeps its length. Missing joints stay all 0.
    """
    mirror = torch.as_tensor(layout.flip_order, device=points.device)
    own = torch.minimum(torch.arange(len(mirror), device=points.device), mirror)
    change = largest * (2 * random[:, own] - 1)
    values, seen = points[..., :-1], points[..., -1:] > 0
    moves: dict[int, Tensor] = {}
    for joint in from_the_root(layout.parents):
        parent = layout.parents[joint]
        if parent == joint:
            moves[joint] = torch.zeros_like(values[..., joint, :])
            continue
        both = seen[..., joint, :] & seen[..., parent, :]
        bone = (values[..., joint, :] - values[..., parent, :]) * both
        moves[joint] = moves[parent] + change[:, joint, None, None, None] * bone
    moved = values + torch.stack([moves[joint] for joint in range(len(moves))], dim=-2)
    return torch.cat([moved * seen, points[..., -1:]], dim=-1)


def from_the_root(parents: tuple[int, ...]) -> list[int]:
    """The joints in an order in which every parent comes before its children."""
    depth = [0] * len(parents)
    for joint in range(len(parents)):
        at = joint
        while parents[at] != at:
            at, depth[joint] = parents[at], depth[joint] + 1
    return sorted(range(len(parents)), key=depth.__getitem__)
