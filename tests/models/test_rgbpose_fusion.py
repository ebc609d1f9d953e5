"""The two-branch network: sizes, the parts switched off, and the merge of its parents."""

import pytest
import torch
from torch import nn

from microgesture.models import poseconv3d, resnet3d, rgbpose_fusion
from microgesture.models.rgbpose_fusion import merge_parents, pad_input_channels
from microgesture.provenance.errors import BadInput
from tests.models.references import slowonly_reference as reference

RGB = {"stage_blocks": (1, 1, 1, 1), "base_channels": 8}
POSE = {"stage_blocks": (1, 2, 1), "base_channels": 4}


def inputs(batch=2):
    generator = torch.Generator().manual_seed(3)
    rgb = torch.randn(batch, 3, 2, 32, 32, generator=generator)
    return rgb, torch.rand(batch, 6, 8, 8, 8, generator=generator)


def fusion_network(**change):
    options = {"rgb_options": RGB, "pose_options": POSE, "attention_heads": 4, **change}
    return rgbpose_fusion.build(5, in_channels=6, **options)


def randomise(network, seed=0):
    """Weights as after training: no zero gates, live batch statistics."""
    generator = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm3d):
            module.running_mean.normal_(0, 0.2, generator=generator)
            module.running_var.uniform_(0.5, 1.5, generator=generator)
            nn.init.uniform_(module.weight, 0.5, 1.5, generator=generator)
            nn.init.normal_(module.bias, 0, 0.2, generator=generator)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, 0, 0.3, generator=generator)
    return network


def parents():
    rgb = randomise(resnet3d.build(5, **RGB), 1)
    return rgb, randomise(poseconv3d.build(5, in_channels=6, **POSE), 2)


def parameters(**options):
    with torch.device("meta"):
        network = rgbpose_fusion.build(60, in_channels=17, **options)
    return sum(p.numel() for p in network.parameters())


def test_parameters_at_the_papers_size():
    pose = {**reference.POSE, "temporal": (1, 1, 1)}
    shapes = reference.rgbpose_shapes(17, 60, reference.RGB, pose)
    expected = sum(
        torch.Size(shape).numel() for name, shape in shapes.items() if "running" not in name
    )
    assert parameters(fusion=False) == expected == pytest.approx(36e6, rel=0.01)
    added = parameters() - expected
    assert added == pytest.approx(2e6, rel=0.02)
    assert parameters(attention_axis="channel") - expected == added
    # both parts off: the two parents
    with torch.device("meta"):
        alone = (resnet3d.build(60), poseconv3d.build(60, in_channels=17))
    assert parameters(fusion=False, lateral=False) == sum(
        p.numel() for network in alone for p in network.parameters()
    )


def test_shapes_at_the_papers_size():
    with torch.device("meta"):
        network = rgbpose_fusion.build(32, in_channels=68)
        rgb, heatmap = torch.zeros(1, 3, 8, 224, 224), torch.zeros(1, 68, 32, 56, 56)
        rgb_map, pose_map = network.forward_features(rgb, heatmap)
        assert rgb_map.shape == (1, 2048, 8, 7, 7)
        assert pose_map.shape == (1, 512, 32, 7, 7)
        assert [x.shape for x in network(rgb, heatmap)] == [(1, 32), (1, 32)]
        pooled = network.pool_for_prototypes(rgb_map, pose_map)
        assert [x.shape for x in pooled] == [(1, 2048), (1, 512)]
    state = network.state_dict()
    widths = [
        state[f"{name}.0.conv1.conv.weight"].shape[1]
        for name in (
            "rgb_backbone.stage3",
            "rgb_backbone.stage4",
            "pose_backbone.stage2",
            "pose_backbone.stage3",
        )
    ]
    assert widths == [640, 1280, 160, 320]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"attention_axis": "channel"},
        {"fusion": False},
        {"lateral": False},
        {"fusion": False, "lateral": False},
    ],
)
def test_merged_network_equals_its_parents(change, training):
    torch.manual_seed(0)  # the convolutions' weights, whatever ran before
    rgb_parent, pose_parent = parents()
    network = randomise(fusion_network(dropout=0.0, **change))
    merge_parents(network, rgb_parent.state_dict(), pose_parent.state_dict())
    for module in (network, rgb_parent, pose_parent):
        module.train(training)
        for part in module.modules():
            if isinstance(part, nn.Dropout):
                part.eval()
    rgb, heatmap = inputs()
    with torch.no_grad():
        merged = network(rgb, heatmap)
        alone = rgb_parent(rgb), pose_parent(heatmap)
    for ours, theirs in zip(merged, alone):
        assert theirs.std() > 0.1
        assert (ours - theirs).abs().max() < 1e-5


