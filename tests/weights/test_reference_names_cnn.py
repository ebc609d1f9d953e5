"""Published names -> ours: the loaded network equals a second, independent implementation."""

import pytest
import torch

from microgesture.models import poseconv3d, resnet3d, rgbpose_fusion, tsm, video_swin
from microgesture.provenance.errors import BadInput
from microgesture.weights.inflate import load_weights
from microgesture.weights.reference_names_cnn import translate_names
from tests.models.references import slowonly_reference as reference
from tests.models.references.tsm_reference import tsm_logits, tsm_state

SMALL_POSE = {**reference.POSE, "blocks": (2, 2, 1), "base": 4}
SMALL_RGB = {**reference.RGB, "blocks": (2, 1, 2, 1), "base": 8}


def options(net):
    return {"stage_blocks": net["blocks"], "base_channels": net["base"]}


def slowonly_state(channels, net, classes=7):
    shapes = reference.pathway_shapes("backbone", channels, net)
    shapes |= reference.linear_shapes(
        "cls_head.fc_cls", classes, net["base"] * 4 * 2 ** (len(net["blocks"]) - 1)
    )
    return reference.random_state(shapes)


@pytest.mark.parametrize(
    ("module", "name", "net", "channels", "size"),
    [
        (poseconv3d, "poseconv3d", SMALL_POSE, 17, (2, 17, 6, 14, 14)),
        (resnet3d, "resnet3d", SMALL_RGB, 3, (2, 3, 4, 40, 48)),
    ],
)
def test_slowonly_networks_equal_the_reference(module, name, net, channels, size):
    state = slowonly_state(channels, net)
    network = module.build(7, in_channels=channels, **options(net)).eval()
    load_weights(network, translate_names(name, state), "reference")
    x = torch.rand(size)
    with torch.no_grad():
        expected = reference.slowonly_logits(x, state, net)
        assert expected.std() > 0.05  # the signal is alive, so equality means something
        torch.testing.assert_close(network(x), expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("prefix", ["", "module."])
def test_rgbposeconv3d_equals_the_reference(prefix):
    pose_net = {**SMALL_POSE, "temporal": (1, 1, 1)}
    state = reference.random_state(reference.rgbpose_shapes(11, 5, SMALL_RGB, pose_net))
    named = {prefix + name: value for name, value in state.items()}
    named[prefix + "cls_head.fc_both.weight"] = torch.zeros(5, 3)  # carried by some versions
    network = rgbpose_fusion.build(
        5,
        in_channels=11,
        rgb_options=options(SMALL_RGB),
        pose_options={**options(pose_net), "temporal_strides": (1, 1, 1)},
        fusion=False,
    ).eval()
    load_weights(network, translate_names("rgbpose_fusion", named), "reference")
    rgb, pose = torch.randn(2, 3, 2, 48, 48), torch.rand(2, 11, 8, 12, 12)
    with torch.no_grad():
        expected = reference.rgbpose_logits(rgb, pose, state, SMALL_RGB, pose_net)
        for ours, theirs in zip(network(rgb, pose), expected):
            assert theirs.std() > 0.05
            torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("depth", [18, 50])
def test_tsm_equals_the_reference(depth):
    state = tsm_state(16, depth)
    network = tsm.build(6, depth=depth, base_channels=16).eval()
    load_weights(network, translate_names("tsm", state), "reference")
    x = torch.randn(2, 3, 5, 40, 40)
    with torch.no_grad():
        expected = tsm_logits(x, state, depth)
        assert expected.std() > 0.05
        torch.testing.assert_close(network(x), expected, atol=1e-4, rtol=1e-4)


def test_tsm_names_of_the_authors_repository():
    names = [
        "module.base_model.conv1.weight",
        "module.base_model.bn1.weight",
        "module.base_model.layer1.0.conv1.net.weight",
        "module.base_model.layer2.0.downsample.0.weight",
        "module.new_fc.weight",
    ]
    state = dict.fromkeys(names, torch.zeros(1))
    assert list(translate_names("tsm", state)) == [
        "conv1.weight",
        "bn1.weight",
        "layer1.0.conv1.weight",
        "layer2.0.downsample.0.weight",
        "fc.weight",
    ]


def test_video_swin_names_of_mmaction2():
    block = "backbone.layers.1.blocks.0"
    pairs = {
        "backbone.patch_embed.proj.weight": "patch_embed.proj.weight",
        "backbone.layers.0.downsample.reduction.weight": "features.1.reduction.weight",
        f"{block}.attn.relative_position_bias_table": (
            "features.2.0.attn.relative_position_bias_table"
        ),
        f"{block}.attn.qkv.weight": "features.2.0.attn.qkv.weight",
        f"{block}.mlp.fc1.weight": "features.2.0.mlp.0.weight",
        f"{block}.mlp.fc2.bias": "features.2.0.mlp.3.bias",
        "backbone.norm3.weight": "norm.weight",
        "cls_head.fc_cls.weight": "classifier.weight",
    }
    state = dict.fromkeys(pairs, torch.zeros(1))
    state[f"{block}.attn.relative_position_index"] = torch.zeros(2, 2)
    translated = translate_names("video_swin", state)
    assert list(translated) == list(pairs.values())
    small = {"embed_channels": 8, "stage_blocks": (1, 1), "stage_heads": (1, 2)}
    assert set(translated) <= set(video_swin.build(3, **small).state_dict())


def test_messages():
    with pytest.raises(BadInput, match=r"resnet4d.*write one of poseconv3d"):
        translate_names("resnet4d", {})
    twice = {"backbone.conv1.bn.bias": torch.zeros(1), "conv1.bn.bias": torch.zeros(1)}
    with pytest.raises(BadInput, match=r"two tensors for poseconv3d's backbone\.stem\.norm\.bias"):
        translate_names("poseconv3d", twice)
