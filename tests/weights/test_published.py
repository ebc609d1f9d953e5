"""Published checkpoints: read without running anything, renamed, fitted, written as ours."""

import json
import os
from collections import OrderedDict

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from microgesture.models import poseconv3d, st_gcn, st_gcn_pp
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.weights.checkpoints import check_metadata, load_network, read_metadata
from microgesture.weights.published import import_weights, read_checkpoint, rename_weights

SMALL = {"base_channels": 8, "num_stages": 2, "inflate_stages": [2], "down_stages": [2]}
NARROW = {"stage_blocks": [1, 1, 1], "base_channels": 4}


class Hostile:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


@pytest.mark.parametrize("zipped", [True, False])
def test_places_of_the_state_dict(tmp_path, zipped):
    state = OrderedDict(weight=torch.arange(3.0))
    for number, content in enumerate(
        (
            state,
            {"state_dict": state, "meta": {"epoch": 3}},
            {"model": state},
            {"state_dict": state},
        )
    ):
        path = tmp_path / f"{number}.pth"
        # OpenMMLab publishes in the older format
        torch.save(content, path, _use_new_zipfile_serialization=zipped)
        assert torch.equal(read_checkpoint(path)["weight"], torch.arange(3.0))


@pytest.mark.parametrize("zipped", [True, False])
def test_training_logs_beside_the_weights_are_skipped(tmp_path, zipped, monkeypatch):
    history_buffer = pytest.importorskip("mmengine.logging.history_buffer")
    buffer = history_buffer.HistoryBuffer([1.0, 2.0], [1, 1])
    content = {"state_dict": {"w": torch.ones(2)}, "message_hub": {"loss": buffer}}
    content["meta"] = {"accuracy": np.float64(0.5), "iteration": np.int64(3)}
    path = tmp_path / "published.pth"
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    assert read_checkpoint(path)["w"].tolist() == [1, 1]


@pytest.mark.parametrize("zipped", [True, False])
def test_hostile_checkpoint_runs_nothing(tmp_path, zipped):
    created, path = tmp_path / "created", tmp_path / "hostile.pth"
    torch.save(
        {"state_dict": {"w": torch.ones(1)}, "meta": Hostile(created)},
        path,
        _use_new_zipfile_serialization=zipped,
    )
    with pytest.raises(BadInput, match=r"hostile\.pth: needs more.*posix\.system"):
        read_checkpoint(path)
    assert not created.exists()


def test_damaged_files(tmp_path):
    path = tmp_path / "model.pth"
    torch.save({"w": torch.ones(1000)}, path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(BadInput, match="truncated"):
        read_checkpoint(path)
    path.write_text("<html>not found</html>")
    with pytest.raises(BadInput, match="no readable torch checkpoint"):
        read_checkpoint(path)
    with pytest.raises(BadInput, match="no such file"):
        read_checkpoint(tmp_path / "none.pth")
    torch.save({"epoch": 3, "note": "x"}, path)
    with pytest.raises(BadInput, match=r"holds no state dict \(found epoch, note\)"):
        read_checkpoint(path)


def pathway_to_published(state):
    """Our names of a PoseConv3D -> PYSKL's, written down independently of the importer."""
    published = {}
    for name, value in state.items():
        name = name.replace(".shortcut.", ".downsample.").replace(".norm.", ".bn.")
        name = name.replace("backbone.stem.", "backbone.conv1.").replace("stage", "layer")
        published[name.replace("classifier.", "cls_head.fc_cls.")] = value
    return published


def published_poseconv3d(path, channels=17, classes=60):
    torch.manual_seed(1)
    network = poseconv3d.build(classes, in_channels=channels, **NARROW).eval()
    torch.save({"state_dict": pathway_to_published(network.state_dict())}, path)
    return network


def take(tmp_path, **arguments):
    given = {"model": "poseconv3d", "stream": "joint_heatmap", "layout": "coco17"}
    given |= {"options": NARROW, **arguments}
    checkpoint = tmp_path / "model.safetensors"
    changes = import_weights(tmp_path / "a.pth", checkpoint, tmp_path / "model.json", **given)
    return checkpoint, changes


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
    assert any("17 -> 68 input channels" in change for change in changes)
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


def test_wrong_source_layout(tmp_path):
    published_poseconv3d(tmp_path / "a.pth")
    with pytest.raises(BadInput, match="takes 17 channels, halpe136 has 136"):
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
    assert any("3 -> 17 input channels" in change for change in changes)


def test_metadata_is_plain_json(tmp_path):
    published_poseconv3d(tmp_path / "a.pth")
    take(tmp_path, url="https://host/a.pth")
    facts = json.loads((tmp_path / "model.json").read_text())
    assert facts["source"]["url"] == "https://host/a.pth"
    assert facts["labels"][:2] == ["class 0", "class 1"]
