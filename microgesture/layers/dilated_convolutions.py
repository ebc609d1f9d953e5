"""Dilated 2D convolutions, made safe in bf16 on a CPU.

torch 2.13 (oneDNN) gives a wrong gradient of the weights (off by a third of its length, or not
finite) or writes out of bounds where a dilated bf16 convolution on a CPU has channels-last memory,
more than 16 channels whose number is no multiple of 16, and many joints (68, not 25). float32, and
input and weights in contiguous memory, are right. The hypergraph transformer's branches have 34 and
35 channels.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LANES = 16  # channels that the kernel takes at a time


class ContiguousDilatedConv2d(nn.Conv2d):
    """nn.Conv2d that works in contiguous memory where channels-last is unsafe; the same values."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> as nn.Conv2d, in the memory layout of x."""
        half = torch.is_autocast_enabled("cpu") or x.dtype == torch.bfloat16
        plain = x.is_contiguous() and self.weight.is_contiguous()
        if x.device.type != "cpu" or not half or plain:
            return super().forward(x)
        y = F.conv2d(
            x.contiguous(), self.weight.contiguous(), self.bias,
            self.stride, self.padding, self.dilation, self.groups,
        )  # fmt: skip
        return y if x.is_contiguous() else y.contiguous(memory_format=torch.channels_last)


def guard_dilated_convolutions(network: nn.Module) -> nn.Module:
    """Make every dilated 2D convolution of a network safe, in place; names and weights stay."""
    for module in network.modules():
        if type(module) is not nn.Conv2d or max(module.dilation) == 1:
            continue
        widths = (module.in_channels, module.out_channels)
        if module.padding_mode == "zeros" and any(w > LANES and w % LANES for w in widths):
            module.__class__ = ContiguousDilatedConv2d
    return network
