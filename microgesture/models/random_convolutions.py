"""Random convolutions over time and a linear classifier: a recogniser that learns in a minute.

After ROCKET (Dempster, Petitjean, Webb, "ROCKET: Exceptionally fast and accurate time series
classification using random convolutional kernels", 2020): thousands of random filters that are
never learned, of each the share of the time for which it answers above a threshold, and its
strongest answer. Ours: for skeletons (a filter mixes a few coordinates of a few joints, at rest or
in motion), the shares of both halves of a clip beside the share of all of it, filters of rank one,
thresholds drawn for normalised answers, and a classifier that learns from augmented clips like
every network here.

Where people are few it alone is about as good as a network that learns its filters
(datasets/msr_action3d.md).
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from microgesture.layers.skeleton_network import (
    SKELETON_STREAMS,
    SkeletonNetwork,
    require_layout,
)
from microgesture.pose.layouts import Layout
from microgesture.provenance.errors import BadInput

STREAMS = SKELETON_STREAMS
STATISTICS = 4  # numbers a filter gives
MOST_CHANNELS = 32  # that a filter mixes
LIMIT = 4.0  # standard deviations; one person's odd movement must not outweigh all others
ZERO_MEAN = 0.7  # share of the filters that do not see where a joint is, but how it moves


class RandomFilters(nn.Module):
    """(B, C, T) -> (B, STATISTICS * num_filters): what fixed random filters answer over time.

    A filter adds up some of the channels, each with a random weight, and convolves the sum with
    `kernel` random weights, `dilation` frames apart. Its answers are normalised over clips and
    frames; the four numbers are the share of frames above its threshold, in the whole clip, in the
    first and in the second half, and the largest answer. Nothing is learned but the normalisation's
    running statistics. Draws from torch's global generator, so a seeded run is repeatable.
    """

    def __init__(self, channels: int, num_filters: int, kernel: int, dilation: int):
        super().__init__()
        self.dilation = dilation
        self.register_buffer("mixture", random_mixtures(channels, num_filters))
        taps = torch.randn(num_filters, 1, kernel)
        centred = torch.rand(num_filters, 1, 1) < ZERO_MEAN
        taps = torch.where(centred, taps - taps.mean(2, keepdim=True), taps)
        self.register_buffer("taps", taps)
        self.register_buffer("threshold", torch.randn(num_filters, 1))
        self.norm = nn.BatchNorm1d(num_filters, affine=False)

    def forward(self, x: Tensor) -> Tensor:
        reach = self.dilation * (self.taps.shape[2] // 2)
        answers = F.conv1d(
            self.mixture @ x,
            self.taps,
            padding=reach,
            dilation=self.dilation,
            groups=len(self.taps),
        )
        answers = self.norm(answers) - self.threshold
        above = (answers > 0).to(answers.dtype)
        half = max(above.shape[2] // 2, 1)
        shares = [above.mean(2), above[:, :, :half].mean(2), above[:, :, -half:].mean(2)]
        return torch.cat([*shares, answers.amax(2)], dim=1)


def random_mixtures(channels: int, num_filters: int) -> Tensor:
    """float32 (num_filters, channels): normal weights of 1, 2, 4, ... or 32 channels, 0 elsewhere.

    Never more channels than there are. Draws from torch's global generator.
    """
    most = min(channels, MOST_CHANNELS)
    counts = 2 ** torch.randint(most.bit_length(), (num_filters, 1))
    ranks = torch.rand(num_filters, channels).argsort(dim=1).argsort(dim=1)
    return torch.randn(num_filters, channels) * (ranks < counts)


class RandomConvolutions(SkeletonNetwork):
    """Random filters over the coordinates of all joints and their motion, person by person.

    The motion of a coordinate is its change from frame to frame, 0 in the first. A missing joint
    is zero, as everywhere.
    """

    def __init__(self, filters: list[RandomFilters], *, channels: int, **options):
        super().__init__(filters, input_norm=None, **options)
        self.channel_norm = nn.BatchNorm1d(channels, affine=False)
        self.feature_norm = nn.BatchNorm1d(self.num_features, affine=False)
        nn.init.zeros_(self.classifier.weight)

    def repeated_blocks(self) -> list[nn.Module]:
        """None: nothing in front of the classifier keeps activations."""
        return []

    @torch.no_grad()
    def forward_features(self, x: Tensor) -> Tensor:
        """(N, C, T, V, M) -> feature map (N, M, num_features, 1, 1), one vector a person."""
        persons = x.shape[-1]
        x = self.normalise_input(x).permute(0, 1, 3, 2).flatten(1, 2)
        motion = F.pad(x.diff(dim=2), (1, 0))
        x = self.channel_norm(torch.cat([x, motion], dim=1))
        features = self._standardised(torch.cat([block(x) for block in self.blocks], dim=1))
        return features.clamp(-LIMIT, LIMIT).unflatten(0, (-1, persons))[..., None, None]

    def _standardised(self, features: Tensor) -> Tensor:
        """(B, F) over the batch; one person alone, as the last batch of an epoch may hold, by the
        running statistics."""
        norm = self.feature_norm
        if len(features) > 1:
            return norm(features)
        return F.batch_norm(features, norm.running_mean, norm.running_var, eps=norm.eps)


def build(
    num_classes: int,
    *,
    in_channels: int,
    layout: Layout | None = None,
    num_persons: int = 1,
    dropout: float = 0.0,
    num_filters: int = 2000,
    kernel: int = 9,
    dilations: Sequence[int] = (1, 2, 3, 5),
) -> RandomConvolutions:
    """A network for (N, in_channels, T, V, M); V comes from `layout`.

    dropout: before the classifier. num_filters: in all, shared by the dilations. kernel: frames of
    a filter, odd. dilations: frames from one weight of a filter to the next. Raises BadInput
    without a layout, for an even kernel, and for fewer filters than dilations.
    """
    layout = require_layout(layout, "random_convolutions")
    if kernel < 1 or kernel % 2 == 0:
        raise BadInput(f"kernel is {kernel}; write an odd number of frames, such as 9")
    if not dilations or min(dilations) < 1 or num_filters < len(dilations):
        raise BadInput(
            f"num_filters is {num_filters} and dilations {list(dilations)}; write dilations of 1 "
            "or more frames and at least one filter for each"
        )
    channels = 2 * in_channels * layout.num_joints
    each, left = divmod(num_filters, len(dilations))
    filters = [
        RandomFilters(channels, each + (number < left), kernel, dilation)
        for number, dilation in enumerate(dilations)
    ]
    return RandomConvolutions(
        filters,
        channels=channels,
        num_features=STATISTICS * num_filters,
        num_classes=num_classes,
        in_channels=in_channels,
        num_joints=layout.num_joints,
        num_persons=num_persons,
        dropout=dropout,
    )