def test_branches_speak_to_each_other_after_a_step():
    rgb_parent, pose_parent = parents()
    network = fusion_network(dropout=0.0)
    merge_parents(network, rgb_parent.state_dict(), pose_parent.state_dict())
    rgb, heatmap = inputs(4)

    def loss():
        target = torch.tensor([0, 1, 2, 3])
        return sum(nn.functional.cross_entropy(logits, target) for logits in network(rgb, heatmap))

    optimiser = torch.optim.SGD(network.parameters(), lr=0.05)
    for _ in range(2):
        optimiser.zero_grad()
        loss().backward()
        optimiser.step()
    network.eval()
    with torch.no_grad():
        before = network(rgb, heatmap)
        assert (network(rgb, heatmap.flip(2))[0] - before[0]).abs().max() > 1e-4
        assert (network(rgb.flip(2), heatmap)[1] - before[1]).abs().max() > 1e-4


def test_heads_and_pools():
    network = fusion_network().eval()
    maps = network.forward_features(*inputs())
    rgb, pose = network(*inputs())
    by_hand = network.rgb_classifier(maps[0].mean((2, 3, 4)))
    torch.testing.assert_close(rgb, by_hand)
    torch.testing.assert_close(pose, network.head(*maps)[1])
    torch.testing.assert_close(
        network.pool_for_prototypes(*maps)[1], maps[1].mean(2).flatten(2).max(2).values
    )
    assert network.num_features == (maps[0].shape[1], maps[1].shape[1])


def test_speed_ratio_is_an_argument():
    network = fusion_network(speed_ratio=2)
    rgb, heatmap = inputs()
    assert network(rgb, heatmap[:, :, :4])[0].shape == (2, 5)
    with pytest.raises(BadInput, match="2 RGB frames and 8 heatmap frames, but speed_ratio is 2"):
        network(rgb, heatmap)


def test_wrong_parents_are_refused_and_nothing_changes():
    rgb_parent, pose_parent = parents()
    network = fusion_network()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    wider = resnet3d.build(5, **{**RGB, "base_channels": 12})
    with pytest.raises(BadInput, match=r"rgb_backbone.stem.conv.weight: \(12, 3, 1, 7, 7\)"):
        merge_parents(network, wider.state_dict(), pose_parent.state_dict())
    classes = poseconv3d.build(9, in_channels=6, **POSE)
    with pytest.raises(BadInput, match=r"pose_classifier.weight: \(9, 64\) in the pose parent"):
        merge_parents(network, rgb_parent.state_dict(), classes.state_dict())
    partial = {k: v for k, v in pose_parent.state_dict().items() if k != "classifier.bias"}
    with pytest.raises(BadInput, match=r"pose_classifier.bias: missing in the pose parent"):
        merge_parents(network, rgb_parent.state_dict(), partial)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_padding():
    weight = torch.ones(2, 3, 1)
    padded = pad_input_channels(weight, torch.Size((2, 5, 1)))
    assert padded[:, :3].eq(1).all()
    assert padded[:, 3:].eq(0).all()
    assert pad_input_channels(weight, torch.Size((2, 2, 1))) is None
    assert pad_input_channels(weight, torch.Size((4, 3, 1))) is None
    assert pad_input_channels(torch.ones(2), torch.Size((3,))) is None


def test_too_short_branches_are_refused():
    with pytest.raises(BadInput, match="pose branch of rgbpose_fusion has 2 stages"):
        fusion_network(pose_options={"stage_blocks": (1, 1), "base_channels": 4})
