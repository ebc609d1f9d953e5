"""The plain video transformer of VideoMAE (Tong et al., NeurIPS 2022, arXiv 2203.12602).

A clip is cut into tubelets of 2 x 16 x 16 pixels, each a token with a fixed place; every block lets
all tokens look at all. It is made for masked pre-training (microgesture/pretraining), learns little
from few labelled clips alone, and takes published weights of VideoMAE and VideoMAE V2 (Wang et al.,
CVPR 2023) by name. Sizes S and B have 22 and 87 M parameters; the papers' input is 16 frames of
224 x 224.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from microgesture.layers.pooling import global_average_pool
from microgesture.layers.vision_transformer import (
    EPSILON,
    init_glorot,
    make_blocks,
    resized_positions,
)
from microgesture.provenance.errors import BadInput

STREAMS = ("rgb",)

# width, blocks and heads of the published sizes
SIZES = {"s": (384, 12, 6), "b": (768, 12, 12)}


class VideoMae(nn.Module):
    """(N, 3, T, H, W) normalised floats -> logits (N, K)."""

    # Layers that masked pre-training has no use for.
    unused_in_pretraining = ("fc_norm",)

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        width: int,
        blocks: int,
        heads: int,
        tubelet: tuple[int, int, int],
        position_grid: tuple[int, int, int] | None,
        stochastic_depth: float,
        dropout: float,
    ):
        super().__init__()
        self.num_features, self.heads = width, heads
        self.tubelet, self.position_grid = tubelet, position_grid
        self.patch_embed = nn.ModuleDict(
            {"proj": nn.Conv3d(in_channels, width, tubelet, stride=tubelet)}
        )
        self.blocks = make_blocks(width, heads, blocks, stochastic_depth)
        self.fc_norm = nn.LayerNorm(width, eps=EPSILON)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(width, num_classes)
        self.apply(init_glorot)
        nn.init.trunc_normal_(self.classifier.weight, std=0.02)

    def grid(self, x: Tensor) -> tuple[int, int, int]:
        """Tokens of a clip (N, C, T, H, W) along time, height and width. Raises BadInput for a clip
        that is no whole number of tubelets."""
        sides = tuple(x.shape[2:])
        if any(side % step for side, step in zip(sides, self.tubelet)):
            frames, *pixels = self.tubelet
            raise BadInput(
                f"model video_mae cuts clips into {frames} frames of {pixels[0]} x {pixels[1]} "
                f"pixels, and these have {sides[0]} frames of {sides[1]} x {sides[2]}; write "
                f"rgb_frames and rgb_size that are multiples, {-(-sides[0] // frames) * frames} "
                f"and {-(-sides[1] // pixels[0]) * pixels[0]} for example"
            )
        return tuple(side // step for side, step in zip(sides, self.tubelet))

    def embed(self, x: Tensor) -> Tensor:
        """(N, C, T, H, W) -> tokens (N, L, width) that know their places, frame by frame, row by
        row. Raises BadInput as `grid`."""
        grid = self.grid(x)
        places = resized_positions(self.position_grid or grid, grid, self.num_features)
        tokens = self.patch_embed["proj"](x).flatten(2).transpose(1, 2)
        return tokens + places.to(tokens)

    def encode(self, tokens: Tensor) -> Tensor:
        """Any tokens of a clip (N, L', width) -> what the blocks make of them, the same shape."""
        for block in self.blocks:
            tokens = block(tokens)
        return tokens

    def forward_features(self, x: Tensor) -> Tensor:
        """(N, C, T, H, W) -> (N, width, T / 2, H / 16, W / 16)."""
        return self.encode(self.embed(x)).transpose(1, 2).unflatten(2, self.grid(x))

    def pool(self, features: Tensor) -> Tensor:
        """The norm of the mean over all tokens: (N, C, t, h, w) -> (N, C)."""
        return self.fc_norm(global_average_pool(features))

    def head(self, pooled: Tensor) -> Tensor:
        """(N, width) -> logits (N, K)."""
        return self.classifier(self.dropout(pooled))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.pool(self.forward_features(x)))


def build(
    num_classes: int,
    *,
    in_channels: int = 3,
    layout=None,
    num_persons: int = 1,
    dropout: float = 0.5,
    size: str = "s",
    width: int | None = None,
    num_blocks: int | None = None,
    num_heads: int | None = None,
    tubelet: Sequence[int] = (2, 16, 16),
    position_grid: Sequence[int] | None = None,
    stochastic_depth: float = 0.1,
) -> VideoMae:
    """VideoMAE's encoder of size s or b for clips (N, 3, T, H, W), normalised -> logits (N, K).

    dropout: before the classifier. width, num_blocks, num_heads: replace the size's own numbers;
    small ones for example 96, 4, 3. tubelet: frames, rows and columns of a token. position_grid:
    tokens along time, height and width of the clips that weights were trained on, [8, 14, 14] for
    published ones; for clips of another size their places are then interpolated. Without it places
    are counted anew for every size. stochastic_depth: probability with which the last block is
    skipped in training. `layout` and `num_persons` are taken for the sake of the common interface.
    """
    if size not in SIZES:
        raise BadInput(f"size: {size!r} is not known; write one of {', '.join(SIZES)}")
    numbers = [own or given for own, given in zip((width, num_blocks, num_heads), SIZES[size])]
    if numbers[0] % numbers[2] or numbers[0] % 2:
        raise BadInput(
            f"width: {numbers[0]} cannot be shared out to {numbers[2]} heads; write an even "
            "multiple of num_heads"
        )
    for name, value in (("tubelet", tubelet), ("position_grid", position_grid or (1, 1, 1))):
        if len(value) != 3 or min(value) < 1:
            raise BadInput(
                f"{name}: {list(value)} should be three whole numbers of at least 1: frames or "
                "tokens along time, height, width"
            )
    return VideoMae(
        num_classes,
        in_channels,
        *numbers,
        tuple(tubelet),
        tuple(position_grid) if position_grid else None,
        stochastic_depth,
        dropout,
    )
