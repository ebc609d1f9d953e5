"""Convolutions over time, shared by the skeleton networks.

Inputs and outputs are float (N, C, T, V); channels-last memory is fastest. A stride s shortens T
to ceil(T / s). Sources: Yan et al., AAAI 2018 (one kernel); Duan et al., "PYSKL", 2022, and
Chen et al., "Channel-wise Topology Refinement Graph Convolution", ICCV 2021 (several branches).
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

from microgesture.provenance.errors import BadInput

# kernel and dilation; "max" and its kernel; or a plain 1x1 convolution
BRANCHES = ((3, 1), (3, 2), (3, 3), (3, 4), ("max", 3), "1x1")


def time_convolution(
    in_channels: int, out_channels: int, kernel: int, stride: int = 1, dilation: int = 1
) -> nn.Conv2d:
    """A convolution over frames alone, padded so that stride 1 keeps T."""
    return nn.Conv2d(
        in_channels,
        out_channels,
        (kernel, 1),
        stride=(stride, 1),
        padding=(dilation * (kernel - 1) // 2, 0),
        dilation=(dilation, 1),
    )


class TemporalConvolution(nn.Module):
    """Convolution over time, batch normalisation, dropout."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int = 9,
        stride: int = 1,
        dropout: float = 0.0,
    ):
        super().__init__()
        self.conv = time_convolution(in_channels, out_channels, kernel, stride)
        self.norm = nn.BatchNorm2d(out_channels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.dropout(self.norm(self.conv(x)))


class TemporalBranches(nn.Module):
    """Parallel views of time, their channels side by side.

    branches: as BRANCHES; "1x1" may only stand last. widths: channels of each branch. All but the
    "1x1" branch begin with 1x1 convolution, batch normalisation and ReLU; these are one layer here
    (`expand`, `expand_norm`, the branches' channels in order), because many small convolutions
    cost more than one.
    """

    def __init__(
        self, in_channels: int, branches: Sequence, widths: Sequence[int], stride: int = 1
    ):
        super().__init__()
        self.branches = [
            branch if isinstance(branch, str) else tuple(branch) for branch in branches
        ]
        if "1x1" in self.branches[:-1] or min(widths) < 1:
            raise BadInput(
                f"temporal branches {list(branches)} with channels {list(widths)}: every branch "
                "needs a channel, and '1x1' may only stand last; take more base_channels, or "
                "fewer branches in another order"
            )
        self.stride = stride
        inner = [width for branch, width in zip(self.branches, widths) if branch != "1x1"]
        self.inner_widths = inner
        self.expand = nn.Conv2d(in_channels, sum(inner), 1)
        self.expand_norm = nn.BatchNorm2d(sum(inner))
        self.convs = nn.ModuleList(
            time_convolution(width, width, branch[0], stride, branch[1])
            for branch, width in zip(self.branches, inner)
            if branch[0] != "max"
        )
        if self.branches[-1] == "1x1":
            self.point = nn.Conv2d(in_channels, widths[-1], 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        expanded = F.relu(self.expand_norm(self.expand(x)), inplace=True)
        convs = iter(self.convs)
        outputs = []
        for branch, part in zip(self.branches, expanded.split(self.inner_widths, dim=1)):
            if branch[0] == "max":
                kernel = branch[1]
                part = F.max_pool2d(part, (kernel, 1), (self.stride, 1), (kernel // 2, 0))
            else:
                part = next(convs)(part)
            outputs.append(part)
        if self.branches[-1] == "1x1":
            # the stride by slicing: torch 2.13's CPU kernel for strided 1x1 convolutions of few
            # channels in channels-last memory writes out of bounds in backward
            outputs.append(self.point(x[:, :, :: self.stride]))
        return torch.cat(outputs, dim=1)


class MultiBranchTemporalConvolution(nn.Module):
    """Temporal branches, then batch norm, ReLU, 1x1 convolution, batch norm, dropout.

    The channels are shared evenly among the branches, the first takes what is left over.
    global_joints: if not None, the number V of joints: the mean over joints then goes through the
    branches as a joint of its own, and joint v adds coefficient[v] times its result (the dynamic
    joint-skeleton fusion of DG-STGCN, Duan et al. 2022). Coefficients start at zero.
    """

    def __init__(
        self,
        channels: int,
        stride: int = 1,
        dropout: float = 0.0,
        branches: Sequence = BRANCHES,
        global_joints: int | None = None,
    ):
        super().__init__()
        share = channels // len(branches)
        widths = [channels - share * (len(branches) - 1)] + [share] * (len(branches) - 1)
        self.branches = TemporalBranches(channels, branches, widths, stride)
        self.branch_norm = nn.BatchNorm2d(channels)
        self.mix = nn.Conv2d(channels, channels, 1)
        self.norm = nn.BatchNorm2d(channels)
        self.dropout = nn.Dropout(dropout)
        self.coefficient = None
        if global_joints is not None:
            self.coefficient = nn.Parameter(torch.zeros(global_joints))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.coefficient is None:
            y = self.branches(x)
        else:
            y = self.branches(torch.cat([x, x.mean(-1, keepdim=True)], dim=-1))
            y = y[..., :-1] + y[..., -1:] * self.coefficient
        y = F.relu(self.branch_norm(y), inplace=True)
        return self.dropout(self.norm(self.mix(y)))


class MultiScaleTemporalConvolution(nn.Module):
    """Temporal branches, then batch norm, ReLU, dropout: CTR-GCN's.

    dilations: one branch of kernel `kernel` each, beside a maximum over three frames and a 1x1
    convolution. The channels are shared evenly, the last branch takes what is left over.
    """

    def __init__(
        self,
        channels: int,
        stride: int = 1,
        dropout: float = 0.0,
        kernel: int = 5,
        dilations: Sequence[int] = (1, 2),
    ):
        super().__init__()
        branches = [(kernel, dilation) for dilation in dilations] + [("max", 3), "1x1"]
        share = channels // len(branches)
        widths = [share] * (len(branches) - 1) + [channels - share * (len(branches) - 1)]
        self.branches = TemporalBranches(channels, branches, widths, stride)
        self.norm = nn.BatchNorm2d(channels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.dropout(F.relu(self.norm(self.branches(x)), inplace=True))
