"""From a feature map to one vector per clip."""

from torch import Tensor


def global_average_pool(features: Tensor) -> Tensor:
    """Mean over time and space: (N, C, T, H, W) -> (N, C)."""
    return features.mean(dim=(2, 3, 4))


def prototype_pool(features: Tensor) -> Tensor:
    """Mean over time, then the maximum over space: (N, C, T, H, W) -> (N, C).

    The input of the prototype heads (METHOD: pool of FR-Head, Zhou et al., Learning Discriminative
    Representations for Skeleton Based Action Recognition, CVPR 2023).
    """
    return features.mean(dim=2).amax(dim=(2, 3))
