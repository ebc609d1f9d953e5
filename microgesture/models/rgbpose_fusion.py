"""The two-branch network: RGBPoseConv3D with cross-modal fusion modules.

Prototype Learning for Micro-gesture Classification (arXiv 2408.03097) on RGBPoseConv3D (Duan et
al., Revisiting Skeleton-based Action Recognition, CVPR 2022, and its public configuration). A slow
RGB branch (`resnet3d`) and a fast pose branch (`poseconv3d`) exchange features twice:

    A: behind RGB stage 2 and pose stage 1          B: behind RGB stage 3 and pose stage 2

At an exchange each branch gets a lateral connection from the other's map (as it was before the
fusion module), joined to its own map's channels, and the fusion module gates both maps.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from microgesture.layers.conv3d_blocks import bottlenecks, initialise_convolutions
from microgesture.layers.cross_modal_exchange import CrossModalExchange
from microgesture.layers.pooling import global_average_pool, prototype_pool
from microgesture.models.poseconv3d import pathway as pose_pathway
from microgesture.models.resnet3d import pathway as rgb_pathway
from microgesture.provenance.errors import BadInput

# It takes a pair of streams, so it is no model for a single modality.
STREAMS: tuple[str, ...] = ()
RGB_STREAMS = ("rgb",)
POSE_STREAMS = ("joint_heatmap", "limb_heatmap")

# (RGB stage, pose stage) whose outputs meet at exchange A and exchange B.
EXCHANGES = ((2, 1), (3, 2))

# The published pose branch keeps all 32 frames; PoseConv3D alone halves them in its last stage.
PAPER_POSE_OPTIONS = {"temporal_strides": (1, 1, 1)}

BRANCHES = ("rgb", "pose")


class RGBPoseFusion(nn.Module):
    """forward(rgb, heatmap) -> (RGB logits (N, K), pose logits (N, K)). See `build`."""

    def __init__(
        self,
        num_classes: int,
        in_channels: int,
        rgb_in_channels: int,
        rgb_options: Mapping,
        pose_options: Mapping,
        exchange_options: Mapping,
        speed_ratio: int,
        dropout: float,
    ):
        super().__init__()
        self.speed_ratio = speed_ratio
        # A branch's width decides the lateral channels, and those the stages' input widths: so
        # the exchanges are made first, from the widths that the branches would have alone.
        with torch.device("meta"):
            rgb_alone = rgb_pathway(rgb_in_channels, **rgb_options)
            pose_alone = pose_pathway(in_channels, **pose_options)
        rgb_channels, pose_channels = rgb_alone.stage_channels, pose_alone.stage_channels
        check_branches(rgb_channels, pose_channels)
        self.exchanges = nn.ModuleList(
            CrossModalExchange(
                rgb_channels[r - 1], pose_channels[p - 1], speed_ratio, **exchange_options
            )
            for r, p in EXCHANGES
        )
        rgb_extra, pose_extra = [0] * len(rgb_channels), [0] * len(pose_channels)
        for (rgb_stage, pose_stage), exchange in zip(EXCHANGES, self.exchanges):
            rgb_extra[rgb_stage] = exchange.extra_rgb_channels
            pose_extra[pose_stage] = exchange.extra_pose_channels
        self.rgb_backbone = rgb_pathway(
            rgb_in_channels, **{**rgb_options, "extra_channels": rgb_extra}
        )
        self.pose_backbone = pose_pathway(
            in_channels, **{**pose_options, "extra_channels": pose_extra}
        )
        self.num_features = (self.rgb_backbone.num_features, self.pose_backbone.num_features)
        self.dropout = nn.Dropout(dropout)
        self.rgb_classifier = nn.Linear(self.num_features[0], num_classes)
        self.pose_classifier = nn.Linear(self.num_features[1], num_classes)
        for part in (self.rgb_backbone, self.pose_backbone):
            initialise_convolutions(part)
        for classifier in (self.rgb_classifier, self.pose_classifier):
            initialise_convolutions(classifier)
        for exchange in self.exchanges:
            for lateral in (exchange.pose_to_rgb, exchange.rgb_to_pose):
                if lateral is not None:
                    initialise_convolutions(lateral)

    def repeated_blocks(self) -> list[nn.Module]:
        """What `recompute_activations` computes twice."""
        return bottlenecks(self)

    def forward_features(self, rgb: Tensor, heatmap: Tensor) -> tuple[Tensor, Tensor]:
        """Both branches' last maps, (N, C_r, T1, h, w) and (N, C_p, T2, h', w')."""
        if heatmap.shape[2] != rgb.shape[2] * self.speed_ratio:
            raise BadInput(
                f"the clip has {rgb.shape[2]} RGB frames and {heatmap.shape[2]} heatmap frames, "
                f"but speed_ratio is {self.speed_ratio}: write frames so that heatmap frames = "
                "RGB frames x speed_ratio"
            )
        rgb = self.rgb_backbone.forward_stem(rgb)
        pose = self.pose_backbone.forward_stem(heatmap)
        done_rgb = done_pose = 0
        for (rgb_stage, pose_stage), exchange in zip(EXCHANGES, self.exchanges):
            rgb = self.rgb_backbone.forward_stages(rgb, done_rgb + 1, rgb_stage)
            pose = self.pose_backbone.forward_stages(pose, done_pose + 1, pose_stage)
            rgb, pose = exchange(rgb, pose)
            done_rgb, done_pose = rgb_stage, pose_stage
        rgb = self.rgb_backbone.forward_stages(
            rgb, done_rgb + 1, len(self.rgb_backbone.stage_names)
        )
        pose = self.pose_backbone.forward_stages(
            pose, done_pose + 1, len(self.pose_backbone.stage_names)
        )
        return rgb, pose

    def pool(self, rgb_map: Tensor, pose_map: Tensor) -> tuple[Tensor, Tensor]:
        """Global averages, (N, C_r) and (N, C_p)."""
        return global_average_pool(rgb_map), global_average_pool(pose_map)

    def pool_for_prototypes(self, rgb_map: Tensor, pose_map: Tensor) -> tuple[Tensor, Tensor]:
        """The prototype heads' inputs, (N, C_r) and (N, C_p): mean over time, spatial maximum."""
        return prototype_pool(rgb_map), prototype_pool(pose_map)

    def head(self, rgb_map: Tensor, pose_map: Tensor) -> tuple[Tensor, Tensor]:
        """Both branches' maps -> RGB logits and pose logits, (N, K) each."""
        rgb, pose = self.pool(rgb_map, pose_map)
        return self.rgb_classifier(self.dropout(rgb)), self.pose_classifier(self.dropout(pose))

    def forward(self, rgb: Tensor, heatmap: Tensor) -> tuple[Tensor, Tensor]:
        return self.head(*self.forward_features(rgb, heatmap))


