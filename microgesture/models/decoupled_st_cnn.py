"""Decoupled spatial-temporal CNN: convolutions over joints, then convolutions over frames.

The coordinate branch of the semi-supervised multi-modal system for micro-gestures is only
described in words: space and time are convolved one after the other, kept apart. The definition
below is ours. Joints are put in the order of a walk through the skeleton, so that neighbours in the
row lie close together on the body, and the first half of the blocks convolves along that row in
each frame alone; the second half convolves along time for each place of the row alone. In each half
the channels double once and the axis is halved once.
"""

import torch
import torch.nn.functional as F
from torch import nn

from microgesture.layers.skeleton_network import (
    SKELETON_STREAMS,
    SkeletonNetwork,
    require_layout,
)
from microgesture.pose.layouts import Layout
from microgesture.provenance.errors import BadInput

STREAMS = SKELETON_STREAMS


def walk_order(layout: Layout) -> list[int]:
    """All joints in the order of a depth-first walk from the root along the bones."""
    children: dict[int, list[int]] = {joint: [] for joint in range(layout.num_joints)}
    roots = []
    for joint, parent in enumerate(layout.parents):
        (roots if joint == parent else children[parent]).append(joint)
    order, waiting = [], roots[::-1]
    while waiting:
        joint = waiting.pop()
        order.append(joint)
        waiting.extend(reversed(children[joint]))
    return order


class JointOrder(nn.Module):
    """Put joints in another order: (N, C, T, V) -> (N, C, T, V)."""

    def __init__(self, order: list[int]):
        super().__init__()
        self.register_buffer("order", torch.tensor(order), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x[..., self.order]


class AxisBlock(nn.Module):
    """y = ReLU(BN(conv along one axis of x) + residual(x)); (N, C, T, V) in and out.

    axis: "joints" or "frames". stride: along the same axis.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel: int, stride: int, axis: str):
        super().__init__()

        def along(number: int, otherwise: int) -> tuple[int, int]:
            return (number, otherwise) if axis == "frames" else (otherwise, number)

        self.conv = nn.Conv2d(
            in_channels,
            out_channels,
            along(kernel, 1),
            stride=along(stride, 1),
            padding=along(kernel // 2, 0),
            bias=False,
        )
        self.norm = nn.BatchNorm2d(out_channels)
        self.residual = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.residual = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride=along(stride, 1), bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.norm(self.conv(x)) + self.residual(x), inplace=True)


def build(
    num_classes: int,
    *,
    in_channels: int,
    layout: Layout | None = None,
    num_persons: int = 1,
    dropout: float = 0.5,
    base_channels: int = 64,
    num_stages: int = 10,
    joint_kernel: int = 5,
    frame_kernel: int = 9,
    input_norm: str | None = "joint",
) -> SkeletonNetwork:
    """A network for (N, in_channels, T, V, M); V and the order of joints come from `layout`.

    The feature map is (N, M, 4 * base_channels, T / 2, V / 2), rounded up. dropout: before the
    classifier. num_stages: blocks, half of them over joints, the rest over frames. Kernels must be
    odd. input_norm: "joint", "person_joint" (then M is fixed to `num_persons`) or None. Raises
    BadInput without a layout, with fewer than two blocks or with even kernels.
    """
    layout = require_layout(layout, "decoupled_st_cnn")
    if num_stages < 2 or joint_kernel % 2 == 0 or frame_kernel % 2 == 0:
        raise BadInput(
            f"decoupled_st_cnn: num_stages {num_stages}, joint_kernel {joint_kernel}, frame_kernel "
            f"{frame_kernel}; write at least 2 stages and odd kernels"
        )
    halves = (
        ("joints", joint_kernel, num_stages // 2),
        ("frames", frame_kernel, num_stages - num_stages // 2),
    )
    blocks: list[nn.Module] = [JointOrder(walk_order(layout))]
    before, width = in_channels, base_channels
    for axis, kernel, count in halves:
        for number in range(count):
            turn = number == count // 2
            width *= 2 if turn else 1
            blocks.append(AxisBlock(before, width, kernel, 2 if turn else 1, axis))
            before = width
    return SkeletonNetwork(
        blocks,
        num_features=width,
        num_classes=num_classes,
        in_channels=in_channels,
        num_joints=layout.num_joints,
        num_persons=num_persons,
        input_norm=input_norm,
        dropout=dropout,
    )
