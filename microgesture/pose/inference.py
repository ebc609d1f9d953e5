"""Make a loaded pose network fast without making it another one.

Batch normalisation is a fixed scale and shift once a network is trained: it goes into the weights
of the convolution before it. On a processor, channels-last memory and few frames at a time keep
what a layer writes in the cache until the next one reads it. In bf16 backbone and neck compute at
half the width where the hardware can; the head, whose largest response is a place, stays float32.
"""

import torch
from mmcv.cnn.utils import fuse_conv_bn
from torch import Tensor, nn

from microgesture.provenance.hardware import cpu_has_bf16, gpu_has_bf16

# Frames that go through the network at once on a processor, whatever the batch is.
CPU_FRAMES = 8


def prepared(network: nn.Module, device: torch.device, precision: str) -> nn.Module:
    """The network of mmpose, trained, on `device`, for estimation only.

    precision: float32, or auto or bf16: bf16 where the device has it in hardware. Changes the
    network in place; points differ from the original's by rounding.
    """
    network = fuse_conv_bn(network.eval()).to(device, memory_format=torch.channels_last)
    has_bf16 = gpu_has_bf16() if device.type == "cuda" else cpu_has_bf16()
    half = precision != "float32" and has_bf16
    if half:
        network.backbone.bfloat16()
        if network.with_neck:
            network.neck.bfloat16()
    plain = network.extract_feat

    def extract(images: Tensor) -> tuple[Tensor, ...]:
        pieces = images.split(CPU_FRAMES) if images.device.type == "cpu" else (images,)
        dtype = torch.bfloat16 if half else images.dtype
        found = [
            plain(piece.to(dtype).contiguous(memory_format=torch.channels_last)) for piece in pieces
        ]
        return tuple(torch.cat([features.float() for features in level]) for level in zip(*found))

    network.extract_feat = extract
    return network