def check_branches(rgb_channels: tuple[int, ...], pose_channels: tuple[int, ...]) -> None:
    """BadInput unless both branches reach past the last exchange."""
    rgb_needed, pose_needed = EXCHANGES[-1][0] + 1, EXCHANGES[-1][1] + 1
    for name, channels, needed in (
        ("rgb", rgb_channels, rgb_needed),
        ("pose", pose_channels, pose_needed),
    ):
        if len(channels) < needed:
            raise BadInput(
                f"the {name} branch of rgbpose_fusion has {len(channels)} stages; its stage_blocks "
                f"needs at least {needed} numbers, because the branches meet before the last stage"
            )


def build(
    num_classes: int,
    *,
    in_channels: int = 17,
    layout=None,
    num_persons: int = 1,
    dropout: float = 0.5,
    rgb_in_channels: int = 3,
    rgb_options: Mapping | None = None,
    pose_options: Mapping | None = None,
    speed_ratio: int = 4,
    lateral: bool = True,
    lateral_kernel: int = 7,
    lateral_reduction: int = 16,
    fusion: bool = True,
    attention_axis: str = "time",
    attention_heads: int = 8,
    attention_dropout: float = 0.1,
    gates: str = "zero",
) -> RGBPoseFusion:
    """The two-branch network; the defaults are the paper's sizes.

    rgb (N, 3, T, H, W) normalised floats (8 x 224 x 224 in the paper) and heatmap
    (N, in_channels, speed_ratio * T, h, w) in [0, 1] (32 x 56 x 56) -> two logits (N, K). The RGB
    map must be as large as the pose map at both exchanges (RGB side = 4 x heatmap side with the
    published strides).

    rgb_options, pose_options: the options that the parents `resnet3d` and `poseconv3d` are built
    with ({} for their defaults); None is the published two-branch network, whose pose branch has
    no temporal stride. lateral: lateral connections; fusion: fusion modules at both exchanges;
    with both off the branches are independent. lateral_reduction: RGB channels / lateral channels
    given to pose. gates: what the modules' gates start from, "zero" or "random"
    (CrossModalFusion). Averaging the two softmaxes 1:1 gives the prediction.
    """
    fusion_options = {
        "heads": attention_heads,
        "dropout": attention_dropout,
        "attention_axis": attention_axis,
        "gates": gates,
    }
    exchange_options = {
        "lateral": lateral,
        "lateral_kernel": lateral_kernel,
        "lateral_reduction": lateral_reduction,
        "fusion": fusion_options if fusion else None,
    }
    return RGBPoseFusion(
        num_classes,
        in_channels,
        rgb_in_channels,
        rgb_options or {},
        PAPER_POSE_OPTIONS if pose_options is None else pose_options,
        exchange_options,
        speed_ratio,
        dropout,
    )


