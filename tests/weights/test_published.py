"""Published checkpoints: read without running anything, renamed, fitted, written as ours."""

import json

import pytest
import torch
from safetensors.torch import load_file

from microgesture.models import poseconv3d, st_gcn, st_gcn_pp
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.weights.checkpoints import check_metadata, load_network, read_metadata
from microgesture.weights.networks import build_network
from microgesture.weights.published import build_imported, rename_weights
from tests.models.references import slowonly_reference as slowonly
from tests.models.references.graph_networks import JOINTS, Weights, reference_logits
from tests.weights.published_files import NARROW, published_poseconv3d, take

SMALL = {"base_channels": 8, "num_stages": 2, "inflate_stages": [2], "down_stages": [2]}


def test_same_logits_after_import(tmp_path):
    reference = published_poseconv3d(tmp_path / "a.pth")
    checkpoint, changes = take(tmp_path)
    assert changes == []
    network = poseconv3d.build(60, in_channels=17, **NARROW).eval()
    load_network(network, checkpoint)
    clip = torch.rand(2, 17, 8, 16, 16)
    assert torch.allclose(network(clip), reference(clip), atol=1e-6)
    facts = read_metadata(tmp_path / "model.json")
    assert facts["num_classes"] == 60
    assert facts["source"]["file"] == "a.pth"
    assert len(facts["source"]["sha256"]) == 64


def test_other_keypoints_and_classes(tmp_path):
    reference = published_poseconv3d(tmp_path / "a.pth")
    labels = ["wave", "nod", "shrug"]
    checkpoint, changes = take(tmp_path, layout="h68", source_layout="coco17", labels=labels)
    assert any("17 -> 68 input channels: 17 by name, 51 that" in change for change in changes)
    assert any("classifier: new, 3 classes" in change for change in changes)
    weights = load_file(checkpoint)
    old = reference.state_dict()["backbone.stem.conv.weight"]
    new = weights["backbone.stem.conv.weight"]
    # H68 begins with COCO's 17 joints; a finger gets the mean
    assert torch.allclose(new[:, :17], old * 17 / 68)
    assert torch.allclose(new[:, 40], old.mean(1) * 17 / 68)
    facts = read_metadata(tmp_path / "model.json")
    check_metadata(facts, checkpoint, layout="h68", labels=labels)  # training can start from it
    load_network(poseconv3d.build(3, in_channels=68, **NARROW), checkpoint)


def test_import_is_repeatable(tmp_path):
    published_poseconv3d(tmp_path / "a.pth")
    first = take(tmp_path, labels=["a", "b"])[0].read_bytes()
    torch.rand(3)
    assert take(tmp_path, labels=["a", "b"])[0].read_bytes() == first


def test_left_out_source_layout_is_refused_and_not_averaged(tmp_path):
    published_poseconv3d(tmp_path / "a.pth")
    with pytest.raises(BadInput, match=r"takes 17 channels, h68 has 68.*write the source_layout"):
        take(tmp_path, layout="h68")
    assert not (tmp_path / "model.safetensors").exists()


def test_what_is_taken_for_granted_is_said(tmp_path, caplog):
    published_poseconv3d(tmp_path / "a.pth")
    take(tmp_path)
    assert "no source_layout is written: its keypoints are taken for those of coco17" in caplog.text
    caplog.clear()
    take(tmp_path, source_layout="coco17")
    assert "source_layout" not in caplog.text


@pytest.mark.parametrize("fusion", [False, True])
def test_two_branches(tmp_path, fusion):
    pose_net = {**slowonly.POSE, "blocks": (1, 1, 1), "base": 4, "temporal": (1, 1, 1)}
    rgb_net = {**slowonly.RGB, "blocks": (1, 1, 1, 1), "base": 8}
    state = slowonly.random_state(slowonly.rgbpose_shapes(17, 5, rgb_net, pose_net))
    torch.save({"state_dict": state}, tmp_path / "a.pth")
    options = {
        "rgb_options": {"stage_blocks": [1, 1, 1, 1], "base_channels": 8},
        "pose_options": {
            "stage_blocks": [1, 1, 1], "base_channels": 4, "temporal_strides": [1, 1, 1],
        },
        "fusion": fusion,
        "attention_heads": 2,
    }  # fmt: skip
    given = {"model": "rgbpose_fusion", "options": options, "source_layout": "coco17"}
    checkpoint, changes = take(tmp_path, **given)
    assert changes == (["exchanges.fusion.*: new, the file has none"] if fusion else [])
    facts = read_metadata(tmp_path / "model.json")
    assert facts["streams"] == ["rgb", "joint_heatmap"] and "stream" not in facts
    layout = get_layout("coco17")
    network = build_imported(
        "rgbpose_fusion", "joint_heatmap", 5, layout, "bones", 2, 1, options
    ).eval()
    load_network(network, checkpoint)
    rgb, pose = torch.randn(2, 3, 2, 48, 48), torch.rand(2, 17, 8, 12, 12)
    expected = slowonly.rgbpose_logits(rgb, pose, state, rgb_net, pose_net)
    with torch.no_grad():
        for ours, theirs in zip(network(rgb, pose), expected, strict=True):
            assert theirs.std() > 0.05
            assert (ours - theirs).abs().max() / theirs.std() < 1e-4
    with pytest.raises(BadInput, match=r"write the pose branch's stream.*not rgb"):
        take(tmp_path, **given, stream="rgb")
    _, changes = take(tmp_path, **given, layout="h68", labels=["a", "b"])
    told = " ".join(changes)
    assert "pose_backbone.stem.conv.weight: 17 -> 68 input channels: 17 by name" in told
    assert "rgb_classifier: new" in told and "pose_classifier: new" in told


