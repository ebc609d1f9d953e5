"""A plain transformer over joints and time, made for masked pre-training.

The encoder of MAMP (Mao et al., "Masked Motion Predictors are Strong 3D Action Representation
Learners", ICCV 2023): a token is one joint over a few frames, and every token attends to every
other. It knows nothing of the skeleton but a learned vector a joint, so from few labelled clips it
learns little; pre-training (microgesture/pretraining) is what it is for. Ours: time as sines and
cosines, so that clips of any length fit, and a normalisation of the input per joint. 6.3 M
parameters at 17 joints and 60 classes.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from microgesture.layers.skeleton_network import (
    SKELETON_STREAMS,
    SkeletonNetwork,
    require_layout,
)
from microgesture.layers.token_transformer import TransformerLayer, init_linear, time_embedding
from microgesture.pose.layouts import Layout
from microgesture.provenance.errors import BadInput

STREAMS = SKELETON_STREAMS


class SkeletonTransformer(SkeletonNetwork):
    """Tokens of `segment` frames of one joint of one person, through transformer layers.

    A clip whose frames do not fill the last segment repeats its last frame there. Persons are seen
    one by one; their features are averaged, as in every `SkeletonNetwork`.
    """

    def __init__(self, layers: list[nn.Module], *, segment: int, num_features: int, **options):
        super().__init__(layers, num_features=num_features, **options)
        self.segment = segment
        self.embedding = nn.Linear(self.in_channels * segment, num_features)
        self.joint_embedding = nn.Parameter(torch.empty(self.num_joints, num_features))
        self.norm = nn.LayerNorm(num_features)
        self.embedding.apply(init_linear)
        self.blocks.apply(init_linear)
        nn.init.normal_(self.joint_embedding, std=0.02)

    def embed(self, x: Tensor) -> Tensor:
        """(N, C, T, V, M) -> tokens with their places (N * M, S, V, D), S segments of the clip."""
        x = self.normalise_input(x)
        missing = -x.shape[2] % self.segment
        if missing:
            x = F.pad(x, (0, 0, 0, missing), mode="replicate")
        x = x.unflatten(2, (-1, self.segment)).permute(0, 2, 4, 1, 3).flatten(3)
        tokens = self.embedding(x)
        steps = time_embedding(tokens.shape[1], self.num_features, tokens)
        return tokens + self.joint_embedding + steps[:, None]

    def encode(self, tokens: Tensor) -> Tensor:
        """Any tokens (B, L, D), all or only those that are shown -> features (B, L, D)."""
        for layer in self.blocks:
            tokens = layer(tokens)
        return self.norm(tokens)

    def forward_features(self, x: Tensor) -> Tensor:
        """(N, C, T, V, M) -> feature map (N, M, D, S, V)."""
        persons = x.shape[-1]
        tokens = self.embed(x)
        features = self.encode(tokens.flatten(1, 2)).unflatten(1, tokens.shape[1:3])
        return features.permute(0, 3, 1, 2).unflatten(0, (-1, persons))


def build(
    num_classes: int,
    *,
    in_channels: int,
    layout: Layout | None = None,
    num_persons: int = 1,
    dropout: float = 0.0,
    base_channels: int = 256,
    num_stages: int = 8,
    num_heads: int = 8,
    segment: int = 4,
    mlp_ratio: float = 4.0,
    drop_path: float = 0.0,
    input_norm: str | None = "joint",
) -> SkeletonTransformer:
    """A network for (N, in_channels, T, V, M); V comes from `layout`.

    dropout: before the classifier. base_channels: width of all layers, a multiple of `num_heads`.
    num_stages: layers. segment: frames of a token. mlp_ratio: hidden width of a layer's perceptron,
    times base_channels. drop_path: chance that a sample leaves out the last layer; it rises
    linearly from 0 at the first. input_norm: "joint", "person_joint" or None. Raises BadInput
    without a layout, and for numbers that do not fit.
    """
    layout = require_layout(layout, "skeleton_transformer")
    if base_channels % num_heads:
        raise BadInput(
            f"base_channels {base_channels} is not a multiple of num_heads {num_heads}; write "
            f"base_channels: {max(base_channels // num_heads, 1) * num_heads}, or other num_heads"
        )
    if segment < 1 or not 0 <= drop_path < 1:
        raise BadInput(
            f"segment is {segment} and drop_path {drop_path}; write a segment of 1 frame or more "
            "and a drop_path from 0 to below 1"
        )
    layers = [
        TransformerLayer(
            base_channels, num_heads, mlp_ratio, drop_path * number / max(num_stages - 1, 1)
        )
        for number in range(num_stages)
    ]
    return SkeletonTransformer(
        layers,
        segment=segment,
        num_features=base_channels,
        num_classes=num_classes,
        in_channels=in_channels,
        num_joints=layout.num_joints,
        num_persons=num_persons,
        input_norm=input_norm,
        dropout=dropout,
    )
