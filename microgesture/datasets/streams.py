"""What a network sees: streams made from an augmented batch on the training device."""

import torch
from torch import Tensor

from microgesture.heatmaps.gaussian import joint_heatmaps
from microgesture.heatmaps.limb import limb_heatmaps
from microgesture.heatmaps.limb_sets import limb_pairs
from microgesture.pose.layouts import Layout
from microgesture.provenance.errors import BadInput

PARTS = ("joint", "bone", "joint_motion", "bone_motion")  # of JOINED, one behind the other
JOINED = "joint_bone_motion"
SKELETON_STREAMS = (*PARTS, JOINED)
HEATMAP_STREAMS = ("joint_heatmap", "limb_heatmap")
RGB_MEAN = (0.485, 0.456, 0.406)  # of ImageNet, as torchvision's weights expect
RGB_STD = (0.229, 0.224, 0.225)


# What moves covers little of a picture: its deviation is about this share of a picture's.
STATIC_CONTRAST = 0.4


def in_channels(stream: str, layout: Layout, dims: int = 2, limbs: str = "bones") -> int:
    """Channels of a stream. Skeletons: 3 (x, y, score in 2D; x, y, z in 3D), joint_bone_motion 12.
    limbs: the lines of limb_heatmap, see `limb_pairs`."""
    if stream == JOINED:
        return 3 * len(PARTS)
    if stream in SKELETON_STREAMS:
        return 3
    if stream in HEATMAP_STREAMS:
        if dims != 2:
            raise BadInput(
                f"stream {stream}: heatmaps are drawn from 2D keypoints, these have {dims} "
                f"coordinates; import those in pixels beside them (--second, or --project), or "
                f"choose one of {', '.join(SKELETON_STREAMS)}"
            )
        return layout.num_joints if stream == "joint_heatmap" else len(limb_pairs(layout, limbs))
    if stream == "rgb":
        return 3
    known = ", ".join((*SKELETON_STREAMS, *HEATMAP_STREAMS, "rgb"))
    raise BadInput(f"stream {stream!r} is unknown; choose one of {known}")


def make_stream(
    name: str, batch: dict[str, Tensor], layout: Layout, settings: dict, **memory
) -> Tensor:
    """The input of a network from a batch that went through `augment`.

    Skeleton streams: float32 (N, 3, T, V, M), missing joints and bones all 0; joint_bone_motion:
    (N, 12, T, V, M), the other four, for one network that sees them together from its first layer
    (the early fusion of Song et al., EfficientGCN, TPAMI 2022, without branches). Heatmaps: float32
    (N, joints or limbs, T, size, size). rgb: float32 (N, 3, T, S, S), normalised by ImageNet's
    mean and deviation; with `remove_static` the clip's mean picture is subtracted instead, in the
    manner of RGB differences (Wang et al., Temporal Segment Networks, 2016), which takes out walls
    and clothes. settings: `size`, `sigma`, `remove_static`, and `limbs` where they are not the
    bones. memory: `channels_last` and `dtype` that heatmaps are drawn in.
    """
    if name == "rgb":
        rgb = batch["rgb"]
        mean = torch.tensor(RGB_MEAN, device=rgb.device).view(3, 1, 1, 1)
        std = torch.tensor(RGB_STD, device=rgb.device).view(3, 1, 1, 1)
        if settings["remove_static"]:
            return (rgb - rgb.mean(dim=2, keepdim=True)) / (STATIC_CONTRAST * std)
        return (rgb - mean) / std
    points = batch["skeleton"]
    if name in HEATMAP_STREAMS:
        size, sigma = settings["size"], settings["sigma"]
        pixels = torch.cat([points[..., :2] * size, points[..., 2:]], dim=-1)
        if name == "joint_heatmap":
            return joint_heatmaps(pixels, (size, size), sigma, **memory)
        limbs = limb_pairs(layout, settings.get("limbs", "bones"))
        return limb_heatmaps(pixels, limbs, (size, size), sigma, **memory)
    if name == JOINED:
        return torch.cat([make_stream(part, batch, layout, settings) for part in PARTS], dim=1)
    values, seen = _joints(points)
    if name.startswith("bone"):
        values, seen = _bones(values, seen, layout)
    if name.endswith("motion"):
        values, seen = _motion(values, seen)
    if points.shape[-1] == 3:  # 2D: the score is a channel
        values = torch.cat([values, seen], dim=-1)
    return values.permute(0, 4, 2, 3, 1).contiguous()


def _joints(points: Tensor) -> tuple[Tensor, Tensor]:
    """Coordinates with the crop's middle at 0 and its sides at -1 and 1, and scores."""
    seen = points[..., -1:]
    values = points[..., :-1]
    if values.shape[-1] == 2:
        values = (2 * values - 1) * (seen > 0)
    return values, seen


def _bones(values: Tensor, seen: Tensor, layout: Layout) -> tuple[Tensor, Tensor]:
    """Joint minus parent; 0 at the root and where either end is missing."""
    parents = list(layout.parents)
    seen = torch.minimum(seen, seen[:, :, :, parents])
    return (values - values[:, :, :, parents]) * (seen > 0), seen


def _motion(values: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
    """Next sampled frame minus this one; 0 in the last frame and where either is missing."""
    following = torch.minimum(seen[:, :, 1:], seen[:, :, :-1])
    change = (values[:, :, 1:] - values[:, :, :-1]) * (following > 0)
    last = values.new_zeros(values[:, :, :1].shape)
    return torch.cat([change, last], dim=2), torch.cat([following, seen[:, :, -1:] * 0], dim=2)
