"""ResNet3d-50 on RGB clips: the RGB branch of RGBPoseConv3D, trained alone.

"SlowOnly" of Feichtenhofer et al., SlowFast Networks for Video Recognition, ICCV 2019, with the
settings of the public RGBPoseConv3D configuration `rgb_only`: ResNet-50 whose convolutions look
over time in stages 3 and 4 only. 31.7 M parameters. It takes heatmap volumes as well (a plain
3D-ResNet on heatmaps, with `in_channels` joints or limbs).
"""

from collections.abc import Sequence

from microgesture.layers.pathway_classifier import PathwayClassifier
from microgesture.layers.resnet3d_pathway import ResNet3dPathway

STREAMS = ("rgb", "joint_heatmap", "limb_heatmap")

# The published values, one per stage; a network with fewer stages takes the first ones.
SPATIAL_STRIDES = (1, 2, 2, 2)
TEMPORAL_STRIDES = (1, 1, 1, 1)
TEMPORAL_KERNELS = (1, 1, 3, 3)


def pathway(
    in_channels: int = 3,
    *,
    stage_blocks: Sequence[int] = (3, 4, 6, 3),
    base_channels: int = 64,
    stem_channels: int | None = None,
    stem_kernel: Sequence[int] = (1, 7, 7),
    stem_stride: int = 2,
    stem_pool_stride: int | None = 2,
    spatial_strides: Sequence[int] | None = None,
    temporal_strides: Sequence[int] | None = None,
    temporal_kernels: Sequence[int] | None = None,
    extra_channels: Sequence[int] | None = None,
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
    )


def build(
    num_classes: int,
    *,
    in_channels: int = 3,
    layout=None,
    num_persons: int = 1,
    dropout: float = 0.5,
    **options,
) -> PathwayClassifier:
    """ResNet3d for clips (N, in_channels, T, H, W), normalised floats -> logits (N, K).

    `layout` and `num_persons` are taken for the sake of the common interface. options: see
    `pathway`; small widths for example `stage_blocks=(1, 1, 1, 1), base_channels=8`.
    """
    return PathwayClassifier(pathway(in_channels, **options), num_classes, dropout)
