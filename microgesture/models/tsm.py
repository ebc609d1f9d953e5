"""TSM: a 2D ResNet on frames whose channels are shifted one frame back and forth.

Lin et al., TSM: Temporal Shift Module for Efficient Video Understanding, ICCV 2019: inside every
residual block an eighth of the channels comes from the next frame and an eighth from the frame
before. The blocks are torchvision's; a torchvision ResNet's weights load by name.
"""

import torch
from torch import Tensor, nn

import microgesture.models.torchvision_operators  # noqa: F401
from microgesture.layers.pooling import global_average_pool
from microgesture.provenance.errors import BadInput

# torchvision can be imported only after its operators are declared.
# isort: split
from torchvision.models.resnet import BasicBlock, Bottleneck

STREAMS = ("rgb",)

DEPTHS = {
    18: (BasicBlock, (2, 2, 2, 2)),
    34: (BasicBlock, (3, 4, 6, 3)),
    50: (Bottleneck, (3, 4, 6, 3)),
    101: (Bottleneck, (3, 4, 23, 3)),
}


def temporal_shift(x: Tensor, frames: int, divisor: int = 8) -> Tensor:
    """Shift channels over time. x (N * frames, C, H, W), the frames of a clip side by side.

    The first C // divisor channels come from the next frame, the next C // divisor from the frame
    before, the others stay; beyond the clip's ends there is zero.
    """
    clips = x.unflatten(0, (-1, frames))
    fold = x.shape[1] // divisor
    shifted = torch.zeros_like(clips)
    shifted[:, :-1, :fold] = clips[:, 1:, :fold]
    shifted[:, 1:, fold : 2 * fold] = clips[:, :-1, fold : 2 * fold]
    shifted[:, :, 2 * fold :] = clips[:, :, 2 * fold :]
    return shifted.flatten(0, 1)


class ShiftedConv2d(nn.Conv2d):
    """A block's first convolution, which sees temporally shifted channels.

    `frames` is set by the network before each pass, so clips of any length can follow each other.
    """

    frames = 1
    divisor = 8

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(temporal_shift(x, self.frames, self.divisor))


class TemporalShiftNetwork(nn.Module):
    """(N, 3, T, H, W) normalised floats -> logits (N, K), the mean over the frames' logits."""

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        depth: int,
        base_channels: int,
        shift_divisor: int,
        dropout: float,
    ):
        super().__init__()
        if depth not in DEPTHS:
            raise BadInput(f"depth: {depth} is not known; write one of {sorted(DEPTHS)}")
        block, blocks = DEPTHS[depth]
        width = self.width = base_channels
        self.conv1 = nn.Conv2d(in_channels, width, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        for stage, number in enumerate(blocks):
            self.add_module(
                f"layer{stage + 1}",
                self._stage(block, base_channels * 2**stage, number, 1 if stage == 0 else 2),
            )
        self.num_features = self.width
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(self.num_features, num_classes)
        self.shifted = [m for m in self.modules() if isinstance(m, ShiftedConv2d)]
        for convolution in self.shifted:
            convolution.divisor = shift_divisor
        self._initialise()

    def _stage(self, block: type, channels: int, number: int, stride: int) -> nn.Sequential:
        """`number` torchvision blocks; the first one carries the stride and the new width."""
        downsample = None
        if stride != 1 or self.width != channels * block.expansion:
            downsample = nn.Sequential(
                nn.Conv2d(self.width, channels * block.expansion, 1, stride=stride, bias=False),
                nn.BatchNorm2d(channels * block.expansion),
            )
        layers = []
        for index in range(number):
            first = index == 0
            layers.append(
                block(self.width, channels, stride if first else 1, downsample if first else None)
            )
            layers[-1].conv1 = shifted_copy(layers[-1].conv1)
            self.width = channels * block.expansion
        return nn.Sequential(*layers)

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        nn.init.normal_(self.fc.weight, std=0.001)
        nn.init.zeros_(self.fc.bias)

    def repeated_blocks(self) -> list[nn.Module]:
        """What `recompute_activations` computes twice."""
        return [module for module in self.modules() if isinstance(module, BasicBlock | Bottleneck)]

    def forward_features(self, x: Tensor) -> Tensor:
        """(N, 3, T, H, W) -> (N, num_features, T, H / 32, W / 32)."""
        clips, frames = x.shape[0], x.shape[2]
        for convolution in self.shifted:
            convolution.frames = frames
        x = x.transpose(1, 2).flatten(0, 1)
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return x.unflatten(0, (clips, frames)).transpose(1, 2)

    def pool(self, features: Tensor) -> Tensor:
        """(N, num_features, T, h, w) -> (N, num_features): space, then the consensus of frames."""
        return global_average_pool(features)

    def head(self, pooled: Tensor) -> Tensor:
        """(N, num_features) -> logits (N, K). Linear, so this is the mean of the frames' logits."""
        return self.fc(self.dropout(pooled))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.pool(self.forward_features(x)))


def shifted_copy(convolution: nn.Conv2d) -> ShiftedConv2d:
    """The same convolution (kernel, stride, padding, no bias), with a temporal shift before it."""
    return ShiftedConv2d(
        convolution.in_channels,
        convolution.out_channels,
        convolution.kernel_size,
        convolution.stride,
        convolution.padding,
        bias=False,
    )


def build(
    num_classes: int,
    *,
    in_channels: int = 3,
    layout=None,
    num_persons: int = 1,
    dropout: float = 0.5,
    depth: int = 50,
    base_channels: int = 64,
    shift_divisor: int = 8,
) -> TemporalShiftNetwork:
    """TSM on clips (N, 3, T, H, W), 8 x 224 x 224 in the paper. 23.6 M parameters at 32 classes.

    depth: 18, 34, 50 or 101. base_channels: 64 is ResNet; less makes a narrow network for small
    data. `layout` and `num_persons` are taken for the sake of the common interface.
    """
    return TemporalShiftNetwork(
        num_classes, in_channels, depth, base_channels, shift_divisor, dropout
    )
