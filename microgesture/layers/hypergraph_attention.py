"""Self-attention over joints that also looks at body parts, the hyperedges of the skeleton.

The terms are those of Hyperformer (Zhou et al., "Hypergraph Transformer for Skeleton-based Action
Recognition", 2022): content, distance along the skeleton, body part, and a prior per body part.
"""

import torch
from torch import nn

from microgesture.layers.graph import hop_distances
from microgesture.pose.layouts import Layout


def part_incidence(layout: Layout) -> torch.Tensor:
    """float32 (V, P): 1 where joint v belongs to body part p, else 0."""
    incidence = torch.zeros(layout.num_joints, len(layout.parts))
    for part, joints in enumerate(layout.parts.values()):
        incidence[list(joints), part] = 1.0
    return incidence


def hop_table(layout: Layout) -> torch.Tensor:
    """int64 (V, V): bones between two joints; joints that are not joined count one hop more than
    the longest way."""
    hops = hop_distances(layout)
    longest = hops[hops < float("inf")].max()
    return torch.from_numpy(hops.clip(max=longest + 1)).long()


class HypergraphSelfAttention(nn.Module):
    """Joints of one frame attend to each other. (N, T, V, C) -> (N, T, V, C).

    The score of query i and key j is, per head, with q, k, v linear in x:

        q_i . k_j + q_i . r[hops(i, j)] + q_i . e_j + w . e_j,    over sqrt(C / heads)

    e_j is joint j's body part: the projected mean of its joints' features, where `incidence` (V, P)
    says how much each joint belongs to each part. Incidence starts as the layout's parts and is
    learned: hyperedges may move. Result: (alpha softmax(scores) + S) v, projected per head; S, one
    (V, V) per head, starts as the identity and alpha as zero, so that attention grows into a layer
    that at first passes joints through.
    """

    def __init__(self, channels: int, num_heads: int, layout: Layout):
        super().__init__()
        self.num_heads = num_heads
        self.scale = (channels // num_heads) ** -0.5
        hops = hop_table(layout)
        self.register_buffer("hops", hops, persistent=False)
        self.query = nn.Linear(channels, channels, bias=False)
        self.key_value = nn.Linear(channels, 2 * channels, bias=False)
        self.part = nn.Linear(channels, channels, bias=False)
        self.incidence = nn.Parameter(part_incidence(layout))
        self.relative = nn.Parameter(torch.zeros(int(hops.max()) + 1, channels))
        self.part_prior = nn.Parameter(torch.zeros(channels))
        self.alpha = nn.Parameter(torch.zeros(1))
        self.shared = nn.Parameter(torch.eye(layout.num_joints).repeat(num_heads, 1, 1))
        self.project = nn.Conv1d(channels, channels, 1, groups=num_heads)

    def split_heads(self, x: torch.Tensor) -> torch.Tensor:
        """(..., V, C) -> (..., heads, V, C / heads)."""
        return x.unflatten(-1, (self.num_heads, -1)).transpose(-2, -3)

    def joint_parts(self, x: torch.Tensor) -> torch.Tensor:
        """(N, T, V, C) -> (N, T, V, C): every joint's body part, as a key."""
        means = self.incidence.t() @ x / self.incidence.abs().sum(0).clamp(min=1e-6)[:, None]
        return self.incidence @ self.part(means)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        clips, frames, joints, channels = x.shape
        parts = self.joint_parts(x)
        key, value = self.key_value(x).chunk(2, dim=-1)
        query = self.split_heads(self.query(x) * self.scale)
        prior = self.split_heads(parts * (self.part_prior * self.scale)).sum(-1)
        scores = query @ self.split_heads(key + parts).transpose(-1, -2)
        scores = scores + self.distance_scores(query) + prior[..., None, :]
        values = self.split_heads(value)
        y = self.alpha * (scores.softmax(-1) @ values) + self.share(values)
        y = self.project(y.transpose(-2, -3).reshape(-1, channels, 1))
        return y.view(clips, frames, joints, channels)

    def distance_scores(self, query: torch.Tensor) -> torch.Tensor:
        """(N, T, heads, V, C / heads) -> (N, T, heads, V, V): q_i . r[hops(i, j)]."""
        relative = self.relative.unflatten(-1, (self.num_heads, -1))
        relative = relative[self.hops].permute(2, 0, 3, 1)
        rows = query.permute(2, 3, 0, 1, 4)
        scores = rows.flatten(2, 3) @ relative
        return scores.unflatten(2, rows.shape[2:4]).permute(2, 3, 0, 1, 4)

    def share(self, values: torch.Tensor) -> torch.Tensor:
        """(N, T, heads, V, C / heads) -> the same: S v, all frames in one product per head."""
        rows = values.permute(2, 3, 0, 1, 4)
        return (self.shared @ rows.flatten(2)).view(rows.shape).permute(2, 3, 0, 1, 4)
