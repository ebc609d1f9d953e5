"""Masked tubes: an RGB network sees a tenth of a clip and says what is hidden.

Two targets, each with a weight: the hidden pixels (VideoMAE, Tong et al., NeurIPS 2022), and of the
joints that lie in hidden places where they are and how they move: labels that every video has, once
the pose stage has seen it.
"""

import torch
from torch import Tensor, nn

from microgesture.datasets.streams import RGB_STD
from microgesture.layers.vision_transformer import (
    EPSILON,
    init_glorot,
    make_blocks,
    resized_positions,
)
from microgesture.pretraining.masking import draw_hidden
from microgesture.pretraining.targets import mean_error
from microgesture.pretraining.tube_targets import (
    joint_motion,
    joint_places,
    place_shares,
    standardised_pixels,
    tube_energy,
    tubelet_pixels,
)
from microgesture.weights.networks import classifier_names

TUBES = "masked_tubes"


class TubeDecoder(nn.Module):
    """What the encoder makes of the shown tubelets -> values of all of them; half as wide as it.

    A learned vector stands for every hidden tubelet; places are told anew. num_pixels: values of a
    tubelet, 0 without that target; num_joints: a place and a motion each, 0 without.
    """

    def __init__(self, width: int, heads: int, stages: int, num_pixels: int, num_joints: int):
        super().__init__()
        half, heads = width // 2, max(1, heads // 2)
        self.width = half - half % (2 * heads)
        self.embedding = nn.Linear(width, self.width, bias=False)
        self.hidden_token = nn.Parameter(torch.empty(1, 1, self.width))
        self.blocks = make_blocks(self.width, heads, stages)
        self.norm = nn.LayerNorm(self.width, eps=EPSILON)
        self.pixels = nn.Linear(self.width, num_pixels) if num_pixels else None
        self.joints = nn.Linear(self.width, 3 * num_joints) if num_joints else None
        self.apply(init_glorot)
        nn.init.trunc_normal_(self.hidden_token, std=0.02)

    def forward(self, encoded: Tensor, hidden: Tensor, places: Tensor) -> Tensor:
        """encoded: (N, shown tubelets, width), in order; hidden: bool (N, L); places: (L, own
        width) -> (N, L, own width)."""
        encoded = self.embedding(encoded)
        tokens = self.hidden_token.to(encoded.dtype).expand(*hidden.shape, -1)
        tokens = tokens.masked_scatter(~hidden[..., None], encoded) + places.to(encoded)
        for block in self.blocks:
            tokens = block(tokens)
        return self.norm(tokens)


