"""ST-GCN (Yan et al., "Spatial Temporal Graph Convolutional Networks", AAAI 2018).

In PYSKL's form (Duan et al., 2022): fixed adjacency by distance to the centre with learned edge
importance, one temporal kernel of nine frames. 3.1 M parameters at 17 joints and 60 classes.
"""

from collections.abc import Sequence

from microgesture.layers.graph import distance_adjacency
from microgesture.layers.graph_convolution import GraphConvolution
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
    input_norm: str | None = "joint",
) -> SkeletonNetwork:
    """A network for (N, in_channels, T, V, M); V and the graph come from `layout`.

    dropout: before the classifier. base_channels, num_stages: width and depth; channels double at
    `inflate_stages`, time is halved at `down_stages` (counted from 1). temporal_dropout: after the
    temporal part of all blocks but the first. input_norm: "joint", "person_joint" or None.
    Raises BadInput without a layout.
    """
    layout = require_layout(layout, "st_gcn")
    adjacency = distance_adjacency(layout)
    stages = plan_stages(in_channels, base_channels, num_stages, inflate_stages, down_stages)
    blocks = [
        SpatialTemporalBlock(
            stage,
            GraphConvolution(
                stage.in_channels, stage.out_channels, adjacency, adaptive="importance"
            ),
            TemporalConvolution(
                stage.out_channels,
                stage.out_channels,
                stride=stage.stride,
                dropout=0.0 if stage.first else temporal_dropout,
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
