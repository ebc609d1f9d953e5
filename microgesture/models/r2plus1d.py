"""R(2+1)D-18: 3D convolutions split into a spatial and a temporal one.

Tran et al., A Closer Look at Spatiotemporal Convolutions for Action Recognition, CVPR 2018. The
blocks and names are torchvision's `r2plus1d_18` (31.5 M parameters at 400 classes), whose weights
load by name; the width is an argument.
"""

from collections.abc import Sequence

from torch import Tensor, nn

import microgesture.models.torchvision_operators  # noqa: F401
from microgesture.layers.pooling import global_average_pool

# torchvision can be imported only after its operators are declared.
# isort: split
from torchvision.models.video.resnet import BasicBlock, Conv2Plus1D

STREAMS = ("rgb",)


class R2Plus1D(nn.Module):
    """(N, 3, T, H, W) normalised floats -> logits (N, K)."""

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        stage_blocks: Sequence[int],
        base_channels: int,
        dropout: float,
    ):
        super().__init__()
        middle = base_channels * 45 // 64  # 45 channels inside the stem at the published width
        self.stem = nn.Sequential(
            nn.Conv3d(in_channels, middle, (1, 7, 7), (1, 2, 2), (0, 3, 3), bias=False),
            nn.BatchNorm3d(middle),
            nn.ReLU(inplace=True),
            nn.Conv3d(middle, base_channels, (3, 1, 1), padding=(1, 0, 0), bias=False),
            nn.BatchNorm3d(base_channels),
            nn.ReLU(inplace=True),
        )
        width = base_channels
        self.stage_names = tuple(f"layer{stage + 1}" for stage in range(len(stage_blocks)))
        for stage, (name, number) in enumerate(zip(self.stage_names, stage_blocks)):
            channels = base_channels * 2**stage
            self.add_module(name, r2plus1d_stage(width, channels, number, 1 if stage == 0 else 2))
            width = channels
        self.num_features = width
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(width, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv3d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        nn.init.normal_(self.fc.weight, std=0.01)
        nn.init.zeros_(self.fc.bias)

    def repeated_blocks(self) -> list[nn.Module]:
        """What `recompute_activations` computes twice."""
        return [module for module in self.modules() if isinstance(module, BasicBlock)]

    def forward_features(self, x: Tensor) -> Tensor:
        """(N, 3, T, H, W) -> (N, num_features, T / 8, H / 16, W / 16)."""
        x = self.stem(x)
        for name in self.stage_names:
            x = self.get_submodule(name)(x)
        return x

    def pool(self, features: Tensor) -> Tensor:
        """Mean over time and space: (N, C, T, H, W) -> (N, C)."""
        return global_average_pool(features)

    def head(self, pooled: Tensor) -> Tensor:
        """(N, num_features) -> logits (N, K)."""
        return self.fc(self.dropout(pooled))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.pool(self.forward_features(x)))


def r2plus1d_stage(in_channels: int, channels: int, number: int, stride: int) -> nn.Sequential:
    """`number` torchvision blocks; the first one carries the stride (time and space) and width."""
    downsample = None
    if stride != 1 or in_channels != channels:
        downsample = nn.Sequential(
            nn.Conv3d(in_channels, channels, 1, stride=(stride,) * 3, bias=False),
            nn.BatchNorm3d(channels),
        )
    first = BasicBlock(in_channels, channels, Conv2Plus1D, stride, downsample)
    return nn.Sequential(
        first, *(BasicBlock(channels, channels, Conv2Plus1D) for _ in range(number - 1))
    )


def build(
    num_classes: int,
    *,
    in_channels: int = 3,
    layout=None,
    num_persons: int = 1,
    dropout: float = 0.5,
    stage_blocks: Sequence[int] = (2, 2, 2, 2),
    base_channels: int = 64,
) -> R2Plus1D:
    """R(2+1)D for clips (N, 3, T, H, W), 16 x 112 x 112 in the paper -> logits (N, K).

    stage_blocks, base_channels: (2, 2, 2, 2) and 64 are R(2+1)D-18; small widths for example
    (1, 1, 1, 1) and 8. `layout` and `num_persons` are taken for the sake of the common interface.
    """
    return R2Plus1D(num_classes, in_channels, stage_blocks, base_channels, dropout)
