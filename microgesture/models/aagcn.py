"""AAGCN (Shi et al., "Skeleton-Based Action Recognition With Multi-Stream Adaptive Graph
Convolutional Networks", IEEE TIP 2020), in PYSKL's form (Duan et al., 2022).

A learned adjacency plus one that each clip makes from its own features, then attention over
joints, frames and channels. 3.8 M parameters at 17 joints and 60 classes.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

from microgesture.layers.graph import spatial_adjacency
from microgesture.layers.graph_convolution import mix_joints
from microgesture.layers.initialisation import init_conv, init_norm
from microgesture.layers.skeleton_network import (
    SKELETON_STREAMS,
    SkeletonNetwork,
    SpatialTemporalBlock,
    plan_stages,
    require_layout,
)
from microgesture.layers.temporal import TemporalConvolution
from microgesture.pose.layouts import Layout

STREAMS = SKELETON_STREAMS


class SkeletonAttention(nn.Module):
    """Weights 1 + sigmoid for joints, then frames, then channels. (N, C, T, V) -> the same."""

    def __init__(self, channels: int, num_joints: int):
        super().__init__()
        kernel = num_joints if num_joints % 2 else num_joints - 1
        self.joints = nn.Conv1d(channels, 1, kernel, padding=kernel // 2)
        self.frames = nn.Conv1d(channels, 1, 9, padding=4)
        self.squeeze = nn.Linear(channels, channels // 2)
        self.excite = nn.Linear(channels // 2, channels)
        nn.init.xavier_normal_(self.joints.weight)
        nn.init.kaiming_normal_(self.squeeze.weight)
        nn.init.zeros_(self.frames.weight)
        nn.init.zeros_(self.excite.weight)
        for layer in (self.joints, self.frames, self.squeeze, self.excite):
            nn.init.zeros_(layer.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x * (1 + self.joints(x.mean(2)).sigmoid())[:, :, None]
        x = x * (1 + self.frames(x.mean(3)).sigmoid())[:, :, :, None]
        weight = self.excite(F.relu(self.squeeze(x.mean((2, 3))))).sigmoid()
        return x * (1 + weight)[:, :, None, None]


class AdaptiveGraphConvolution(nn.Module):
    """y = attention(ReLU(BN(sum over k of conv_k(x (A_k + alpha B_k(x)))) + residual(x))).

    B_k(x) = tanh(query_k(x)^T key_k(x) / size), summed over channels and frames: how much two
    joints resemble each other in this clip. (N, C, T, V) -> (N, out_channels, T, V).
    """

    def __init__(self, in_channels: int, out_channels: int, adjacency: torch.Tensor):
        super().__init__()
        subsets = len(adjacency)
        inner = subsets * (out_channels // 4)
        self.adjacency = nn.Parameter(adjacency.clone())
        self.alpha = nn.Parameter(torch.zeros(1))
        self.query = nn.Conv2d(in_channels, inner, 1)
        self.key = nn.Conv2d(in_channels, inner, 1)
        self.conv = nn.Conv2d(in_channels, subsets * out_channels, 1)
        self.norm = nn.BatchNorm2d(out_channels)
        self.attention = SkeletonAttention(out_channels, adjacency.shape[-1])
        self.residual = nn.Identity()
        if in_channels != out_channels:
            self.residual = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1), nn.BatchNorm2d(out_channels)
            )
            init_conv(self.residual[0])
        init_conv(self.query, groups=subsets)
        init_conv(self.key, groups=subsets)
        nn.init.normal_(
            self.conv.weight, std=math.sqrt(2.0 / (out_channels * in_channels * subsets))
        )
        nn.init.zeros_(self.conv.bias)
        init_norm(self.norm, 1e-6)

    def clip_adjacency(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, T, V) -> (N, K, V, V)."""
        clips, _, _, joints = x.shape
        subsets = len(self.adjacency)
        query = self.query(x).reshape(clips, subsets, -1, joints)
        key = self.key(x).reshape(clips, subsets, -1, joints)
        likeness = torch.matmul(query.transpose(2, 3), key) / query.shape[2]
        return self.adjacency + self.alpha * likeness.tanh()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # here the convolutions follow the mixing, so their biases reach every joint unmixed
        y = mix_joints(x, self.clip_adjacency(x), self.conv.weight)
        y = y + self.conv.bias.view(len(self.adjacency), -1, 1, 1).sum(0)
        return self.attention(F.relu(self.norm(y) + self.residual(x), inplace=True))


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
    input_norm: str | None = "person_joint",
) -> SkeletonNetwork:
    """A network for (N, in_channels, T, V, M); V and the graph come from `layout`.

    dropout: before the classifier. base_channels, num_stages: width and depth; channels double at
    `inflate_stages`, time is halved at `down_stages` (counted from 1). temporal_dropout: after the
    temporal part of all blocks but the first. input_norm: "joint", "person_joint" (then M is fixed
    to `num_persons`) or None. Raises BadInput without a layout.
    """
    layout = require_layout(layout, "aagcn")
    adjacency = spatial_adjacency(layout)
    blocks = []
    stages = plan_stages(in_channels, base_channels, num_stages, inflate_stages, down_stages)
    for stage in stages:
        temporal = TemporalConvolution(
            stage.out_channels,
            stage.out_channels,
            stride=stage.stride,
            dropout=0.0 if stage.first else temporal_dropout,
        )
        init_conv(temporal.conv)
        spatial = AdaptiveGraphConvolution(stage.in_channels, stage.out_channels, adjacency)
        blocks.append(SpatialTemporalBlock(stage, spatial, temporal))
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
