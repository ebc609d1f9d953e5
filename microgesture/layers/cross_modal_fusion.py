"""Cross-modal fusion of an RGB and a pose feature map (Prototype Learning for Micro-gesture
Classification, arXiv 2408.03097, equations 2 and 3).

Each map is reduced to T1 tokens (T1 = the RGB map's frames), the tokens of either stream attend to
the other's, and the result gates the map: x <- x + g * x, with one gate value per frame and
channel, the same over space.

Where paper and public code disagree, this is the symmetric form: both directions read the tokens
of before the exchange. `attention_axis` "time" attends over the frames (the public code),
"channel" over the channels (the paper's text).
"""

import math

import torch
from torch import Tensor, nn

from microgesture.provenance.errors import BadInput

ATTENTION_AXES = ("time", "channel")
GATES = ("zero", "random")


class ChannelCrossAttention(nn.Module):
    """Cross-attention whose map is channels x channels: each channel is a token of T values.

    query, other: (N, T, C) -> (N, T, C). Query, key and value are projected over the channels as
    in multi-head attention; softmax runs over the other stream's channels, scaled by sqrt(T).
    There is one C x C map, so no heads.
    """

    def __init__(self, channels: int, dropout: float):
        super().__init__()
        self.query = nn.Linear(channels, channels)
        self.key = nn.Linear(channels, channels)
        self.value = nn.Linear(channels, channels)
        self.output = nn.Linear(channels, channels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, query: Tensor, other: Tensor) -> Tensor:
        scores = self.query(query).transpose(1, 2) @ self.key(other)
        weights = self.dropout((scores / math.sqrt(query.shape[1])).softmax(dim=-1))
        return self.output(self.value(other) @ weights.transpose(1, 2))


class TimeCrossAttention(nn.Module):
    """Multi-head cross-attention over frames. query, other: (N, T, C) -> (N, T, C)."""

    def __init__(self, channels: int, heads: int, dropout: float):
        super().__init__()
        self.attention = nn.MultiheadAttention(channels, heads, dropout, batch_first=True)

    def forward(self, query: Tensor, other: Tensor) -> Tensor:
        return self.attention(query, other, other, need_weights=False)[0]


class CrossModalFusion(nn.Module):
    """Lets the RGB and the pose map gate each other.

    forward(rgb (N, rgb_channels, T1, H, W), pose (N, pose_channels, T1 * speed_ratio, H', W'))
    -> both maps, same shapes. The tokens are `channels` wide (None: the pose map's width).

    gates: what the gates' weights start from. "zero": a new module passes both maps through
    unchanged, and attention begins to learn as soon as the gates have moved; "random": torch's own
    initialisation, so that the module acts from the first step.
    """

    def __init__(
        self,
        rgb_channels: int,
        pose_channels: int,
        speed_ratio: int,
        *,
        channels: int | None = None,
        heads: int = 8,
        dropout: float = 0.1,
        attention_axis: str = "time",
        gates: str = "zero",
    ):
        super().__init__()
        width = pose_channels if channels is None else channels
        if attention_axis not in ATTENTION_AXES:
            raise BadInput(
                f"attention_axis: {attention_axis!r} is not known; write one of "
                f"{', '.join(ATTENTION_AXES)}"
            )
        if gates not in GATES:
            raise BadInput(f"gates: {gates!r} is not known; write one of {', '.join(GATES)}")
        if attention_axis == "time" and width % heads:
            raise BadInput(
                f"attention heads: {heads} heads do not divide the {width} channels of the fusion "
                f"module; write a divisor of {width}"
            )
        step = (speed_ratio, 1, 1)
        self.rgb_token = nn.Conv3d(rgb_channels, width, 1)
        self.pose_token = nn.Conv3d(pose_channels, width, step, stride=step)
        if attention_axis == "time":
            self.rgb_attention = TimeCrossAttention(width, heads, dropout)
            self.pose_attention = TimeCrossAttention(width, heads, dropout)
        else:
            self.rgb_attention = ChannelCrossAttention(width, dropout)
            self.pose_attention = ChannelCrossAttention(width, dropout)
        self.rgb_gate = nn.Conv3d(width, rgb_channels, 1)
        self.pose_gate = nn.ConvTranspose3d(width, pose_channels, step, stride=step)
        self.initial_gates = gates
        self.reset_gates()

    def reset_gates(self) -> None:
        """Set the gates to where they start; at zero the module is the identity."""
        for gate in (self.rgb_gate, self.pose_gate):
            if self.initial_gates == "zero":
                nn.init.zeros_(gate.weight)
                nn.init.zeros_(gate.bias)
            else:
                gate.reset_parameters()

    def gates(self, rgb: Tensor, pose: Tensor) -> tuple[Tensor, Tensor]:
        """The gate values, (N, rgb_channels, T1, 1, 1) and (N, pose_channels, T2, 1, 1)."""
        rgb_tokens = spatial_maximum(self.rgb_token(rgb))
        pose_tokens = spatial_maximum(self.pose_token(pose))
        rgb_answer = self.rgb_attention(rgb_tokens, pose_tokens)
        pose_answer = self.pose_attention(pose_tokens, rgb_tokens)
        return self.rgb_gate(as_map(rgb_answer)), self.pose_gate(as_map(pose_answer))

    def forward(self, rgb: Tensor, pose: Tensor) -> tuple[Tensor, Tensor]:
        rgb_gate, pose_gate = self.gates(rgb, pose)
        return torch.addcmul(rgb, rgb, rgb_gate), torch.addcmul(pose, pose, pose_gate)


def spatial_maximum(features: Tensor) -> Tensor:
    """(N, C, T, H, W) -> tokens (N, T, C)."""
    return features.amax(dim=(3, 4)).transpose(1, 2)


def as_map(tokens: Tensor) -> Tensor:
    """Tokens (N, T, C) -> (N, C, T, 1, 1)."""
    return tokens.transpose(1, 2)[..., None, None]
