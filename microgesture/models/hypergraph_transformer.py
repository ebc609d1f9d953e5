"""Hypergraph transformer for skeletons, after EHCT (Huang et al., "Micro-gesture Classification
Based on Ensemble Hypergraph-convolution Transformer", MiGA at IJCAI 2023).

EHCT has no public code. The attention follows its nearest public relative, Hyperformer (Zhou et
al., 2022); our own choices: a linear embedding of the coordinates before the first block, learned
membership of joints in body parts, CTR-GCN's branches over time, and the auxiliary classifier. With
the default width it has 2.6 M parameters, as EHCT has.
"""

from collections.abc import Sequence

import torch
from torch import nn

from microgesture.layers.hypergraph_attention import HypergraphSelfAttention, part_incidence
from microgesture.layers.skeleton_network import (
    SKELETON_STREAMS,
    SkeletonNetwork,
    SpatialTemporalBlock,
    plan_stages,
    require_layout,
)
from microgesture.layers.temporal import MultiScaleTemporalConvolution
from microgesture.pose.layouts import Layout
from microgesture.provenance.errors import BadInput

STREAMS = SKELETON_STREAMS


class Embedding(nn.Module):
    """Coordinates to channels, joint by joint: (N, C, T, V) -> (N, channels, T, V)."""

    def __init__(self, in_channels: int, channels: int):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


class AttentionLayer(nn.Module):
    """x + attention(layer norm(x)) on (N, C, T, V)."""

    def __init__(self, channels: int, num_heads: int, layout: Layout):
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.attention = HypergraphSelfAttention(channels, num_heads, layout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.permute(0, 2, 3, 1)
        return (x + self.attention(self.norm(x))).permute(0, 3, 1, 2)


class HypergraphTransformer(SkeletonNetwork):
    """A SkeletonNetwork with a second classifier that helps rare classes while training.

    Most rare gestures move one body part. Where the main classifier sees the mean over all joints,
    the auxiliary one sees each body part's mean and keeps, channel by channel, the strongest part.
    Train it with a loss that weights classes evenly; predictions do not use it.
    """

    def __init__(self, blocks: Sequence[nn.Module], layout: Layout, **options):
        super().__init__(blocks, num_joints=layout.num_joints, **options)
        parts = part_incidence(layout)
        self.register_buffer("part_weights", parts / parts.sum(0), persistent=False)
        self.auxiliary_classifier = nn.Linear(self.num_features, self.classifier.out_features)
        nn.init.normal_(self.auxiliary_classifier.weight, std=0.01)
        nn.init.zeros_(self.auxiliary_classifier.bias)

    def auxiliary_logits(self, features: torch.Tensor) -> torch.Tensor:
        """Feature map (N, M, C', T', V) of `forward_features` -> logits (N, num_classes)."""
        parts = features.mean(3) @ self.part_weights
        return self.auxiliary_classifier(self.dropout(parts.amax(-1).mean(1)))


def choose_heads(channels: int) -> int:
    """24 channels a head or a few more: the most heads that divide the channels."""
    return next(heads for heads in range(max(channels // 24, 1), 0, -1) if channels % heads == 0)


def build(
    num_classes: int,
    *,
    in_channels: int,
    layout: Layout | None = None,
    num_persons: int = 1,
    dropout: float = 0.0,
    base_channels: int = 204,
    num_stages: int = 10,
    num_heads: int | None = None,
    down_stages: Sequence[int] = (5, 8),
    temporal_dropout: float = 0.0,
    temporal_kernel: int = 5,
    dilations: Sequence[int] = (1, 2),
    input_norm: str | None = "person_joint",
) -> HypergraphTransformer:
    """A network for (N, in_channels, T, V, M); V, distances and body parts come from `layout`.

    dropout: before the classifiers. base_channels: width of all blocks. num_heads: must divide it;
    None takes 24 channels a head or a few more. Time is halved at `down_stages` (counted from 1).
    temporal_kernel, dilations: of the branches over time. temporal_dropout: after the temporal part
    of all blocks but the first. input_norm: "joint", "person_joint" (then M is fixed to
    `num_persons`) or None. Raises BadInput without a layout, or if the heads do not divide the
    channels.
    """
    layout = require_layout(layout, "hypergraph_transformer")
    heads = choose_heads(base_channels) if num_heads is None else num_heads
    if base_channels % heads:
        raise BadInput(
            f"base_channels {base_channels} is not a multiple of num_heads {heads}; leave "
            f"num_heads out, or write base_channels: {max(base_channels // heads, 1) * heads}"
        )
    blocks: list[nn.Module] = [Embedding(in_channels, base_channels)]
    for stage in plan_stages(base_channels, base_channels, num_stages, (), down_stages):
        temporal = MultiScaleTemporalConvolution(
            base_channels,
            stage.stride,
            dropout=0.0 if stage.first else temporal_dropout,
            kernel=temporal_kernel,
            dilations=dilations,
        )
        spatial = AttentionLayer(base_channels, heads, layout)
        blocks.append(SpatialTemporalBlock(stage, spatial, temporal))
    return HypergraphTransformer(
        blocks,
        layout,
        num_features=base_channels,
        num_classes=num_classes,
        in_channels=in_channels,
        num_persons=num_persons,
        input_norm=input_norm,
        dropout=dropout,
    )
