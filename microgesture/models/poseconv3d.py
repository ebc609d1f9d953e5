"""PoseConv3D: a light 3D residual network on joint or limb heatmap volumes.

Duan et al., Revisiting Skeleton-based Action Recognition, CVPR 2022 (arXiv 2104.13586). The
defaults are its public NTU configuration (SlowOnly-R50, stages 4-6-3, base width 32, last stage
with temporal stride 2): 2.0 M parameters at 17 joints. The pose branch of RGBPoseConv3D is the
same network with `temporal_strides=(1, 1, 1)`; the weights have the same shapes.
"""

from collections.abc import Sequence

from microgesture.layers.pathway_classifier import PathwayClassifier
from microgesture.layers.resnet3d_pathway import ResNet3dPathway

STREAMS = ("joint_heatmap", "limb_heatmap")

# The published values, one per stage; a network with fewer stages takes the first ones.
SPATIAL_STRIDES = (2, 2, 2)
TEMPORAL_STRIDES = (1, 1, 2)
TEMPORAL_KERNELS = (1, 3, 3)


def pathway(
    in_channels: int,
    *,
    stage_blocks: Sequence[int] = (4, 6, 3),
    base_channels: int = 32,
    stem_channels: int | None = None,
    stem_kernel: Sequence[int] = (1, 7, 7),
    stem_stride: int = 1,
    stem_pool_stride: int | None = 1,
    spatial_strides: Sequence[int] | None = None,
    temporal_strides: Sequence[int] | None = None,
    temporal_kernels: Sequence[int] | None = None,
    extra_channels: Sequence[int] | None = None,
    sparse_stem: bool = True,
) -> ResNet3dPathway:
    """The network without its head; the arguments are those of `ResNet3dPathway`.

    Strides and temporal kernels left at None are the published ones.
    """
    return ResNet3dPathway(
        in_channels,
        stage_blocks=stage_blocks,
        base_channels=base_channels,
        stem_channels=stem_channels,
        stem_kernel=stem_kernel,
        stem_stride=stem_stride,
        stem_pool_stride=stem_pool_stride,
        spatial_strides=spatial_strides or SPATIAL_STRIDES[: len(stage_blocks)],
        temporal_strides=temporal_strides or TEMPORAL_STRIDES[: len(stage_blocks)],
        temporal_kernels=temporal_kernels or TEMPORAL_KERNELS[: len(stage_blocks)],
        extra_channels=extra_channels,
        sparse_stem=sparse_stem,
    )


def build(
    num_classes: int,
    *,
    in_channels: int = 17,
    layout=None,
    num_persons: int = 1,
    dropout: float = 0.5,
    **options,
) -> PathwayClassifier:
    """PoseConv3D for heatmaps (N, in_channels, T, H, W) float32 in [0, 1] -> logits (N, K).

    in_channels: number of joints (joint_heatmap) or limbs (limb_heatmap). A missing point is an
    empty channel. `layout` and `num_persons` are taken for the sake of the common interface:
    several people share one volume by maximum. options: see `pathway`.
    """
    return PathwayClassifier(pathway(in_channels, **options), num_classes, dropout)
