"""Video Swin Transformer (Liu et al., CVPR 2022, arXiv 2106.13230): torchvision's network.

Sizes T, S and B have 28.2, 49.8 and 88.0 M parameters; the paper's input is 32 frames of 224 x 224,
every second frame of the video. torchvision's weights load by name.
"""

from collections.abc import Sequence
from functools import partial

from torch import Tensor, nn

import microgesture.models.torchvision_operators  # noqa: F401
from microgesture.layers.pooling import global_average_pool
from microgesture.provenance.errors import BadInput

# torchvision can be imported only after its operators are declared.
# isort: split
from torchvision.models.video.swin_transformer import (
    PatchEmbed3d,
    SwinTransformer3d,
    SwinTransformerBlock,
)

STREAMS = ("rgb",)

# width, blocks and heads per stage of the published sizes
SIZES = {
    "t": (96, (2, 2, 6, 2), (3, 6, 12, 24)),
    "s": (96, (2, 2, 18, 2), (3, 6, 12, 24)),
    "b": (128, (2, 2, 18, 2), (4, 8, 16, 32)),
}


class VideoSwin(SwinTransformer3d):
    """(N, 3, T, H, W) normalised floats -> logits (N, K); sizes are padded to whole patches."""

    def __init__(self, num_classes: int, in_channels: int, head_dropout: float, **options):
        super().__init__(
            num_classes=num_classes,
            patch_embed=partial(PatchEmbed3d, in_channels=in_channels),
            **options,
        )
        self.head_dropout = nn.Dropout(head_dropout)
        # in every recogniser here `head` is the step from pooled features to logits
        self.classifier = self._modules.pop("head")

    def repeated_blocks(self) -> list[nn.Module]:
        """What `recompute_activations` computes twice."""
        return [module for module in self.modules() if isinstance(module, SwinTransformerBlock)]

    def forward_features(self, x: Tensor) -> Tensor:
        """(N, 3, T, H, W) -> (N, num_features, T / 2, H / 32, W / 32)."""
        x = self.norm(self.features(self.pos_drop(self.patch_embed(x))))
        return x.permute(0, 4, 1, 2, 3)

    def pool(self, features: Tensor) -> Tensor:
        """Mean over time and space: (N, C, T, H, W) -> (N, C)."""
        return global_average_pool(features)

    def head(self, pooled: Tensor) -> Tensor:
        """(N, num_features) -> logits (N, K)."""
        return self.classifier(self.head_dropout(pooled))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.pool(self.forward_features(x)))


def build(
    num_classes: int,
    *,
    in_channels: int = 3,
    layout=None,
    num_persons: int = 1,
    dropout: float = 0.5,
    size: str = "t",
    embed_channels: int | None = None,
    stage_blocks: Sequence[int] | None = None,
    stage_heads: Sequence[int] | None = None,
    patch_size: Sequence[int] = (2, 4, 4),
    window_size: Sequence[int] = (8, 7, 7),
    stochastic_depth: float = 0.1,
) -> VideoSwin:
    """Video Swin of size t, s or b for clips (N, 3, T, H, W), normalised floats -> logits (N, K).

    dropout: before the classifier. embed_channels, stage_blocks, stage_heads: replace the size's
    own numbers; small widths for example 16, (1, 1), (2, 4). window_size: frames, height and width
    of an attention window, in patches; a window larger than the map shrinks to it.
    stochastic_depth: probability with which the last block is skipped in training (public
    recipes: .1 for T and S, .3 for B). `layout` and `num_persons` are taken for the sake of the
    common interface.
    """
    if size not in SIZES:
        raise BadInput(f"size: {size!r} is not known; write one of {', '.join(SIZES)}")
    width, blocks, heads = SIZES[size]
    width, blocks, heads = embed_channels or width, stage_blocks or blocks, stage_heads or heads
    if len(blocks) != len(heads):
        raise BadInput(
            f"stage_blocks {list(blocks)} and stage_heads {list(heads)} differ in length; write "
            "one number of blocks and one of heads per stage"
        )
    return VideoSwin(
        num_classes,
        in_channels,
        dropout,
        patch_size=list(patch_size),
        embed_dim=width,
        depths=list(blocks),
        num_heads=list(heads),
        window_size=list(window_size),
        stochastic_depth_prob=stochastic_depth,
    )
