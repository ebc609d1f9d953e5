"""A place where the RGB and the pose branch of the two-branch network meet."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from microgesture.layers.conv3d_blocks import UpsampleConvNorm3d
from microgesture.layers.cross_modal_fusion import CrossModalFusion
from microgesture.provenance.errors import BadInput


class CrossModalExchange(nn.Module):
    """One exchange: lateral connections both ways (optional) and the fusion module (optional).

    forward(rgb (N, C_r, T1, H, W), pose (N, C_p, T2, H, W)) -> the same maps, with the lateral
    channels appended. RGB receives C_p channels, pose C_r / lateral_reduction.
    """

    def __init__(
        self,
        rgb_channels: int,
        pose_channels: int,
        speed_ratio: int,
        *,
        lateral: bool,
        lateral_kernel: int,
        lateral_reduction: int,
        fusion: Mapping | None,
    ):
        super().__init__()
        self.pose_to_rgb = self.rgb_to_pose = self.fusion = None
        self.extra_rgb_channels = self.extra_pose_channels = 0
        if lateral:
            self.extra_rgb_channels = pose_channels
            self.extra_pose_channels = max(1, rgb_channels // lateral_reduction)
            self.pose_to_rgb = nn.Conv3d(
                pose_channels,
                self.extra_rgb_channels,
                (lateral_kernel, 1, 1),
                stride=(speed_ratio, 1, 1),
                padding=((lateral_kernel - 1) // 2, 0, 0),
                bias=False,
            )
            self.rgb_to_pose = UpsampleConvNorm3d(
                rgb_channels, self.extra_pose_channels, speed_ratio, lateral_kernel
            )
        if fusion is not None:
            self.fusion = CrossModalFusion(rgb_channels, pose_channels, speed_ratio, **fusion)

    def forward(self, rgb: Tensor, pose: Tensor) -> tuple[Tensor, Tensor]:
        if self.pose_to_rgb is not None and rgb.shape[3:] != pose.shape[3:]:
            raise BadInput(
                f"the branches do not meet: the RGB map is {tuple(rgb.shape[3:])} pixels and the "
                f"pose map {tuple(pose.shape[3:])} where they exchange features. With the "
                "published strides the RGB side is 4 x the heatmap side: change the sizes, or "
                "stem_stride or stem_pool_stride of one branch"
            )
        new_rgb, new_pose = (rgb, pose) if self.fusion is None else self.fusion(rgb, pose)
        if self.pose_to_rgb is not None:
            new_rgb = torch.cat((new_rgb, self.pose_to_rgb(pose)), dim=1)
            new_pose = torch.cat((new_pose, self.rgb_to_pose(rgb)), dim=1)
        return new_rgb, new_pose