class MaskedTubes(nn.Module):
    """A pretrainer of pictures: tubes are hidden, and the losses of what is said of them.

    Takes pictures (N, 3, T, S, S) as the network does, and with a weight for the keypoints also the
    stream `joint` (N, 3, T, V, M) at the same frames. group: `pretrain` of the settings, complete.
    A kind of network has its own `grid` and `decoded`, the latter (N, L, width) features of every
    tubelet, and a `decoder` with linear layers `pixels` and `joints` (None without that target).
    """

    count_shown_joints = False  # in the keypoints' losses

    def __init__(self, network: nn.Module, group: dict):
        super().__init__()
        self.network = network
        self.ratio, self.temperature = group["mask_ratio"], group["motion_temperature"]
        self.pixel_weight, self.keypoint_weight = group["pixel_weight"], group["keypoint_weight"]

    def grid(self, x: Tensor) -> tuple[int, int, int]:
        """Tubelets along time, height and width."""
        raise NotImplementedError

    def decoded(self, x: Tensor, hidden: Tensor, grid: tuple[int, int, int]) -> Tensor:
        """What is made of the shown tubelets of x, for all of them. hidden: bool (N, L)."""
        raise NotImplementedError

    def forward(
        self, x: Tensor, joints: Tensor | None = None, hidden: Tensor | None = None
    ) -> list[dict[str, Tensor]]:
        """[{"loss", and what it is made of: "pixels", "places", "motion"}]. hidden: bool (N, L), in
        place of tubes that are drawn."""
        grid = self.grid(x)
        tubelet = tuple(size // parts for size, parts in zip(x.shape[2:], grid, strict=True))
        pixels = tubelet_pixels(x.float(), tubelet)
        if hidden is None:
            hidden = self.draw(pixels, grid)
        decoded = self.decoded(x, hidden, grid)
        losses = {}
        if self.pixel_weight:
            losses["pixels"] = self._pixel_loss(decoded[hidden], pixels[hidden])
        if self.keypoint_weight:
            losses |= self._keypoint_losses(decoded, joints, hidden, grid)
        weights = {"pixels": self.pixel_weight}
        loss = sum(
            weights.get(name, self.keypoint_weight) * value for name, value in losses.items()
        )
        return [{"loss": loss, **losses}]

    def draw(self, pixels: Tensor, grid: tuple[int, int, int]) -> Tensor:
        """bool (N, L): tubes of `mask_ratio` of the places, hidden in every frame."""
        tubes = draw_hidden(tube_energy(pixels, grid), self.ratio, self.temperature)
        return tubes[:, None].expand(-1, grid[0], -1).flatten(1)

    def _pixel_loss(self, decoded: Tensor, pixels: Tensor) -> Tensor:
        """Mean squared error of hidden tubelets (B, own width) against their pixels (B, values,
        C)."""
        deviation = torch.tensor(RGB_STD, device=pixels.device)  # from the stream back to pixels
        target = standardised_pixels((pixels * deviation)[None])[0]
        return (self.decoder.pixels(decoded).float() - target).square().mean()

    def _keypoint_losses(
        self, decoded: Tensor, joints: Tensor, hidden: Tensor, grid: tuple[int, int, int]
    ) -> dict[str, Tensor]:
        """places: cross-entropy over the places of a tubelet's picture; motion: mean squared error
        of what the tubelets at the joint's place say. Joints count that lie mostly in hidden
        places, or all (`count_shown_joints`)."""
        said = (
            self.decoder.joints(decoded).float().unflatten(1, (grid[0], -1)).unflatten(3, (-1, 3))
        )
        places, known = joint_places(joints, grid[0])
        shares = place_shares(places, grid)  # (N, S, H W, K)
        counted = known
        if not self.count_shown_joints:
            counted = known & ((shares * hidden.view(len(hidden), grid[0], -1, 1)).sum(dim=2) > 0.5)
        entropy = -(shares * said[..., 0].log_softmax(dim=2)).sum(dim=2)
        motion, moves = joint_motion(places, known)
        at_place = (shares[..., None] * said[..., 1:]).sum(dim=2)
        moves = (moves & counted)[..., None].expand_as(motion)
        return {
            "places": (entropy * counted).sum() / counted.sum().clamp(min=1),
            "motion": mean_error(at_place, motion, moves),
        }


class MaskedTubelets(MaskedTubes):
    """For networks that can leave tokens out and know their tubelets (video_mae): only what is
    shown goes through the encoder. points: joints times persons."""

    def __init__(self, network: nn.Module, group: dict, points: int):
        super().__init__(network, group)
        width, tubelet = network.num_features, network.tubelet
        pixels = network.patch_embed["proj"].in_channels * tubelet[0] * tubelet[1] * tubelet[2]
        self.norm = nn.LayerNorm(width, eps=EPSILON)
        self.decoder = TubeDecoder(
            width,
            network.heads,
            group["decoder_stages"],
            pixels if self.pixel_weight else 0,
            points if self.keypoint_weight else 0,
        )
        for name in (*classifier_names(network), *network.unused_in_pretraining):
            network.get_submodule(name).requires_grad_(False)

    def grid(self, x: Tensor) -> tuple[int, int, int]:
        return self.network.grid(x)

    def decoded(self, x: Tensor, hidden: Tensor, grid: tuple[int, int, int]) -> Tensor:
        tokens = self.network.embed(x)
        shown = tokens[~hidden].view(len(tokens), -1, tokens.shape[-1])
        encoded = self.norm(self.network.encode(shown))
        made_for = self.network.position_grid or grid
        places = resized_positions(made_for, grid, self.decoder.width)
        return self.decoder(encoded, hidden, places)
