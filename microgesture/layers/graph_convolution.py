"""Graph convolution with one fixed or learned adjacency for all clips (ST-GCN and ST-GCN++).

Yan et al., "Spatial Temporal Graph Convolutional Networks", AAAI 2018, and Duan et al., "PYSKL",
2022, whose published weights fit (microgesture/weights/reference_names_gcn.py).
"""

import torch
import torch.nn.functional as F
from torch import nn

ADAPTIVE_MODES = (None, "init", "offset", "importance")


class GraphConvolution(nn.Module):
    """y = ReLU(BN(sum over subsets k of conv_k(x) A_k) [+ residual]).

    adjacency: (K, V, V). adaptive: what is learned about it. None: nothing; "init": the matrix
    itself, starting from `adjacency`; "offset": a matrix that is added; "importance": a matrix that
    is multiplied entry by entry, starting from ones. residual: add the input, through a 1x1
    convolution where the number of channels changes.

    Input float (N, C, T, V), output (N, out_channels, T, V), both in channels-last memory.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        adjacency: torch.Tensor,
        adaptive: str | None = "importance",
        residual: bool = False,
    ):
        super().__init__()
        if adaptive not in ADAPTIVE_MODES:
            raise ValueError(f"adaptive is {adaptive!r}; it must be one of {ADAPTIVE_MODES}")
        self.adaptive = adaptive
        self.with_residual = residual
        if adaptive == "init":
            self.adjacency = nn.Parameter(adjacency.clone())
        else:
            self.register_buffer("adjacency", adjacency.clone())
        if adaptive == "offset":
            self.adaptation = nn.Parameter(torch.empty_like(adjacency).uniform_(-1e-6, 1e-6))
        elif adaptive == "importance":
            self.adaptation = nn.Parameter(torch.ones_like(adjacency))
        self.conv = nn.Conv2d(in_channels, out_channels * len(adjacency), 1)
        self.norm = nn.BatchNorm2d(out_channels)
        if residual and in_channels != out_channels:
            self.residual = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1), nn.BatchNorm2d(out_channels)
            )
        else:
            self.residual = nn.Identity()

    def current_adjacency(self) -> torch.Tensor:
        """(K, V, V): the matrix as the layer uses it now."""
        if self.adaptive == "offset":
            return self.adjacency + self.adaptation
        if self.adaptive == "importance":
            return self.adjacency * self.adaptation
        return self.adjacency

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.norm(mix_joints(x, self.current_adjacency(), self.conv.weight, self.conv.bias))
        if self.with_residual:
            y = y + self.residual(x)
        return F.relu(y, inplace=True)


def mix_joints(
    x: torch.Tensor,
    adjacency: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
) -> torch.Tensor:
    """1x1 convolution to K groups of channels, then group k through adjacency[k], summed over k.

    x (N, C, T, V); adjacency (K, V, V), or (N, K, V, V) for one graph per clip; weight
    (K * O, C, 1, 1); bias (K * O,), part of the convolution, so that joints mix it too. Returns
    (N, O, T, V) in channels-last memory.

    Joints come first in memory while joints are mixed, so that all subsets and frames (and clips,
    where they share a graph) are one large matrix product. Where the channels grow, joints are
    mixed before the convolution: both orders give the same sum, this one mixes fewer channels.
    """
    clips, channels, frames, joints = x.shape
    if adjacency.ndim == 3:
        # clips that share a graph are so many more frames of one clip
        rows = x.permute(3, 0, 2, 1).contiguous().view(1, joints, clips * frames, channels)
        y = _mix_rows(rows, adjacency[None], weight, bias)
        y = y.view(joints, clips, frames, -1).permute(1, 3, 2, 0)
    else:
        rows = x.permute(0, 3, 2, 1).contiguous()
        y = _mix_rows(rows, adjacency, weight, bias).permute(0, 3, 2, 1)
    return y.contiguous(memory_format=torch.channels_last)


def _mix_rows(
    rows: torch.Tensor,
    adjacency: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
) -> torch.Tensor:
    """rows (G, V, R, C), adjacency (G, K, V, V) -> (G, V, R, O); see mix_joints."""
    graphs, joints, count, channels = rows.shape
    subsets = adjacency.shape[1]
    weights = weight.reshape(subsets, -1, channels)
    biases = [None] * subsets if bias is None else bias.reshape(subsets, -1)
    if channels < weights.shape[1]:
        senders = adjacency.transpose(2, 3).reshape(graphs, subsets * joints, joints)
        mixed = _product(senders, rows.view(graphs, joints, -1))
        mixed = mixed.view(graphs, subsets, joints, count, channels)
        y = sum(F.linear(mixed[:, k], weights[k]) for k in range(subsets))
        if bias is not None:
            # every joint receives each subset's bias as often as the subset's weights reach it
            y = y + (adjacency.sum(2).transpose(1, 2) @ biases)[:, :, None]
        return y
    groups = torch.cat([F.linear(rows, weights[k], biases[k]) for k in range(subsets)], dim=1)
    receivers = adjacency.permute(0, 3, 1, 2).reshape(graphs, joints, subsets * joints)
    y = _product(receivers, groups.view(graphs, subsets * joints, -1))
    return y.view(graphs, joints, count, -1)


def _product(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Batched matrix product; a batch of one as a plain product, which is faster on a CPU."""
    return torch.mm(left[0], right[0])[None] if len(left) == 1 else torch.bmm(left, right)
