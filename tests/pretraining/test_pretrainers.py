"""Pretrainers: what is hidden does not reach the network, what is asked is what was hidden."""

import pytest
import torch
import torch.nn.functional as F

from microgesture.configuration.settings import SETTINGS, complete_settings
from microgesture.datasets.streams import make_stream
from microgesture.pose.layouts import get_layout
from microgesture.pretraining.pretrainers import (
    MaskedHeatmaps,
    MaskedJoints,
    MaskedTokens,
    make_pretrainer,
)
from microgesture.provenance.errors import BadInput
from microgesture.weights.networks import build_network

COCO17 = get_layout("coco17")
SMALL = {
    "skeleton_transformer": {"base_channels": 16, "num_stages": 2, "num_heads": 4},
    "st_gcn_pp": {"base_channels": 16, "num_stages": 3, "inflate_stages": [2], "down_stages": [2, 3]},
    "hypergraph_transformer": {"base_channels": 24, "num_stages": 2, "down_stages": [2]},
    "dg_stgcn": {"base_channels": 16, "num_stages": 2, "down_stages": [2]},
    "poseconv3d": {"base_channels": 4, "stage_blocks": [1, 1, 1]},
}  # fmt: skip
KINDS = {"skeleton_transformer": MaskedTokens, "poseconv3d": MaskedHeatmaps}


def make(model, stream="joint", dims=2, frames=12, persons=1, **group):
    torch.manual_seed(0)
    given = {"method": "masked_motion", **group}
    if stream.endswith("heatmap"):
        given["method"] = "masked_joints"
    settings = complete_settings(
        {"stream": stream, "model": model, "frames": frames, "pretrain": given}
    )
    network = build_network(
        model, stream, 1, COCO17, dims=dims, persons=persons, options=SMALL[model]
    )
    return make_pretrainer(network, settings, dims=dims, channels=17, layout=COCO17)


def clips(count=2, frames=12, persons=1, dims=2, seed=1):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(count, 3, frames, 17, persons, generator=generator)
    if dims == 2:
        x[:, 2] = 0.9
    x[:, :, :, 15:] = 0  # never seen
    return x


@pytest.mark.parametrize("method", ["masked_motion", "masked_joints"])
@pytest.mark.parametrize("scale", ["token", "clip"])
@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("model", [name for name in SMALL if name != "poseconv3d"])
def test_every_learned_part_gets_a_gradient(model, dims, scale, method):
    learner = make(model, dims=dims, method=method, target_scale=scale, mask_ratio=0.6, persons=2)
    assert type(learner) is KINDS.get(model, MaskedJoints)
    optimizer = torch.optim.SGD(learner.parameters(), lr=0.05)
    for _ in range(3):  # gates that start at zero open in the first step
        optimizer.zero_grad()
        (output,) = learner(clips(persons=2, dims=dims))
        assert output["loss"].isfinite() and output["loss"] > 0
        output["loss"].backward()
        optimizer.step()
    for name, weight in learner.named_parameters():
        if "classifier" in name:
            assert not weight.requires_grad and weight.grad is None, name
        elif weight.ndim > 1:
            assert weight.grad.abs().max() > 0, name


@pytest.mark.parametrize("model", ["skeleton_transformer", "st_gcn_pp"])
def test_hidden_values_reach_the_loss_as_target_alone(model, monkeypatch):
    """With the targets left out of the comparison, changing a hidden joint changes no prediction."""
    learner = make(model, mask_ratio=0.5).eval()
    x = clips(1)
    hidden = torch.zeros(1, 3, 17, dtype=torch.bool)
    hidden[0, 1] = True
    monkeypatch.setattr(type(learner), "draw", lambda self, segments: hidden)
    said = []
    monkeypatch.setattr(
        "microgesture.pretraining.pretrainers.mean_error",
        lambda predicted, target, counted: (
            said.append((predicted, target, counted)) or torch.zeros(())
        ),
    )
    changed = x.clone()
    changed[:, :2, 4:8, :10] += 3.0 * torch.randn(1, 2, 4, 10, 1)
    learner(x), learner(changed)
    (one, target, counted), (other, changed_target, _) = said
    torch.testing.assert_close(one, other)
    assert not torch.allclose(target, changed_target)
    assert counted[0, 1, :15].any() and not counted[0, 1, 15:].any()  # the ankles have no answer
    assert not counted[0, 0].any() and not counted[0, 2].any()


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("model", ["skeleton_transformer", "st_gcn_pp"])
def test_bones_and_motions_do_not_tell_where_hidden_joints_are(model, dims, monkeypatch):
    """joint_bone_motion: a hidden joint that is elsewhere changes bones of its children, and the
    motion of the frame before; no prediction."""
    learner = make(model, "joint_bone_motion", dims=dims, mask_ratio=0.5).eval()
    hidden = torch.zeros(1, 3, 17, dtype=torch.bool)
    hidden[0, 1, 3:9] = True  # elbows and shoulders, whose children are shown
    monkeypatch.setattr(type(learner), "draw", lambda self, segments: hidden)
    said = []
    monkeypatch.setattr(
        "microgesture.pretraining.pretrainers.mean_error",
        lambda predicted, target, counted: said.append((predicted, target)) or torch.zeros(()),
    )
    points = torch.rand(1, 1, 12, 17, dims + 1)
    points[..., -1] = 0.9
    elsewhere = points.clone()
    elsewhere[:, :, 4:8, 3:9, :dims] += torch.rand(1, 1, 4, 6, dims)
    settings = {"remove_static": False}
    for skeleton in (points, elsewhere):
        learner(make_stream("joint_bone_motion", {"skeleton": skeleton}, COCO17, settings))
    (one, target), (other, changed) = said
    torch.testing.assert_close(one, other)
    assert not torch.allclose(target, changed)


