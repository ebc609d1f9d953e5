"""The same demands on every network for heatmaps and RGB clips, at tiny sizes."""

import pytest
import torch
from torch import nn

from microgesture.models import (
    poseconv3d,
    r2plus1d,
    resnet3d,
    rgbpose_fusion,
    tsm,
    video_mae,
    video_swin,
)

CLASSES = 4
TINY = {"stage_blocks": (1, 1, 1), "base_channels": 4}
TINY_RGB = {"stage_blocks": (1, 1, 1, 1), "base_channels": 4}
HEATMAP, CLIP = (9, 4, 16, 16), (3, 4, 32, 32)

# name: (build, options, shapes of one sample's inputs)
NETWORKS = {
    "poseconv3d": (poseconv3d.build, {"in_channels": 9, **TINY}, [HEATMAP]),
    "resnet3d": (resnet3d.build, TINY_RGB, [CLIP]),
    "resnet3d_heatmap": (resnet3d.build, {"in_channels": 9, **TINY_RGB}, [HEATMAP]),
    "tsm_18": (tsm.build, {"depth": 18, "base_channels": 8}, [CLIP]),
    "tsm_50": (tsm.build, {"depth": 50, "base_channels": 8}, [CLIP]),
    "video_swin": (
        video_swin.build,
        {"embed_channels": 8, "stage_blocks": (2, 1), "stage_heads": (1, 2)},
        [CLIP],
    ),
    "video_mae": (
        video_mae.build,
        {"width": 32, "num_blocks": 2, "num_heads": 4, "tubelet": (2, 8, 8)},
        [CLIP],
    ),
    "r2plus1d": (r2plus1d.build, {"base_channels": 8, "stage_blocks": (1, 1, 1, 1)}, [CLIP]),
    "fusion_time": (
        rgbpose_fusion.build,
        {"in_channels": 9, "rgb_options": TINY_RGB, "pose_options": TINY},
        [CLIP, (9, 16, 8, 8)],
    ),
    "fusion_channel": (
        rgbpose_fusion.build,
        {
            "in_channels": 9,
            "rgb_options": TINY_RGB,
            "pose_options": TINY,
            "attention_axis": "channel",
        },
        [CLIP, (9, 16, 8, 8)],
    ),
}
every_network = pytest.mark.parametrize("name", NETWORKS)


def build(name, dropout=0.0):
    torch.manual_seed(0)
    make, options, shapes = NETWORKS[name]
    return make(CLASSES, dropout=dropout, **options), shapes


def random_inputs(shapes, batch):
    return [torch.rand(batch, *shape) for shape in shapes]


def outputs(network, inputs):
    answer = network(*inputs)
    return answer if isinstance(answer, tuple) else (answer,)


@every_network
def test_shapes_and_the_common_interface(name):
    network, shapes = build(name)
    network.eval()
    for batch in (1, 3):
        inputs = random_inputs(shapes, batch)
        answers = outputs(network, inputs)
        assert all(answer.shape == (batch, CLASSES) for answer in answers)
        features = network.forward_features(*inputs)
        if isinstance(features, tuple):
            again = network.head(*features)
            assert tuple(f.shape[1] for f in features) == network.num_features
        else:
            pooled = network.pool(features)
            assert pooled.shape == (batch, network.num_features)
            assert features.dim() == 5
            again = (network.head(pooled),)
        for one, other in zip(answers, again):
            torch.testing.assert_close(one, other)


@every_network
@pytest.mark.parametrize("training", [False, True])
def test_an_empty_clip_gives_numbers(name, training):
    """No joint was found in any frame (or the picture is black): zeros, never NaN."""
    network, shapes = build(name)
    network.train(training)
    answers = outputs(network, [torch.zeros(2, *shape) for shape in shapes])
    assert all(answer.isfinite().all() for answer in answers)
    sum(answer.sum() for answer in answers).backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in network.parameters())


@every_network
def test_every_parameter_learns(name):
    network, shapes = build(name)
    with torch.no_grad():  # residual branches and fusion gates start at zero: wake them
        for module in network.modules():
            if isinstance(module, (nn.BatchNorm2d, nn.BatchNorm3d)):
                module.weight.uniform_(0.5, 1.5)
            elif type(module).__name__ == "CrossModalFusion":
                module.rgb_gate.weight.normal_(0, 0.3)
                module.pose_gate.weight.normal_(0, 0.3)
    answers = outputs(network.train(), random_inputs(shapes, 4))
    sum(answer.square().sum() for answer in answers).backward()
    idle = [
        parameter
        for parameter, value in network.named_parameters()
        if value.grad is None or not value.grad.abs().max() > 0
    ]
    assert idle == []


@every_network
def test_saved_and_loaded_networks_are_equal(name, tmp_path):
    network, shapes = build(name)
    inputs = random_inputs(shapes, 2)
    outputs(network.train(), inputs)  # moves the running statistics
    torch.save(network.state_dict(), tmp_path / "weights.pt")
    make, options, _ = NETWORKS[name]
    torch.manual_seed(99)
    other = make(CLASSES, **options)
    other.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
    for one, two in zip(outputs(network.eval(), inputs), outputs(other.eval(), inputs)):
        assert torch.equal(one, two)


@every_network
def test_four_clips_are_learnt_by_heart(name):
    network, shapes = build(name)
    inputs, labels = random_inputs(shapes, 4), torch.arange(4)
    optimiser = torch.optim.Adam(network.parameters(), lr=3e-3)
    network.train()
    for _ in range(60):
        loss = sum(
            nn.functional.cross_entropy(answer, labels) for answer in outputs(network, inputs)
        )
        if loss < 0.1:
            break
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss < 0.1


@every_network
def test_dropout_is_an_argument(name):
    network, shapes = build(name, dropout=1.0)
    answers = outputs(network.train(), random_inputs(shapes, 2))
    for answer in answers:  # nothing but the bias is left
        assert torch.equal(answer[0], answer[1])
