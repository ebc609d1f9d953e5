"""CTR-GCN (Chen et al., "Channel-wise Topology Refinement Graph Convolution for Skeleton-Based
Action Recognition", ICCV 2021), in PYSKL's form (Duan et al., 2022).

Every channel has a graph of its own: a learned one, refined by the differences between the
joints' features. 1.4 M parameters at 17 joints and 60 classes.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

from microgesture.layers.graph import spatial_adjacency
from microgesture.layers.initialisation import init_conv, init_norm
from microgesture.layers.skeleton_network import (
    SKELETON_STREAMS,
    SkeletonNetwork,
    SpatialTemporalBlock,
    plan_stages,
    require_layout,
)
from microgesture.layers.temporal import MultiScaleTemporalConvolution
from microgesture.pose.layouts import Layout

STREAMS = SKELETON_STREAMS


class TopologyRefinement(nn.Module):
    """y = ReLU(BN(sum over k of value_k(x) (A_k + alpha R_k(x))) + residual(x)).

    R_k(x) = refine_k(tanh(query_k(x)_v - key_k(x)_w)) from features averaged over time: one (V, V)
    per channel. The K subsets are stacked in one convolution each.
    (N, C, T, V) -> (N, out_channels, T, V) in channels-last memory.
    """

    def __init__(self, in_channels: int, out_channels: int, adjacency: torch.Tensor):
        super().__init__()
        subsets = len(adjacency)
        inner = 8 if in_channels <= 16 else in_channels // 8
        self.adjacency = nn.Parameter(adjacency.clone())
        self.alpha = nn.Parameter(torch.zeros(1))
        self.query = nn.Conv2d(in_channels, subsets * inner, 1)
        self.key = nn.Conv2d(in_channels, subsets * inner, 1)
        self.value = nn.Conv2d(in_channels, subsets * out_channels, 1)
        self.refine = nn.Conv2d(subsets * inner, subsets * out_channels, 1, groups=subsets)
        self.norm = nn.BatchNorm2d(out_channels)
        self.residual = nn.Identity()
        if in_channels != out_channels:
            self.residual = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1), nn.BatchNorm2d(out_channels)
            )
            init_conv(self.residual[0])
        for conv in (self.query, self.key, self.value, self.refine):
            init_conv(conv, groups=subsets)
        init_norm(self.norm, 1e-6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        clips, _, frames, joints = x.shape
        subsets = len(self.adjacency)
        # a 1x1 convolution of the mean is the mean of the convolutions
        mean = x.mean(2, keepdim=True)
        query, key = self.query(mean).squeeze(2), self.key(mean).squeeze(2)
        queries, keys = query.chunk(subsets, 1), key.chunk(subsets, 1)
        values = self.value(x).chunk(subsets, 1)
        # alpha goes into the small weights, not over the large graphs
        weights = (self.refine.weight.flatten(1) * self.alpha).chunk(subsets)
        biases = (self.refine.bias * self.alpha).chunk(subsets)
        y = None
        for k in range(subsets):
            differences = (queries[k][..., :, None] - keys[k][..., None, :]).tanh_()
            start = self.adjacency[k].flatten() + biases[k][:, None]
            graphs = torch.baddbmm(
                start.expand(clips, -1, -1),
                weights[k].expand(clips, -1, -1),
                differences.flatten(2),
            ).view(-1, joints, joints)
            value = values[k].reshape(-1, frames, joints)
            y = torch.bmm(value, graphs) if y is None else torch.baddbmm(y, value, graphs)
        y = y.view(clips, -1, frames, joints).contiguous(memory_format=torch.channels_last)
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
    temporal_kernel: int = 5,
    dilations: Sequence[int] = (1, 2),
    input_norm: str | None = "person_joint",
) -> SkeletonNetwork:
    """A network for (N, in_channels, T, V, M); V and the graph come from `layout`.

    dropout: before the classifier. base_channels, num_stages: width and depth; channels double at
    `inflate_stages`, time is halved at `down_stages` (counted from 1). temporal_kernel, dilations:
    of the branches over time. temporal_dropout: after the temporal part of all blocks but the
    first. input_norm: "joint", "person_joint" (then M is fixed to `num_persons`) or None.
    Raises BadInput without a layout.
    """
    layout = require_layout(layout, "ctr_gcn")
    adjacency = spatial_adjacency(layout)
    blocks = []
    stages = plan_stages(in_channels, base_channels, num_stages, inflate_stages, down_stages)
    for stage in stages:
        temporal = MultiScaleTemporalConvolution(
            stage.out_channels,
            stage.stride,
            dropout=0.0 if stage.first else temporal_dropout,
            kernel=temporal_kernel,
            dilations=dilations,
        )
        init_conv(temporal.branches.expand, groups=len(dilations) + 1)
        for conv in (*temporal.branches.convs, temporal.branches.point):
            init_conv(conv)
        spatial = TopologyRefinement(stage.in_channels, stage.out_channels, adjacency)
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
