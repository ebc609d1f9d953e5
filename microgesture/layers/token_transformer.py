"""Layers of a plain transformer over a sequence of tokens (Vaswani et al., 2017; the norm stands
before each part, as in ViT, Dosovitskiy et al., 2021)."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def time_embedding(steps: int, channels: int, like: Tensor) -> Tensor:
    """(steps, channels): sines and cosines of a step's number, for any number of steps.

    The wavelengths run from 2 pi steps to 2 pi times 10,000. like: gives device and dtype.
    """
    half = -(-channels // 2)
    places = torch.arange(steps, device=like.device, dtype=torch.float32)
    rates = torch.arange(half, device=like.device, dtype=torch.float32) / half
    angles = places[:, None] * torch.exp(-math.log(10_000.0) * rates)
    both = torch.cat([angles.sin(), angles.cos()], dim=1)
    return both[:, :channels].to(like.dtype)


class DropPath(nn.Module):
    """Leaves a residual part out for some samples of a batch while training (stochastic depth,
    Huang et al., 2016); what stays is scaled up, so that the mean is the same."""

    def __init__(self, share: float):
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or not self.share:
            return x
        kept = torch.rand(len(x), *[1] * (x.ndim - 1), device=x.device) >= self.share
        return x * kept.to(x.dtype) / (1 - self.share)


class TransformerLayer(nn.Module):
    """x + attention(norm(x)), then x + perceptron(norm(x)): (N, tokens, channels) to the same."""

    def __init__(
        self, channels: int, num_heads: int, mlp_ratio: float = 4.0, drop_path: float = 0.0
    ):
        super().__init__()
        self.num_heads = num_heads
        self.attention_norm = nn.LayerNorm(channels)
        self.query_key_value = nn.Linear(channels, 3 * channels)
        self.project = nn.Linear(channels, channels)
        self.mlp_norm = nn.LayerNorm(channels)
        hidden = round(channels * mlp_ratio)
        self.mlp = nn.Sequential(
            nn.Linear(channels, hidden), nn.GELU(), nn.Linear(hidden, channels)
        )
        self.drop_path = DropPath(drop_path)

    def attention(self, x: Tensor) -> Tensor:
        """Every token looks at every token."""
        parts = self.query_key_value(x).unflatten(-1, (3, self.num_heads, -1))
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(query, key, value)
        return self.project(y.transpose(1, 2).flatten(2))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.drop_path(self.attention(self.attention_norm(x)))
        return x + self.drop_path(self.mlp(self.mlp_norm(x)))


def init_linear(module: nn.Module) -> None:
    """For `nn.Module.apply`: linear layers start uniform by both their widths (Glorot and Bengio,
    2010), biases at zero."""
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
