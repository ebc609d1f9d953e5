"""Masked tubes for networks that cannot leave tubelets out: hidden places are wiped out.

Every RGB network with a feature map learns so to say what hidden pixels show, where the person's
joints are, and how they move. The decoder widens the network's last map as that of Xiao et al.,
Simple Baselines for Human Pose Estimation, ECCV 2018, does.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from microgesture.layers.conv3d_blocks import ConvNorm3d
from microgesture.pretraining.feature_maps import features_of
from microgesture.pretraining.settings import places_of
from microgesture.pretraining.tubes import MaskedTubes
from microgesture.provenance.errors import BadInput
from microgesture.weights.networks import classifier_names


class MapDecoder(nn.Module):
    """A feature map -> features of every place: (N, D, S, h, w) -> (N, S H W, width).

    rows: of the map, doubled until there are H. num_pixels: values of a tubelet, 0 without that
    target; num_joints: a place and a motion each, 0 without.
    """

    def __init__(
        self, features: int, rows: int, places: int, width: int, num_pixels: int, num_joints: int
    ):
        super().__init__()
        self.reduce = ConvNorm3d(features, width, (1, 1, 1))
        doublings = range(max(0, (-(-places // rows) - 1).bit_length()))
        self.wider = nn.ModuleList(ConvNorm3d(width, width, (1, 3, 3)) for _ in doublings)
        self.places = places
        self.pixels = nn.Linear(width, num_pixels) if num_pixels else None
        self.joints = nn.Linear(width, 3 * num_joints) if num_joints else None

    def forward(self, features: Tensor) -> Tensor:
        x = self.reduce(features)
        for layer in self.wider:
            x = layer(F.interpolate(x, scale_factor=(1, 2, 2)))
        x = F.adaptive_avg_pool3d(x, (x.shape[2], self.places, self.places))
        return x.flatten(2).transpose(1, 2)


class MaskedPictures(MaskedTubes):
    """The pretrainer of any network with a feature map. Of the joints all count: in the pictures
    that are shown no keypoint stands either. frames, size: of the pictures; points: joints times
    persons."""

    count_shown_joints = True

    def __init__(self, network: nn.Module, group: dict, *, frames: int, size: int, points: int):
        super().__init__(network, group)
        places = places_of(size)
        example = torch.zeros(1, 3, frames, size, size)
        _, features, steps, rows, _ = features_of(network, example).shape
        if size % places or frames % steps:
            raise BadInput(
                f"pretrain: masked_tubes cuts pictures of {size} pixels into {places} places a "
                f"side and {frames} frames into {steps} steps, which leaves a rest; write "
                f"rgb_size: {size - size % places} and rgb_frames: {frames - frames % steps}"
            )
        self.places, self.steps = places, steps
        side = size // places
        pixels = 3 * side * side * (frames // steps)
        self.decoder = MapDecoder(
            features,
            rows,
            places,
            min(features, 128),
            pixels if self.pixel_weight else 0,
            points if self.keypoint_weight else 0,
        )
        for name in classifier_names(network):
            network.get_submodule(name).requires_grad_(False)

    def grid(self, x: Tensor) -> tuple[int, int, int]:
        return self.steps, self.places, self.places

    def decoded(self, x: Tensor, hidden: Tensor, grid: tuple[int, int, int]) -> Tensor:
        covered = hidden.unflatten(1, grid)[:, None].float()
        covered = F.interpolate(covered, size=tuple(x.shape[2:]))
        return self.decoder(self.network.forward_features(x * (1 - covered).to(x.dtype)))
