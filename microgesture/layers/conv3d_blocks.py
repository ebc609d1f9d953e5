"""Convolution blocks of the 3D residual networks: pose heatmap volumes and RGB frames.

The network family is "SlowOnly" (Feichtenhofer et al., SlowFast Networks for Video Recognition,
ICCV 2019) as PoseConv3D uses it (Duan et al., Revisiting Skeleton-based Action Recognition, CVPR
2022): bottleneck blocks whose first convolution looks 1 or 3 frames wide and whose second one
looks 3 x 3 pixels wide, in frames.
"""

import torch
from torch import Tensor, nn

from microgesture.layers.memory_layout import match_layout

EXPANSION = 4  # a bottleneck's output is this many times wider than its inside


class ConvNorm3d(nn.Module):
    """3D convolution without bias, batch normalisation, and a ReLU unless `relu` is False.

    (N, in_channels, T, H, W) -> (N, out_channels, T', H', W'), padded so that a stride of 1 keeps
    the size for odd kernels.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: tuple[int, int, int],
        stride: tuple[int, int, int] = (1, 1, 1),
        relu: bool = True,
    ):
        super().__init__()
        padding = tuple((size - 1) // 2 for size in kernel)
        self.conv = nn.Conv3d(in_channels, out_channels, kernel, stride, padding, bias=False)
        self.norm = nn.BatchNorm3d(out_channels)
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.conv(x))
        return torch.relu_(x) if self.relu else x


class Stem3d(ConvNorm3d):
    """A network's first convolution: `ConvNorm3d` on a batch brought into the weights' layout."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(match_layout(x, self.conv.weight))


class UpsampleConvNorm3d(nn.Module):
    """Transposed convolution over time, batch normalisation, ReLU: `factor` times more frames.

    (N, in_channels, T, H, W) -> (N, out_channels, factor * T, H, W). The way from the slow RGB
    branch to the fast pose branch in RGBPoseConv3D (kernel 7).
    """

    def __init__(self, in_channels: int, out_channels: int, factor: int, kernel: int = 7):
        super().__init__()
        self.conv = nn.ConvTranspose3d(
            in_channels,
            out_channels,
            (kernel, 1, 1),
            stride=(factor, 1, 1),
            padding=((kernel - 1) // 2, 0, 0),
            output_padding=(factor - 1, 0, 0),
            bias=False,
        )
        self.norm = nn.BatchNorm3d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu_(self.norm(self.conv(x)))


class Bottleneck3d(nn.Module):
    """Residual block: (1 or 3) x 1 x 1, then 1 x 3 x 3, then 1 x 1 x 1 convolution.

    (N, in_channels, T, H, W) -> (N, 4 * channels, T / temporal_stride, H / spatial_stride, ...).
    The stride lies in the second convolution. The shortcut is a strided 1 x 1 x 1 convolution with
    batch normalisation where the shape changes, else the identity.
    """

    def __init__(
        self,
        in_channels: int,
        channels: int,
        spatial_stride: int = 1,
        temporal_stride: int = 1,
        temporal_kernel: int = 1,
    ):
        super().__init__()
        out_channels = channels * EXPANSION
        stride = (temporal_stride, spatial_stride, spatial_stride)
        self.conv1 = ConvNorm3d(in_channels, channels, (temporal_kernel, 1, 1))
        self.conv2 = ConvNorm3d(channels, channels, (1, 3, 3), stride)
        self.conv3 = ConvNorm3d(channels, out_channels, (1, 1, 1), relu=False)
        self.shortcut = None
        if stride != (1, 1, 1) or in_channels != out_channels:
            self.shortcut = ConvNorm3d(in_channels, out_channels, (1, 1, 1), stride, relu=False)

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.shortcut is None else self.shortcut(x)
        return torch.relu_(self.conv3(self.conv2(self.conv1(x))) + shortcut)


def bottleneck_stage(
    in_channels: int,
    channels: int,
    blocks: int,
    spatial_stride: int,
    temporal_stride: int,
    temporal_kernel: int,
) -> nn.Sequential:
    """A stage of `blocks` bottlenecks; the first one carries the stride and the new width."""
    first = Bottleneck3d(in_channels, channels, spatial_stride, temporal_stride, temporal_kernel)
    rest = (
        Bottleneck3d(channels * EXPANSION, channels, temporal_kernel=temporal_kernel)
        for _ in range(blocks - 1)
    )
    return nn.Sequential(first, *rest)


def bottlenecks(network: nn.Module) -> list[nn.Module]:
    """The bottlenecks of a network, in order."""
    return [module for module in network.modules() if isinstance(module, Bottleneck3d)]


def initialise_convolutions(network: nn.Module, zero_residual: bool = True) -> None:
    """Draw the starting weights in place, as PoseConv3D's public code does.

    Convolutions: normal, variance 2 / fan-out (He et al. 2015). Transposed convolutions are none of
    these there: they get torch's own start, uniform within 1 / sqrt(output channels x kernel).
    Batch normalisation: 1 and 0, and 0 and 0 in the last one of every bottleneck when
    `zero_residual`, so that a residual block starts as its shortcut (Goyal et al. 2017). Linear
    layers: normal, deviation .01, bias 0.
    """
    for module in network.modules():
        if isinstance(module, nn.ConvTranspose3d):
            module.reset_parameters()
        elif isinstance(module, nn.Conv3d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm3d):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.01)
            nn.init.zeros_(module.bias)
    if zero_residual:
        for module in network.modules():
            if isinstance(module, Bottleneck3d):
                nn.init.zeros_(module.conv3.norm.weight)
