"""3D convolutions whose kernel is longer than the clip, made safe in bf16 on a CPU.

torch 2.13 (oneDNN) gives a wrong gradient of the weights, off by its whole length or not finite,
where a bf16 convolution on a CPU has fewer frames than its kernel has taps and pads the rest
itself: 2 frames under a kernel of 3, 4 under one of 5. float32, and frames that are padded
beforehand, are right. A clip of 16 frames reaches the last stage of R(2+1)D with 2.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class ShortClipConv3d(nn.Conv3d):
    """nn.Conv3d that pads time itself where a clip is shorter than the kernel; the same values."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, T, H, W) -> as nn.Conv3d."""
        taps = self.dilation[0] * (self.kernel_size[0] - 1) + 1
        around, *beside = self.padding
        if x.device.type != "cpu" or x.shape[2] >= taps or not around:
            return super().forward(x)
        x = F.pad(x, (0, 0, 0, 0, around, around))
        return F.conv3d(
            x, self.weight, self.bias, self.stride, (0, *beside), self.dilation, self.groups
        )


def guard_short_clips(network: nn.Module) -> nn.Module:
    """Make every 3D convolution of a network safe, in place; names and weights stay."""
    for module in network.modules():
        zeros = isinstance(module, nn.Conv3d) and module.padding_mode == "zeros"
        if zeros and type(module) is nn.Conv3d and module.kernel_size[0] > 1:
            module.__class__ = ShortClipConv3d
    return network
