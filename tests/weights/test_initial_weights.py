import json
import logging

import pytest
import torch

from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.weights.checkpoints import metadata_path, write_checkpoint
from microgesture.weights.initial_weights import load_initial_weights
from microgesture.weights.networks import build_network

SMALL = {"base_channels": 16, "num_stages": 2, "inflate_stages": [2], "down_stages": []}
NARROW = {"stage_blocks": [1, 1, 1], "base_channels": 4}
LABELS = ["nod", "wave", "shrug"]


def build(model, stream, layout, labels=LABELS, seed=0, options=SMALL):
    torch.manual_seed(seed)
    return build_network(model, stream, len(labels), get_layout(layout), options=options)


def written(folder, model, stream, layout, labels=LABELS, seed=1, options=SMALL):
    """A checkpoint as train_modality writes it, with a loss's head, and its network."""
    network = build(model, stream, layout, labels, seed, options)
    weights = {f"network.{name}": value for name, value in network.state_dict().items()}
    weights["semantic.0.weight"] = torch.zeros(2, 2)
    facts = {"model": model, "stream": stream, "layout": layout, "labels": labels}
    path = folder / "model.safetensors"
    write_checkpoint(weights, facts, path, metadata_path(path))
    return path, network.state_dict()


def load(network, path, model="st_gcn_pp", stream="joint", layout="coco17", labels=LABELS):
    layout = get_layout(layout)
    return load_initial_weights(
        network, path, model=model, stream=stream, layout=layout, labels=labels
    )


def test_what_is_alike_is_taken_over_whole(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    path, old = written(tmp_path, "st_gcn_pp", "joint", "coco17")
    network = build("st_gcn_pp", "joint", "coco17")
    assert load(network, path) == []
    for name, value in network.state_dict().items():
        assert torch.equal(value, old[name]), name
    assert f"{len(old)} of {len(old)} tensors taken over" in caplog.text


@pytest.mark.parametrize("labels", [["nod", "wave"], ["nod", "wave", "scratch"]])
def test_classifier_for_other_labels_starts_afresh(tmp_path, caplog, labels):
    caplog.set_level(logging.INFO)
    path, old = written(tmp_path, "st_gcn_pp", "joint", "coco17")
    network, fresh = (build("st_gcn_pp", "joint", "coco17", labels) for _ in range(2))
    changes = load(network, path, labels=labels)
    assert changes == [f"classifier: new, {len(labels)} classes"] and changes[0] in caplog.text
    found = network.state_dict()
    for name, value in fresh.state_dict().items():
        kept = value if name.startswith("classifier.") else old[name]
        assert torch.equal(found[name], kept), name


@pytest.mark.parametrize(
    ("model", "options"),
    [
        ("st_gcn", SMALL),
        ("st_gcn_pp", SMALL),
        ("aagcn", SMALL),
        ("ctr_gcn", SMALL),
        ("dg_stgcn", SMALL),
        ("hypergraph_transformer", {"base_channels": 16, "num_stages": 2}),
        ("decoupled_st_cnn", {"base_channels": 8, "num_stages": 2}),
    ],
)
def test_skeleton_networks_for_other_keypoints_and_labels(tmp_path, model, options):
    path, old = written(tmp_path, model, "joint", "coco17", options=options)
    labels = ["a", "b", "c", "d", "e"]
    network, fresh = (build(model, "bone", "h68", labels, options=options) for _ in range(2))
    load(network, path, model, "bone", "h68", labels)
    found, start = network.state_dict(), fresh.state_dict()
    taken = [name for name in found if torch.equal(found[name], old[name]) and found[name].numel()]
    own = [name for name in found if name not in taken]
    assert all(torch.equal(found[name], start[name]) for name in own)
    # what differs in shape, and nothing of the convolutions, is the network's own
    assert {name for name in found if found[name].shape != old[name].shape} <= set(own)
    convolutions = [name for name in found if name.endswith(("conv.weight", "query.weight"))]
    assert convolutions and set(convolutions) <= set(taken)
    assert "classifier.weight" in own
    network(torch.rand(2, 3, 8, 68, 1))


def test_first_layer_is_matched_joint_by_joint(tmp_path):
    path, old = written(tmp_path, "poseconv3d", "joint_heatmap", "coco17", options=NARROW)
    network = build("poseconv3d", "joint_heatmap", "h68", options=NARROW)
    changes = load(network, path, "poseconv3d", "joint_heatmap", "h68")
    assert changes[0].startswith("backbone.stem.conv.weight: 17 -> 68 input channels: 17 by name")
    assert len(changes) == 1 and "51 that the file does not know start from the mean" in changes[0]
    source, target = get_layout("coco17").joints, get_layout("h68").joints
    before = old["backbone.stem.conv.weight"]
    after = network.state_dict()["backbone.stem.conv.weight"]
    for number, joint in enumerate(target):
        expected = before[:, source.index(joint)] if joint in source else before.mean(dim=1)
        torch.testing.assert_close(after[:, number], expected * 17 / 68)


def test_another_stream_gives_every_channel_the_mean(tmp_path):
    path, old = written(tmp_path, "poseconv3d", "joint_heatmap", "coco17", options=NARROW)
    network = build("poseconv3d", "limb_heatmap", "coco17", options=NARROW)
    changes = load(network, path, "poseconv3d", "limb_heatmap")
    assert changes == [  # nothing to match by, and said so
        "backbone.stem.conv.weight: 17 -> 16 input channels: every one starts from the mean of the "
        "file's"
    ]
    before = old["backbone.stem.conv.weight"]
    after = network.state_dict()["backbone.stem.conv.weight"]
    mean = before.mean(dim=1, keepdim=True) * 17 / after.shape[1]
    torch.testing.assert_close(after, mean.expand_as(after))


def test_rest_that_does_not_fit_is_listed_and_nothing_loaded(tmp_path):
    path, _ = written(tmp_path, "st_gcn_pp", "joint", "coco17")
    wider = build("st_gcn_pp", "joint", "coco17", options={**SMALL, "base_channels": 32})
    before = {name: value.clone() for name, value in wider.state_dict().items()}
    with pytest.raises(BadInput) as told:
        load(wider, path)
    message = str(told.value)
    assert "model.safetensors (made for st_gcn_pp, joint, coco17)" in message
    assert "layers differ" in message and "blocks.0.spatial" in message
    assert message.count(" here, ") == 5  # the first five of them
    for name, value in wider.state_dict().items():
        assert torch.equal(value, before[name]), name
    other = build("aagcn", "joint", "coco17")
    with pytest.raises(BadInput, match="Choose the model and options"):
        load(other, path, "aagcn")


def test_other_files_are_refused(tmp_path):
    path, _ = written(tmp_path, "st_gcn_pp", "joint", "coco17")
    network = build("st_gcn_pp", "joint", "coco17")
    with pytest.raises(BadInput, match=r"swin\.pth: is no checkpoint .* import_weights"):
        load(network, tmp_path / "swin.pth")
    metadata_path(path).unlink()
    with pytest.raises(BadInput, match=r"model\.json beside it"):
        load(network, path)
    metadata_path(path).write_text(json.dumps({})[:1])
    with pytest.raises(BadInput, match="no readable checkpoint metadata"):
        load(network, path)