@pytest.mark.parametrize("layout", ["coco17", "ntu25"])
def test_factors_of_the_mean_joint_are_cut_to_the_joints(tmp_path, layout):
    """PYSKL makes 25 of them for any skeleton and uses the first V."""
    joints = JOINTS[layout]
    weights = Weights(seed=3, coefficients=25)
    clips = torch.randn(2, 2, 13, joints, 3, dtype=torch.float64)
    graph = torch.zeros(8, joints, joints, dtype=torch.float64)
    expected = reference_logits(weights, "dg_stgcn", clips, graph, 7, 16, 6)
    torch.save({"state_dict": weights.state}, tmp_path / "a.pth")
    options = {"base_channels": 16, "num_stages": 6}
    given = {"model": "dg_stgcn", "stream": "joint", "layout": layout, "persons": 2}
    checkpoint, changes = take(tmp_path, **given, source_layout=layout, options=options)
    assert changes == []
    network = build_network(
        "dg_stgcn", "joint", 7, get_layout(layout), persons=2, options=options
    ).eval()
    load_network(network, checkpoint)
    with torch.no_grad():
        found = network(clips.permute(0, 4, 2, 3, 1).float())
    assert (found - expected).abs().max() / expected.std() < 1e-4


def test_wrong_source_layout(tmp_path):
    published_poseconv3d(tmp_path / "a.pth")
    with pytest.raises(BadInput, match=r"takes 17 channels, halpe136 has 136"):
        take(tmp_path, layout="h68", source_layout="halpe136")


def gcn_to_published(state):
    """Our names of an ST-GCN -> PYSKL's."""
    published = {}
    for name, value in state.items():
        for ours, theirs in (
            ("input_norm.", "backbone.data_bn."),
            ("blocks.", "backbone.gcn."),
            (".spatial.adjacency", ".gcn.A"),
            (".spatial.adaptation", ".gcn.PA"),
            (".spatial.conv.", ".gcn.conv."),
            (".spatial.norm.", ".gcn.bn."),
            (".temporal.conv.", ".tcn.conv."),
            (".temporal.norm.", ".tcn.bn."),
            (".residual.norm.", ".residual.bn."),
            ("classifier.", "cls_head.fc_cls."),
        ):
            name = name.replace(ours, theirs)
        published[name] = value
    return published


def test_graph_network_for_another_layout(tmp_path):
    ntu, msr = get_layout("ntu25"), get_layout("msr20")
    torch.manual_seed(2)
    reference = st_gcn.build(60, in_channels=3, layout=ntu, **SMALL)
    torch.save({"state_dict": gcn_to_published(reference.state_dict())}, tmp_path / "a.pth")
    labels = [str(number) for number in range(20)]
    checkpoint, changes = take(
        tmp_path,
        **{"model": "st_gcn", "stream": "joint", "layout": "msr20", "source_layout": "ntu25"},
        **{"dims": 3, "options": SMALL, "labels": labels},
    )
    assert any("graph and the input norm: new" in change for change in changes)
    weights, old = load_file(checkpoint), reference.state_dict()
    fresh = st_gcn.build(20, in_channels=3, layout=msr, **SMALL).state_dict()
    kept = "blocks.1.spatial.conv.weight"
    assert torch.equal(weights[kept], old[kept])
    graph = "blocks.1.spatial.adjacency"
    assert torch.equal(weights[graph], fresh[graph])


def test_mismatch_lists_the_first_layers(tmp_path):
    network = st_gcn_pp.build(5, in_channels=3, layout=get_layout("ntu25"), **SMALL)
    torch.save(gcn_to_published(network.state_dict()), tmp_path / "a.pth")
    arguments = {"model": "st_gcn", "stream": "joint", "layout": "ntu25", "dims": 3}
    with pytest.raises(BadInput, match=r"a\.pth: \d+ of \d+ layers differ.*blocks\.0"):
        take(tmp_path, **arguments, options=SMALL)


def test_models_without_published_weights():
    with pytest.raises(BadInput, match=r"'hypergraph_transformer'.*aagcn.*poseconv3d"):
        rename_weights("hypergraph_transformer", {})


def test_torchvision_image_network_is_inflated(tmp_path):
    """A 2D ResNet's first kernel is spread over the frames of the 3D one."""
    torch.manual_seed(3)
    own = poseconv3d.build(4, in_channels=17, **NARROW).state_dict()
    image = {}
    for name, value in own.items():
        name = name.replace("backbone.stem.conv.", "conv1.").replace("backbone.stem.norm.", "bn1.")
        name = name.replace("backbone.stage", "layer").replace("classifier.", "fc.")
        name = name.replace(".shortcut.conv.", ".downsample.0.")
        name = name.replace(".shortcut.norm.", ".downsample.1.")
        for number in "123":
            name = name.replace(f".conv{number}.conv.", f".conv{number}.")
            name = name.replace(f".conv{number}.norm.", f".bn{number}.")
        image[name] = value.sum(2) if value.dim() == 5 else value
    image["conv1.weight"] = image["conv1.weight"][:, :3]
    torch.save(image, tmp_path / "a.pth")
    checkpoint, changes = take(tmp_path, labels=["a", "b", "c", "d"])
    weights = load_file(checkpoint)
    deep = "backbone.stage3.0.conv1.conv.weight"
    assert torch.allclose(weights[deep].sum(2), own[deep].sum(2), atol=1e-6)
    assert any("3 -> 17 input channels: every one starts from" in change for change in changes)


def test_metadata_is_plain_json(tmp_path):
    published_poseconv3d(tmp_path / "a.pth")
    take(tmp_path, url="https://host/a.pth")
    facts = json.loads((tmp_path / "model.json").read_text())
    assert facts["source"]["url"] == "https://host/a.pth"
    assert facts["labels"][:2] == ["class 0", "class 1"]
