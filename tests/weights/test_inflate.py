"""Inflation, other inputs, other heads, and the message where a file does not fit."""

import pytest
import torch

from microgesture.models import poseconv3d, resnet3d, tsm
from microgesture.provenance.errors import BadInput
from microgesture.weights.inflate import (
    adapt_input_channels,
    adapt_weights,
    differing_layers,
    inflate_kernel,
    inflate_resnet,
    load_weights,
)

SMALL = {"stage_blocks": (1, 1, 1), "base_channels": 2}


def test_an_inflated_kernel_sums_to_the_2d_one():
    flat = torch.arange(8.0).view(2, 1, 2, 2)
    deep = inflate_kernel(flat, 4)
    assert deep.shape == (2, 1, 4, 2, 2)
    assert torch.equal(deep[:, :, 0], flat / 4)
    assert torch.equal(deep.sum(2), flat)


def test_an_inflated_network_answers_like_the_2d_one_on_a_still_clip():
    """TSM without shift is a 2D ResNet; frames in the middle see no zero padding in time."""
    flat = tsm.build(3, depth=50, base_channels=8, shift_divisor=10**6).eval()
    deep = resnet3d.build(3, base_channels=8).eval()
    with torch.no_grad():
        for module in flat.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.1)
        load_weights(deep, inflate_resnet(flat.state_dict(), deep.state_dict()), "resnet")
        still = torch.randn(1, 3, 1, 32, 32).expand(-1, -1, 21, -1, -1)
        ours = deep.forward_features(still)[:, :, 10]  # 9 layers of kernel 3 reach 9 frames far
        theirs = flat.forward_features(still[:, :, :1])[:, :, 0]
    assert theirs.abs().max() > 1e-3
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-3)


def test_input_channels_are_copied_or_averaged_and_rescaled():
    weight = torch.tensor([[[1.0]], [[5.0]]]).view(1, 2, 1)  # one output, channels 1 and 5
    adapted = adapt_input_channels(weight, 4, [1, 0, -1, 1])
    # old values 5, 1, mean 3, 5, each times 2 / 4
    assert adapted.flatten().tolist() == [2.5, 0.5, 1.5, 2.5]
    mean = adapt_input_channels(weight, 3)
    assert mean.flatten().tolist() == pytest.approx([2.0, 2.0, 2.0])
    assert mean.sum() == pytest.approx(weight.sum())
    for sources in ([0, 1], [0, 1, 2], [0, 0, -2]):
        with pytest.raises(BadInput, match="3 new channels"):
            adapt_input_channels(weight, 3, sources)


def test_a_published_network_is_adapted_to_other_joints_and_classes():
    old = poseconv3d.build(60, in_channels=17, **SMALL)
    new = poseconv3d.build(8, in_channels=68, **SMALL)
    head = new.classifier.weight.clone()
    with pytest.raises(BadInput):
        load_weights(new, old.state_dict(), "old.pth")
    stem = "backbone.stem.conv.weight"
    sources = [j % 17 for j in range(68)]
    state, changes = adapt_weights(
        old.state_dict(),
        new.state_dict(),
        first_layers=(stem,),
        heads=("classifier",),
        sources={stem: sources},
    )
    load_weights(new, state, "old.pth")
    assert changes == [f"{stem}: 17 -> 68 input channels", "classifier: new, 8 classes"]
    assert torch.equal(new.classifier.weight, head)
    assert torch.equal(
        new.backbone.stage2[0].conv1.conv.weight, old.backbone.stage2[0].conv1.conv.weight
    )
    # every old joint drawn four times: the sum over channels is the same as before
    x = torch.rand(1, 17, 2, 8, 8)
    with torch.no_grad():
        ours, theirs = new.backbone.stem.conv(x[:, sources]), old.backbone.stem.conv(x)
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


def test_a_fitting_head_is_kept():
    old, new = (poseconv3d.build(4, in_channels=5, **SMALL) for _ in range(2))
    state, changes = adapt_weights(
        old.state_dict(),
        new.state_dict(),
        first_layers=("backbone.stem.conv.weight",),
        heads=("classifier",),
    )
    assert changes == []
    assert torch.equal(state["classifier.weight"], old.classifier.weight)


def test_the_message_lists_the_first_differing_layers_and_nothing_is_loaded():
    new = poseconv3d.build(4, in_channels=5, **SMALL)
    before = {name: value.clone() for name, value in new.state_dict().items()}
    wide = poseconv3d.build(4, in_channels=5, stage_blocks=(1, 1, 1), base_channels=4).state_dict()
    wide = {name: value + 1 for name, value in wide.items()}
    with pytest.raises(BadInput) as failure:
        load_weights(new, wide, "wide.pth")
    message = str(failure.value)
    assert message.startswith("wide.pth: ")
    assert "backbone.stem.conv.weight: (2, 5, 1, 7, 7) here, (4, 5, 1, 7, 7) in the file" in message
    assert message.count(" here, ") == 5
    assert all(torch.equal(value, before[name]) for name, value in new.state_dict().items())


def test_missing_and_surplus_layers_are_named():
    own = poseconv3d.build(4, in_channels=5, **SMALL).state_dict()
    state = dict(own)
    del state["classifier.bias"], state["backbone.stem.norm.num_batches_tracked"]
    state["extra.weight"] = torch.zeros(1)
    assert differing_layers(state, own) == [
        "classifier.bias: (4,) here, missing in the file",
        "extra.weight: in the file only",
    ]
