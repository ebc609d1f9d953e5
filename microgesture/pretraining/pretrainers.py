"""A network with its decoder, and the loss of one pre-training step.

Each takes the very input that the network takes in training, hides parts of it and gives
[{"loss": scalar}], so that the loop of microgesture/training runs it like any network. The
classifiers of the network stand aside: they have no gradient.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from microgesture.datasets.streams import HEATMAP_STREAMS, JOINED, SKELETON_STREAMS
from microgesture.pose.layouts import Layout
from microgesture.pretraining.feature_maps import features_of
from microgesture.pretraining.heads import JointDecoder, PlaceDecoder, TokenDecoder
from microgesture.pretraining.masked_pictures import MaskedPictures
from microgesture.pretraining.masking import draw_hidden, motion_energy, told_by
from microgesture.pretraining.targets import (
    in_segments,
    mean_error,
    motion_of,
    place_distribution,
    split_stream,
    standardised,
)
from microgesture.pretraining.tubes import TUBES, MaskedTubelets, MaskedTubes
from microgesture.provenance.errors import BadInput
from microgesture.weights.networks import classifier_names

MOTION, JOINTS = "masked_motion", "masked_joints"


class Pretrainer(nn.Module):
    """What all have: the network under `network`, and the numbers of the group `pretrain`."""

    def __init__(self, network: nn.Module, group: dict, segment: int):
        super().__init__()
        self.network, self.segment = network, segment
        self.ratio, self.temperature = group["mask_ratio"], group["motion_temperature"]
        self.method, self.scale = group["method"], group["target_scale"]
        for name in unused_names(network):
            network.get_submodule(name).requires_grad_(False)

    def draw(self, segments: Tensor) -> Tensor:
        """bool (B, S, V): the hidden tokens. segments: their values (B, S, V, values)."""
        energy = motion_energy(segments).flatten(1)
        return draw_hidden(energy, self.ratio, self.temperature).view(segments.shape[:3])

    def wanted(self, x: Tensor, dims: int) -> tuple[Tensor, Tensor]:
        """The targets of all tokens and which of their values are known, (B, S, V, values) each.
        x: (B, C, T, V)."""
        values, known = split_stream(x.float(), dims)
        if self.method == MOTION:
            values, known = motion_of(values, known)
        known = in_segments(known.expand_as(values).float(), self.segment) > 0
        return standardised(in_segments(values, self.segment), known, self.scale), known


class MaskedSkeletons(Pretrainer):
    """What those of skeleton streams have. dims: coordinates of a joint; parents: of all joints
    where the input is joint_bone_motion, else None."""

    def __init__(
        self,
        network: nn.Module,
        group: dict,
        segment: int,
        dims: int,
        parents: Sequence[int] | None = None,
    ):
        super().__init__(network, group, segment)
        self.dims, self.parents = dims, parents

    def hide(self, people: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What is hidden of (B, C, T, V), by token (bool (B, S, V)) and by frame (B, 1, T, V), and
        the input without what bones and motions of others tell of it."""
        hidden = self.draw(in_segments(people[:, : self.dims].float(), self.segment))
        covered = hidden.repeat_interleave(self.segment, dim=1)[:, None, : people.shape[2]]
        if self.parents is not None:
            people = people * told_by(~covered, self.parents)
        return hidden, covered, people


class MaskedTokens(MaskedSkeletons):
    """For networks that can leave tokens out (skeleton_transformer): only what is shown goes
    through the encoder, so most of a step is saved."""

    def __init__(
        self, network: nn.Module, group: dict, dims: int, parents: Sequence[int] | None = None
    ):
        super().__init__(network, group, network.segment, dims, parents)
        self.decoder = TokenDecoder(
            network.num_features,
            network.num_joints,
            network.blocks[0].num_heads,
            group["decoder_stages"],
            dims * network.segment,
        )

    def forward(self, x: Tensor) -> list[dict[str, Tensor]]:
        people = x.permute(0, 4, 1, 2, 3).flatten(0, 1)
        target, known = self.wanted(people, self.dims)
        hidden, _, people = self.hide(people)
        tokens = self.network.embed(as_clips(people, x.shape[-1]))
        shown = tokens[~hidden].view(len(tokens), -1, tokens.shape[-1])
        predicted = self.decoder(self.network.encode(shown), hidden)
        return [{"loss": mean_error(predicted, target, known & hidden[..., None])}]


