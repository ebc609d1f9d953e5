"""Blocks of the plain vision transformer (Dosovitskiy et al., ICLR 2021) as VideoMAE has them.

Names of layers are those of the authors' repository, so that published weights load by name.
"""

import math
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EPSILON = 1e-6  # of the norms, in the authors' repository


class Attention(nn.Module):
    """Every token looks at every token: (N, L, C) -> (N, L, C).

    Keys have no bias: one would add the same to all of a query's products, which the softmax takes
    out again.
    """

    def __init__(self, channels: int, heads: int):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(channels, 3 * channels, bias=False)
        self.q_bias = nn.Parameter(torch.zeros(channels))
        self.v_bias = nn.Parameter(torch.zeros(channels))
        self.proj = nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        bias = torch.cat([self.q_bias, torch.zeros_like(self.q_bias), self.v_bias])
        parts = F.linear(x, self.qkv.weight, bias).unflatten(-1, (3, self.heads, -1))
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(query, key, value)
        return self.proj(seen.transpose(1, 2).flatten(2))


class Perceptron(nn.Module):
    """Each token by itself, four times as wide in between."""

    def __init__(self, channels: int):
        super().__init__()
        self.fc1 = nn.Linear(channels, 4 * channels)
        self.fc2 = nn.Linear(4 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    """Attention and a perceptron, each behind a norm and beside a way past it: (N, L, C) to the
    same. skip: probability with which either is left out for a sample in training (Huang et al.,
    Deep Networks with Stochastic Depth, ECCV 2016)."""

    def __init__(self, channels: int, heads: int, skip: float = 0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(channels, eps=EPSILON)
        self.attn = Attention(channels, heads)
        self.norm2 = nn.LayerNorm(channels, eps=EPSILON)
        self.mlp = Perceptron(channels)
        self.skip = skip

    def forward(self, x: Tensor) -> Tensor:
        x = x + self._kept(self.attn(self.norm1(x)))
        return x + self._kept(self.mlp(self.norm2(x)))

    def _kept(self, change: Tensor) -> Tensor:
        if not self.training or not self.skip:
            return change
        kept = torch.rand(len(change), 1, 1, device=change.device) >= self.skip
        return change * kept.to(change.dtype) / (1 - self.skip)


def make_blocks(channels: int, heads: int, number: int, skip: float = 0.0) -> nn.ModuleList:
    """`number` blocks; the probability of being skipped rises from 0 to `skip`."""
    rates = [skip * block / max(1, number - 1) for block in range(number)]
    return nn.ModuleList(Block(channels, heads, rate) for rate in rates)


@lru_cache(maxsize=8)
def sine_positions(grid: tuple[int, ...], channels: int) -> Tensor:
    """float32 (L, channels): sines and cosines of a token's number, L = the product of `grid`.

    Tokens are numbered frame by frame, row by row. Channels 2 i and 2 i + 1 have the sine and the
    cosine of number / 10000^(2 i / channels) (Vaswani et al., 2017). The table is shared: do not
    change it.
    """
    numbers = torch.arange(math.prod(grid), dtype=torch.float64)
    pairs = torch.arange(0, channels, 2, dtype=torch.float64)
    angles = numbers[:, None] / 10000 ** (pairs / channels)
    table = torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)
    return table[:, :channels].float()


def resized_positions(
    made_for: tuple[int, int, int], grid: tuple[int, int, int], channels: int
) -> Tensor:
    """float32 (L, channels): the table of the grid (frames, rows, columns) `made_for`, interpolated
    linearly to another one."""
    table = sine_positions(made_for, channels)
    if tuple(made_for) == tuple(grid):
        return table
    maps = table.T.reshape(1, channels, *made_for)
    return F.interpolate(maps, size=grid, mode="trilinear").flatten(2)[0].T


def init_glorot(module: nn.Module) -> None:
    """For `nn.Module.apply`: linear layers start uniform by both their widths (Glorot and Bengio,
    2010), biases at zero, as in the authors' pre-training."""
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