def merge_parents(
    fusion: RGBPoseFusion, rgb_state: Mapping[str, Tensor], pose_state: Mapping[str, Tensor]
) -> None:
    """Start the two-branch network from networks trained alone: copy their weights, in place.

    Where a lateral connection adds input channels (the first convolution and the shortcut of a
    stage behind an exchange) the added part is zero, and the fusion modules' gates are zero: before
    the first step the merged network gives its parents' logits (not with `gates: random`).

    rgb_state, pose_state: `state_dict()` of a `resnet3d` and of a `poseconv3d` network, built with
    the options that `fusion` was given for its branches, and with the same classes. Raises
    BadInput, and changes nothing, where a name or shape does not fit.
    """
    own = fusion.state_dict()
    merged: dict[str, Tensor] = {}
    problems: list[str] = []
    for branch, state in zip(BRANCHES, (rgb_state, pose_state)):
        renamed = {f"{branch}_{name}": value for name, value in state.items()}
        expected = [
            name
            for name in own
            if name.startswith((f"{branch}_backbone.", f"{branch}_classifier."))
        ]
        problems += [
            f"{name}: missing in the {branch} parent" for name in expected if name not in renamed
        ]
        problems += [f"{name}: not in the fusion network" for name in renamed if name not in own]
        for name in expected:
            if name in renamed:
                padded = pad_input_channels(renamed[name], own[name].shape)
                if padded is None:
                    problems.append(
                        f"{name}: {tuple(renamed[name].shape)} in the {branch} parent, "
                        f"{tuple(own[name].shape)} in the fusion network"
                    )
                else:
                    merged[name] = padded
    if problems:
        raise BadInput(
            f"the parents do not fit the two-branch network ({len(problems)} layers differ): "
            + "; ".join(problems[:5])
            + ". Build it with the parents' own options and number of classes"
        )
    fusion.load_state_dict(merged, strict=False)
    for exchange in fusion.exchanges:
        if exchange.fusion is not None:
            exchange.fusion.reset_gates()


def pad_input_channels(weight: Tensor, shape: torch.Size) -> Tensor | None:
    """Append zero input channels to a weight (out, in, ...) so that it has `shape`.

    None where the shapes differ in anything else, or the weight is the wider one.
    """
    if weight.shape == shape:
        return weight
    same_rank = weight.dim() == len(shape) >= 2
    if not same_rank or weight.shape[:1] + weight.shape[2:] != shape[:1] + shape[2:]:
        return None
    missing = shape[1] - weight.shape[1]
    if missing < 0:
        return None
    return torch.cat((weight, weight.new_zeros(shape[0], missing, *shape[2:])), dim=1)
