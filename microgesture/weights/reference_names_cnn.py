"""Names of published CNN checkpoints -> the names of our recognisers.

The tensors have the same shapes on both sides, so a translation only renames. Sources: pyskl and
MMAction2 (PoseConv3D, RGBPoseConv3D, SlowOnly, TSM, Video Swin), the authors' TSM and Video Swin
repositories, and torchvision (ResNet for TSM, Swin3D, R(2+1)D).
"""

import re
from collections.abc import Mapping

from torch import Tensor

from microgesture.provenance.errors import BadInput

# (pattern, replacement), applied in this order to every name. "?:backbone" lets a checkpoint of
# the backbone alone through as well.
PATHWAY_NAMES = (
    (r"\.downsample\.", ".shortcut."),
    (r"\.bn\.", ".norm."),
    (r"^(?:backbone\.)?conv1\.", "backbone.stem."),
    (r"^(?:backbone\.)?layer(\d)\.", r"backbone.stage\1."),
    (r"^cls_head\.fc_cls\.", "classifier."),
)
RGBPOSE_NAMES = (
    (r"\.downsample\.", ".shortcut."),
    (r"\.bn\.", ".norm."),
    (r"^(?:backbone\.)?rgb_path\.layer2_lateral\.conv\.", "exchanges.0.pose_to_rgb."),
    (r"^(?:backbone\.)?rgb_path\.layer3_lateral\.conv\.", "exchanges.1.pose_to_rgb."),
    (r"^(?:backbone\.)?pose_path\.layer1_lateral\.", "exchanges.0.rgb_to_pose."),
    (r"^(?:backbone\.)?pose_path\.layer2_lateral\.", "exchanges.1.rgb_to_pose."),
    (r"^(?:backbone\.)?(rgb|pose)_path\.conv1\.", r"\1_backbone.stem."),
    (r"^(?:backbone\.)?(rgb|pose)_path\.layer(\d)\.", r"\1_backbone.stage\2."),
    (r"^cls_head\.fc_(rgb|pose)\.", r"\1_classifier."),
)
TSM_NAMES = (
    (r"^(?:backbone|base_model)\.", ""),
    (r"\.net\.", "."),  # the wrapper that shifts a block's first convolution
    (r"conv(\d)\.conv\.", r"conv\1."),
    (r"conv(\d)\.bn\.", r"bn\1."),
    (r"\.downsample\.conv\.", ".downsample.0."),
    (r"\.downsample\.bn\.", ".downsample.1."),
    (r"^(?:cls_head\.fc_cls|new_fc)\.", "fc."),
)
SWIN_NAMES = (
    (r"^backbone\.", ""),
    (r"^layers\.(\d)\.blocks\.", lambda found: f"features.{2 * int(found[1])}."),
    (r"^layers\.(\d)\.downsample\.", lambda found: f"features.{2 * int(found[1]) + 1}."),
    (r"\.mlp\.fc1\.", ".mlp.0."),
    (r"\.mlp\.fc2\.", ".mlp.3."),
    (r"^norm3\.", "norm."),
    (r"^(?:cls_head\.fc_cls|head)\.", "classifier."),
)
NAMES = {
    "poseconv3d": PATHWAY_NAMES,
    "resnet3d": PATHWAY_NAMES,
    "rgbpose_fusion": RGBPOSE_NAMES,
    "tsm": TSM_NAMES,
    "video_swin": SWIN_NAMES,
    "r2plus1d": (),
}

# Entries with no counterpart here. fc_both: a third classifier over both branches that some
# versions of RGBPoseConv3D carry. relative_position_index and attn_mask: constants.
DROPPED = re.compile(r"(cls_head\.fc_both\.|relative_position_index$|attn_mask$)")

# The layers that see the input, and the classifiers (see `importers.inflate`).
FIRST_LAYERS = {
    "poseconv3d": ("backbone.stem.conv.weight",),
    "resnet3d": ("backbone.stem.conv.weight",),
    "rgbpose_fusion": ("pose_backbone.stem.conv.weight", "rgb_backbone.stem.conv.weight"),
    "tsm": ("conv1.weight",),
    "video_swin": ("patch_embed.proj.weight",),
    "r2plus1d": ("stem.0.weight",),
}
HEADS = {
    "poseconv3d": ("classifier",),
    "resnet3d": ("classifier",),
    "rgbpose_fusion": ("rgb_classifier", "pose_classifier"),
    "tsm": ("fc",),
    "video_swin": ("classifier",),
    "r2plus1d": ("fc",),
}


def translate_names(model: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A published state dict with our names.

    model: one of NAMES. state: name -> tensor, already taken out of the checkpoint ("state_dict");
    the prefix "module." of multi-GPU training is removed. Names that no pattern knows stay as they
    are, so that loading can report them. Raises BadInput for an unknown model, and where two names
    become the same.
    """
    if model not in NAMES:
        raise BadInput(
            f"model: no checkpoint names are known for {model!r}; write one of {', '.join(NAMES)}"
        )
    translated: dict[str, Tensor] = {}
    for name, value in state.items():
        name = name.removeprefix("module.")
        if DROPPED.search(name):
            continue
        new = name
        for pattern, replacement in NAMES[model]:
            new = re.sub(pattern, replacement, new)
        if new in translated:
            raise BadInput(
                f"the checkpoint holds two tensors for {model}'s {new} (the second is {name}); it "
                f"is not a checkpoint of one {model} network"
            )
        translated[new] = value
    return translated
