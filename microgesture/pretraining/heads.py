"""Small decoders on a network's features, dropped after pre-training."""

import torch
from torch import Tensor, nn

from microgesture.layers.token_transformer import TransformerLayer, init_linear, time_embedding


class TokenDecoder(nn.Module):
    """Features of the shown tokens -> what every token's values are (He et al., "Masked
    Autoencoders Are Scalable Vision Learners", 2022; for skeletons MAMP).

    A learned vector stands for every hidden token; joints and times are told anew.
    """

    def __init__(
        self, features: int, num_joints: int, num_heads: int, stages: int, num_values: int
    ):
        super().__init__()
        self.embedding = nn.Linear(features, features)
        self.hidden_token = nn.Parameter(torch.empty(features))
        self.joint_embedding = nn.Parameter(torch.empty(num_joints, features))
        self.layers = nn.ModuleList(TransformerLayer(features, num_heads) for _ in range(stages))
        self.norm = nn.LayerNorm(features)
        self.predict = nn.Linear(features, num_values)
        self.apply(init_linear)
        nn.init.normal_(self.hidden_token, std=0.02)
        nn.init.normal_(self.joint_embedding, std=0.02)

    def forward(self, encoded: Tensor, hidden: Tensor) -> Tensor:
        """encoded: (B, shown tokens, D), in order; hidden: bool (B, S, V) -> (B, S, V, values)."""
        encoded = self.embedding(encoded)
        tokens = self.hidden_token.to(encoded.dtype).expand(*hidden.shape, -1)
        tokens = tokens.masked_scatter(~hidden[..., None], encoded)
        steps = time_embedding(hidden.shape[1], tokens.shape[-1], tokens)
        tokens = (tokens + self.joint_embedding + steps[:, None]).flatten(1, 2)
        for layer in self.layers:
            tokens = layer(tokens)
        return self.predict(self.norm(tokens)).unflatten(1, hidden.shape[1:])


class JointDecoder(nn.Module):
    """A graph network's feature map -> values of every joint and frame: each joint's feature alone
    says them, so that the network has to gather what its neighbours know.

    stretch: frames that one step of the feature map stands for.
    """

    def __init__(self, features: int, num_values: int, stretch: int):
        super().__init__()
        self.stretch = stretch
        self.layers = nn.Sequential(
            nn.Conv2d(features, features, 1),
            nn.ReLU(),
            nn.Conv2d(features, num_values * stretch, 1),
        )

    def forward(self, features: Tensor, frames: int) -> Tensor:
        """(B, D, T', V) -> (B, values, frames, V); frames is at most T' * stretch."""
        y = self.layers(features).unflatten(1, (self.stretch, -1))  # (B, stretch, values, T', V)
        y = y.permute(0, 2, 3, 1, 4).flatten(2, 3)
        return y[:, :, :frames]


class PlaceDecoder(nn.Module):
    """A heatmap network's feature map -> for every joint (limb) a number a cell, whose softmax over
    the cells says where it is: (N, D, T', H', W') -> (N, V, T', H', W')."""

    def __init__(self, features: int, num_channels: int):
        super().__init__()
        self.layer = nn.Conv3d(features, num_channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        return self.layer(features)