def test_wiped_blobs_do_not_reach_a_heatmap_network(monkeypatch):
    learner = make("poseconv3d", "joint_heatmap", frames=8, mask_ratio=0.5).eval()
    hidden = torch.zeros(1, 2, 17, dtype=torch.bool)
    hidden[0, 1, :5] = True
    monkeypatch.setattr(MaskedHeatmaps, "draw", lambda self, segments: hidden)
    seen = []
    forward = learner.network.forward_features
    monkeypatch.setattr(learner.network, "forward_features", lambda x: seen.append(x) or forward(x))
    x = torch.rand(1, 17, 8, 32, 32)
    loss = learner(x)[0]["loss"]
    assert not seen[0][0, :5, 4:].any()
    assert torch.equal(seen[0][0, 5:], x[0, 5:]) and torch.equal(seen[0][0, :5, :4], x[0, :5, :4])
    logits = learner.decoder(forward(seen[0]))  # 4 steps: the last stage halves the frames
    places = F.adaptive_avg_pool3d(x, logits.shape[2:])
    places = places / places.sum((3, 4), keepdim=True)
    entropy = -(places * logits.flatten(3).log_softmax(-1).view_as(places)).sum((3, 4))
    torch.testing.assert_close(loss, entropy[0, :5, 2:].mean())


@pytest.mark.parametrize("model", ["skeleton_transformer", "st_gcn_pp", "poseconv3d"])
def test_a_few_clips_are_learned_by_heart(model):
    heatmaps = model == "poseconv3d"
    stream = "joint_heatmap" if heatmaps else "joint"
    learner = make(
        model, stream, frames=8, mask_ratio=0.3, motion_temperature=0.0, decoder_stages=1
    )
    if heatmaps:
        x = torch.zeros(2, 17, 8, 32, 32)
        x[0, :, :, 4:6, 4:6], x[1, :, :, 24:26, 20:22] = 1.0, 1.0
    else:
        time = torch.arange(8.0)
        x = torch.zeros(4, 3, 8, 17, 1)
        for number in range(4):  # every joint of a clip swings alike: its neighbours tell
            x[number, :2] = torch.sin(time * (0.6 + 0.4 * number))[None, :, None, None]
        x[:, 2] = 1.0
    optimizer = torch.optim.Adam(learner.parameters(), lr=0.01)
    losses = []
    for step in range(60):
        torch.manual_seed(step)
        optimizer.zero_grad()
        loss = learner(x)[0]["loss"]
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert sum(losses[-5:]) < 0.35 * sum(losses[:5])


def test_a_stream_without_a_method_is_named():
    settings = complete_settings(
        {"stream": "joint_heatmap", "model": "poseconv3d", "pretrain": {"method": "masked_motion"}}
    )
    network = build_network("poseconv3d", "joint_heatmap", 1, COCO17, options=SMALL["poseconv3d"])
    with pytest.raises(BadInput, match="masked_motion is not made for the stream joint_heatmap"):
        make_pretrainer(network, settings, dims=2, channels=17, layout=COCO17)


def test_groups_numbers_are_used():
    learner = make(
        "skeleton_transformer", mask_ratio=0.25, motion_temperature=0.3, decoder_stages=2
    )
    assert (learner.ratio, learner.temperature) == (0.25, 0.3)
    assert len(learner.decoder.layers) == 2 and learner.segment == 4
    assert make("st_gcn_pp", segment=2).segment == 2
    assert SETTINGS["pretrain"]["method"].default == "none"
