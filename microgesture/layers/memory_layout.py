"""Bring a batch into the memory layout of the weights that will meet it, once and fast."""

import torch
from torch import Tensor, nn

_LAST = {4: torch.channels_last, 5: torch.channels_last_3d}


def is_channels_last(weight: Tensor) -> bool:
    """Whether a 3D kernel lies channels last (and could not be read either way)."""
    return weight.is_contiguous(memory_format=torch.channels_last_3d) and not weight.is_contiguous()


def gains_channels_last(device: torch.device, bf16: bool) -> bool:
    """Whether convolutions over (T, H, W) run faster channels last: on a GPU, and in bf16 on a CPU
    (oneDNN). In float32 on a CPU they do not (docs/benchmarks.md), and turning a volume costs."""
    return device.type != "cpu" or bf16


def lay_channels_last(network: nn.Module) -> None:
    """Lay the kernels of 2D and 3D convolutions channels last, in place; values stay.

    `nn.Module.to(memory_format=...)` takes one format for all and fails on a network with kernels
    of the other rank (TSM has 2D ones, Video Swin 3D ones).
    """
    for parameter in network.parameters():
        if parameter.dim() in _LAST:
            parameter.data = parameter.data.contiguous(memory_format=_LAST[parameter.dim()])


def match_layout(x: Tensor, weight: Tensor) -> Tensor:
    """x (N, C, T, H, W) channels last if `weight` is; in the autocast dtype where autocast is on.

    A convolution does the same by itself, but twice (forward and backward), and voxel by voxel:
    with a frame of 32 x 32 or 56 x 56 pixels all channels of a voxel fall on the same few cache
    lines, which makes that copy dearer than the convolution. Here each sample is transposed in
    blocks, as a matrix.
    """
    last = torch.channels_last_3d
    if not is_channels_last(weight) or x.is_contiguous(memory_format=last):
        return x
    if x.requires_grad or x.device.type != "cpu":
        return x.contiguous(memory_format=last)
    if torch.is_autocast_enabled("cpu"):
        x = x.to(torch.get_autocast_dtype("cpu"))
    x = x.contiguous()
    turned = torch.empty_like(x, memory_format=last)
    for target, source in zip(turned.permute(0, 2, 3, 4, 1).flatten(1, 3), x.flatten(2)):
        target.copy_(source.t())
    return turned
