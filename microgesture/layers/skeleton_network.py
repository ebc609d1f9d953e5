"""The frame of every skeleton recogniser: input normalisation, blocks, pooling, classifier."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from microgesture.layers.temporal import TemporalConvolution
from microgesture.pose.layouts import Layout
from microgesture.provenance.errors import BadInput

SKELETON_STREAMS = ("joint", "bone", "joint_motion", "bone_motion", "joint_bone_motion")


@dataclass(frozen=True)
class Stage:
    """One block's size: channels in and out, stride over time, and whether it is the first."""

    in_channels: int
    out_channels: int
    stride: int
    first: bool


def plan_stages(
    in_channels: int,
    base_channels: int = 64,
    num_stages: int = 10,
    inflate_stages: Sequence[int] = (5, 8),
    down_stages: Sequence[int] = (5, 8),
) -> list[Stage]:
    """Sizes of all blocks: stages count from 1, channels double at `inflate_stages`, time is halved
    at `down_stages`; numbers beyond `num_stages` do nothing."""
    stages = [Stage(in_channels, base_channels, 1, True)]
    for number in range(2, num_stages + 1):
        before = stages[-1].out_channels
        after = before * (2 if number in inflate_stages else 1)
        stages.append(Stage(before, after, 2 if number in down_stages else 1, False))
    return stages


class SpatialTemporalBlock(nn.Module):
    """y = ReLU(temporal(spatial(x)) + residual(x)), (N, C, T, V) -> (N, C', T', V).

    The first block has no residual; where the size changes it is a 1x1 convolution with batch norm.
    """

    def __init__(self, stage: Stage, spatial: nn.Module, temporal: nn.Module):
        super().__init__()
        self.spatial = spatial
        self.temporal = temporal
        self.first = stage.first
        if stage.first or (stage.in_channels == stage.out_channels and stage.stride == 1):
            self.residual = nn.Identity()
        else:
            self.residual = TemporalConvolution(
                stage.in_channels, stage.out_channels, kernel=1, stride=stage.stride
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.temporal(self.spatial(x))
        return F.relu(y) if self.first else F.relu(y + self.residual(x), inplace=True)


class SkeletonNetwork(nn.Module):
    """Blocks over (N, C, T, V), applied to each person alone.

    Input float (N, C, T, V, M): N clips, C coordinates (and score), T frames, V joints, M persons;
    a missing joint or person is zero. input_norm: batch normalisation of the input per "joint" (and
    coordinate), or per "person_joint", or None. `forward` gives logits (N, num_classes).
    """

    def __init__(
        self,
        blocks: Sequence[nn.Module],
        *,
        num_features: int,
        num_classes: int,
        in_channels: int,
        num_joints: int,
        num_persons: int,
        input_norm: str | None,
        dropout: float,
    ):
        super().__init__()
        norms: dict[str | None, Callable[[], nn.Module]] = {
            None: nn.Identity,
            "joint": lambda: nn.BatchNorm1d(in_channels * num_joints),
            "person_joint": lambda: nn.BatchNorm1d(num_persons * in_channels * num_joints),
        }
        if input_norm not in norms:
            raise BadInput(f"input_norm is {input_norm!r}; write one of {list(norms)}")
        self.in_channels = in_channels
        self.num_joints = num_joints
        self.num_persons = num_persons
        self.num_features = num_features
        self.norm_persons = input_norm == "person_joint"
        self.input_norm = norms[input_norm]()
        self.blocks = nn.ModuleList(blocks)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(num_features, num_classes)
        nn.init.normal_(self.classifier.weight, std=0.01)
        nn.init.zeros_(self.classifier.bias)

    def normalise_input(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, T, V, M) -> (N * M, C, T, V) in channels-last memory. ValueError: wrong shape."""
        if x.ndim != 5 or (x.shape[1], x.shape[3]) != (self.in_channels, self.num_joints):
            raise ValueError(
                f"input of shape {tuple(x.shape)}; this network takes (N, C={self.in_channels}, T, "
                f"V={self.num_joints}, M)"
            )
        clips, channels, frames, joints, persons = x.shape
        if self.norm_persons and persons != self.num_persons:
            raise ValueError(
                f"input of {persons} persons; this network was built for {self.num_persons}"
            )
        x = x.permute(0, 4, 3, 1, 2)
        rows = clips if self.norm_persons else clips * persons
        x = self.input_norm(x.reshape(rows, -1, frames))
        x = x.view(clips * persons, joints, channels, frames).permute(0, 2, 3, 1)
        return x.contiguous(memory_format=torch.channels_last)

    def repeated_blocks(self) -> list[nn.Module]:
        """What `recompute_activations` computes twice."""
        return list(self.blocks)

    def forward_features(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, T, V, M) -> feature map (N, M, num_features, T', V)."""
        persons = x.shape[-1]
        x = self.normalise_input(x)
        for block in self.blocks:
            x = block(x)
        return x.unflatten(0, (-1, persons))

    def pool(self, features: torch.Tensor) -> torch.Tensor:
        """(N, M, C', T', V) -> (N, C'): the mean over frames and joints, then over persons."""
        return features.mean(dim=(3, 4)).mean(dim=1)

    def head(self, pooled: torch.Tensor) -> torch.Tensor:
        """(N, C') -> logits (N, num_classes)."""
        return self.classifier(self.dropout(pooled))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.pool(self.forward_features(x)))


def require_layout(layout: Layout | None, model: str) -> Layout:
    """The layout itself; BadInput if there is none."""
    if layout is None:
        raise BadInput(f"{model} works on skeletons: give it a keypoint layout")
    return layout
