"""Ways to start the weights that the references agree on."""

import math

from torch import nn


def init_conv(conv: nn.Conv2d, groups: int = 1) -> None:
    """Normal weights scaled by the fan out (He et al., 2015), bias zero.

    groups: how many of the reference's convolutions are stacked in this one, so that each starts
    as it would alone.
    """
    fan_out = conv.out_channels // groups * math.prod(conv.kernel_size)
    nn.init.normal_(conv.weight, std=math.sqrt(2.0 / fan_out))
    nn.init.zeros_(conv.bias)


def init_norm(norm: nn.Module, scale: float = 1.0) -> None:
    """Batch norm's weight `scale`, bias zero; a tiny scale starts a residual block as nothing."""
    nn.init.constant_(norm.weight, scale)
    nn.init.zeros_(norm.bias)