class MaskedJoints(MaskedSkeletons):
    """For graph networks: a learned value stands in the place of every hidden joint."""

    def __init__(
        self,
        network: nn.Module,
        group: dict,
        dims: int,
        frames: int,
        parents: Sequence[int] | None = None,
    ):
        super().__init__(network, group, group["segment"], dims, parents)
        self.hidden_value = nn.Parameter(torch.zeros(network.in_channels))
        example = torch.zeros(1, network.in_channels, frames, network.num_joints, 1)
        if network.norm_persons:
            example = example.expand(*example.shape[:-1], network.num_persons)
        steps = features_of(network, example).shape[3]
        self.decoder = JointDecoder(network.num_features, dims, -(-frames // steps))

    def forward(self, x: Tensor) -> list[dict[str, Tensor]]:
        people = x.permute(0, 4, 1, 2, 3).flatten(0, 1)
        target, known = self.wanted(people, self.dims)
        hidden, covered, people = self.hide(people)
        people = torch.where(covered, self.hidden_value.view(1, -1, 1, 1), people)
        features = self.network.forward_features(as_clips(people, x.shape[-1])).flatten(0, 1)
        predicted = in_segments(self.decoder(features, x.shape[2]), self.segment)
        return [{"loss": mean_error(predicted, target, known & hidden[..., None])}]


def as_clips(people: Tensor, persons: int) -> Tensor:
    """(N M, C, T, V) -> (N, C, T, V, M)."""
    return people.unflatten(0, (-1, persons)).permute(0, 2, 3, 4, 1)


class MaskedHeatmaps(Pretrainer):
    """For networks on heatmaps: the blobs of hidden joints (limbs) are wiped out, and the network
    says in which cell of its own last map they were (cross-entropy over the cells)."""

    def __init__(self, network: nn.Module, group: dict, channels: int):
        super().__init__(network, group, group["segment"])
        self.decoder = PlaceDecoder(network.num_features, channels)

    def forward(self, x: Tensor) -> list[dict[str, Tensor]]:
        frames = x.shape[2]
        coarse = F.adaptive_avg_pool3d(x.float(), (frames, 4, 4)).flatten(3).permute(0, 3, 2, 1)
        hidden = self.draw(in_segments(coarse, self.segment))  # (N, S, V)
        covered = hidden.repeat_interleave(self.segment, dim=1)[:, :frames].transpose(1, 2)
        features = self.network.forward_features(x * ~covered[..., None, None])
        logits = self.decoder(features).float()
        places, known = place_distribution(x, logits.shape[2:])
        # A step of the map counts where all of its frames were hidden.
        whole = F.adaptive_avg_pool1d(covered.float(), logits.shape[2]) > 1 - 1e-6
        entropy = -(places * logits.flatten(3).log_softmax(-1).view_as(places)).sum(dim=(3, 4))
        counted = known & whole
        return [{"loss": (entropy * counted).sum() / counted.sum().clamp(min=1)}]


class PretrainingObjective:
    """The loop's loss: the pretrainer has made it. There are no classes to judge."""

    judges = False

    def __init__(self, settings: dict, counts, device: torch.device):
        """As of `Objective`; nothing of it is needed."""

    def __call__(
        self, pretrainer: nn.Module, outputs: list[dict], labels, weights, share: float = 1.0
    ) -> Tensor:
        """The scalar loss."""
        return outputs[0]["loss"]


def make_pretrainer(
    network: nn.Module,
    settings: dict,
    *,
    dims: int,
    channels: int,
    layout: Layout,
    points: int = 0,
) -> MaskedTokens | MaskedJoints | MaskedHeatmaps | MaskedTubes:
    """The pretrainer of a network for `settings` (complete, with the group `pretrain`).

    dims: coordinates of a joint; channels: of the input; layout: of the joints; points: joints
    times persons beside pictures. Raises BadInput for a stream or a network that the method is not
    made for.
    """
    group, stream = settings["pretrain"], settings["stream"]
    if stream in SKELETON_STREAMS:
        parents = layout.parents if stream == JOINED else None
        if hasattr(network, "embed"):
            return MaskedTokens(network, group, dims, parents)
        return MaskedJoints(network, group, dims, settings["frames"], parents)
    if stream in HEATMAP_STREAMS and group["method"] == JOINTS:
        return MaskedHeatmaps(network, group, channels)
    if stream == "rgb" and group["method"] == TUBES:
        return _masked_tubes(network, settings, dims, points)
    raise BadInput(
        f"pretrain: method {group['method']} is not made for the stream {stream}; skeleton streams "
        f"take {MOTION} or {JOINTS}, heatmaps {JOINTS}, rgb {TUBES}"
    )


def _masked_tubes(network: nn.Module, settings: dict, dims: int, points: int) -> MaskedTubes:
    group = settings["pretrain"]
    if not group["pixel_weight"] + group["keypoint_weight"] > 0:
        raise BadInput(
            "pretrain: pixel_weight and keypoint_weight are both 0: nothing is left to learn; "
            "write one above 0"
        )
    if group["keypoint_weight"] and dims != 2:
        raise BadInput(
            "pretrain: keypoint_weight asks where joints are in the pictures, and these keypoints "
            "have three coordinates; import those in pixels beside them, or write "
            "keypoint_weight: 0"
        )
    if hasattr(network, "tubelet"):
        return MaskedTubelets(network, group, points)
    frames, size = settings["rgb_frames"], settings["rgb_size"]
    return MaskedPictures(network, group, frames=frames, size=size, points=points)


def unused_names(network: nn.Module) -> list[str]:
    """The parts of a network that pre-training does not use: its classifiers."""
    more = ["auxiliary_classifier"] if hasattr(network, "auxiliary_classifier") else []
    return [*classifier_names(network), *more]
