"""DG-STGCN (Duan et al., "DG-STGCN: Dynamic Spatial-Temporal Modeling for Skeleton-based Action
Recognition", 2022).

The graph is learned from random numbers, no skeleton is given, and each clip adds two graphs of
its own; over time six branches see every joint and the mean joint. 1.7 M parameters at 25 joints
and 60 classes.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

from microgesture.layers.graph import random_adjacency
from microgesture.layers.skeleton_network import (
    SKELETON_STREAMS,
    SkeletonNetwork,
    SpatialTemporalBlock,
    plan_stages,
    require_layout,
)
from microgesture.layers.temporal import BRANCHES, MultiBranchTemporalConvolution
from microgesture.pose.layouts import Layout
from microgesture.provenance.errors import BadInput

STREAMS = SKELETON_STREAMS


class DynamicGroupConvolution(nn.Module):
    """y = ReLU(BN(after(before(x)_k G_k(x), all k side by side)) + residual(x)).

    G_k(x) = A_k + alpha tanh(query_v - key_w) per channel + beta softmax over v of query_v . key_w,
    with queries and keys from features averaged over time. ratio: channels of one group as a share
    of `out_channels`. alpha and beta have one entry per group, of which all groups use the first,
    as in the published weights. (N, C, T, V) -> (N, out_channels, T, V).
    """

    def __init__(
        self, in_channels: int, out_channels: int, adjacency: torch.Tensor, ratio: float = 0.125
    ):
        super().__init__()
        groups = len(adjacency)
        inner = int(ratio * out_channels)
        if inner < 1:
            raise BadInput(
                f"group_ratio {ratio} of {out_channels} channels is less than one channel; take "
                "more base_channels or a larger group_ratio"
            )
        self.adjacency = nn.Parameter(adjacency.clone())
        self.alpha = nn.Parameter(torch.zeros(groups))
        self.beta = nn.Parameter(torch.zeros(groups))
        self.before = nn.Conv2d(in_channels, groups * inner, 1)
        self.before_norm = nn.BatchNorm2d(groups * inner)
        self.after = nn.Conv2d(groups * inner, out_channels, 1)
        self.query = nn.Conv2d(in_channels, groups * inner, 1)
        self.key = nn.Conv2d(in_channels, groups * inner, 1)
        self.norm = nn.BatchNorm2d(out_channels)
        self.residual = nn.Identity()
        if in_channels != out_channels:
            self.residual = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1), nn.BatchNorm2d(out_channels)
            )

    def clip_graphs(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, T, V) -> (N, K, C', V, V): one graph per group and channel."""
        clips, _, _, joints = x.shape
        groups = len(self.adjacency)
        # a 1x1 convolution of the mean is the mean of the convolutions
        mean = x.mean(2, keepdim=True)
        query = self.query(mean).reshape(clips, groups, -1, joints)
        key = self.key(mean).reshape(clips, groups, -1, joints)
        shared = torch.matmul(query.transpose(2, 3), key).softmax(2) * self.beta[0] + self.adjacency
        own = (query[..., :, None] - key[..., None, :]).tanh_()
        return (own * self.alpha[0]).add_(shared[:, :, None])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        clips, _, frames, joints = x.shape
        before = F.relu(self.before_norm(self.before(x)), inplace=True)
        graphs = self.clip_graphs(x)
        before = before.reshape(clips, *graphs.shape[1:3], frames, joints)
        y = torch.matmul(before, graphs).flatten(1, 2)
        y = self.after(y.contiguous(memory_format=torch.channels_last))
        return F.relu(self.norm(y) + self.residual(x), inplace=True)


def build(
    num_classes: int,
    *,
    in_channels: int,
    layout: Layout | None = None,
    num_persons: int = 1,
    dropout: float = 0.0,
    base_channels: int = 64,
    num_stages: int = 10,
    inflate_stages: Sequence[int] = (5, 8),
    down_stages: Sequence[int] = (5, 8),
    temporal_dropout: float = 0.0,
    num_groups: int = 8,
    group_ratio: float = 0.125,
    branches: Sequence = BRANCHES,
    input_norm: str | None = "joint",
) -> SkeletonNetwork:
    """A network for (N, in_channels, T, V, M); V comes from `layout`, its bones are not used.

    dropout: before the classifier. base_channels, num_stages: width and depth; channels double at
    `inflate_stages`, time is halved at `down_stages` (counted from 1). num_groups, group_ratio:
    learned graphs, and the share of the channels that each mixes. temporal_dropout: after the
    temporal part of all blocks but the first. branches: as microgesture.layers.temporal.BRANCHES.
    input_norm: "joint", "person_joint" or None. Raises BadInput without a layout.
    """
    layout = require_layout(layout, "dg_stgcn")
    adjacency = random_adjacency(layout.num_joints, num_groups)
    stages = plan_stages(in_channels, base_channels, num_stages, inflate_stages, down_stages)
    blocks = [
        SpatialTemporalBlock(
            stage,
            DynamicGroupConvolution(stage.in_channels, stage.out_channels, adjacency, group_ratio),
            MultiBranchTemporalConvolution(
                stage.out_channels,
                stage.stride,
                dropout=0.0 if stage.first else temporal_dropout,
                branches=branches,
                global_joints=layout.num_joints,
            ),
        )
        for stage in stages
    ]
    return SkeletonNetwork(
        blocks,
        num_features=stages[-1].out_channels,
        num_classes=num_classes,
        in_channels=in_channels,
        num_joints=layout.num_joints,
        num_persons=num_persons,
        input_norm=input_norm,
        dropout=dropout,
    )
