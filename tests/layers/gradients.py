"""A layer's output and gradients, in float32 or under bf16 autocast."""

import torch


def gradients(layer, x, bf16):
    """Output, gradient of the weight and gradient of x, of a fixed weighted sum of the output."""
    layer.zero_grad()
    x = x.clone().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        y = layer(x)
    weights = torch.sin(torch.arange(y.numel())).view(y.shape)
    (y.float() * weights).sum().backward()
    return y.detach().float(), layer.weight.grad.clone(), x.grad
