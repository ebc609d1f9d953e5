"""The command that takes over published weights, from a file and from an address."""

import hashlib
import json

import pytest
import torch

from microgesture.models import poseconv3d
from microgesture.provenance.errors import BadInput
from scripts.import_weights import import_published
from tests.models.references import slowonly_reference as slowonly

NARROW = {"stage_blocks": [1, 1, 1], "base_channels": 4}
LABELS = ["wave", "nod"]


@pytest.fixture
def published(tmp_path):
    """A PoseConv3D as PYSKL would publish it."""
    state = {}
    for name, value in poseconv3d.build(60, in_channels=17, **NARROW).state_dict().items():
        name = name.replace("backbone.stem.", "backbone.conv1.").replace("stage", "layer")
        name = name.replace(".shortcut.", ".downsample.").replace(".norm.", ".bn.")
        state[name.replace("classifier.", "cls_head.fc_cls.")] = value
    path = tmp_path / "slowonly.pth"
    torch.save({"state_dict": state}, path)
    return path


def run(tmp_path, **settings):
    given = {"model": "poseconv3d", "stream": "joint_heatmap", "model_options": NARROW}
    import_published(
        tmp_path / "out" / "model.safetensors",
        tmp_path / "out" / "model.json",
        name="slowonly",
        settings={**given, **settings},
        layout="coco17",
        labels=LABELS,
        folder=tmp_path / "weights",
    )
    return json.loads((tmp_path / "out" / "model.json").read_text())


def test_from_a_file(tmp_path, published):
    facts = run(tmp_path, file=str(published))
    assert facts["labels"] == LABELS
    assert facts["modality"] == "slowonly"
    assert (tmp_path / "out" / "model.safetensors").is_file()


def test_with_its_own_classes(tmp_path, published):
    facts = run(tmp_path, file=str(published), keep_classes=True)
    assert facts["num_classes"] == 60
    assert facts["source"]["changes"] == []


def test_from_an_address(tmp_path, published):
    digest = hashlib.sha256(published.read_bytes()).hexdigest()
    facts = run(tmp_path, url=published.as_uri(), sha256=digest, size=published.stat().st_size)
    assert facts["source"]["sha256"] == digest
    assert facts["source"]["url"].startswith("file://")
    assert (tmp_path / "weights" / "slowonly.pth").read_bytes() == published.read_bytes()


def test_published_limbs_and_named_classes(tmp_path, published):
    names = ["nod", *map(str, range(59))]
    limbs = {"stream": "limb_heatmap", "source_layout": "coco17", "limbs": "pyskl17"}
    facts = run(tmp_path, file=str(published), **limbs, source_labels=names)
    assert facts["limbs"] == "pyskl17" and facts["labels"] == LABELS
    assert facts["source"]["changes"] == ["classifier: 1 of 2 classes taken by name, new: wave"]
    with pytest.raises(BadInput, match="source_labels names 3"):
        run(tmp_path, file=str(published), **limbs, source_labels=["a", "b", "c"])


def test_two_branches(tmp_path):
    """RGBPoseConv3D, by the command."""
    state = slowonly.random_state(
        slowonly.rgbpose_shapes(
            17, 2, {**slowonly.RGB, "base": 8}, {**slowonly.POSE, "base": 4, "blocks": (1, 1, 1)}
        )
    )
    torch.save({"state_dict": state}, tmp_path / "rgbpose_conv3d.pth")
    options = {"rgb_options": {"base_channels": 8}, "fusion": False}
    options["pose_options"] = {"stage_blocks": [1, 1, 1], "base_channels": 4}
    given = {"model": "rgbpose_fusion", "source_layout": "coco17", "model_options": options}
    facts = run(tmp_path, file=str(tmp_path / "rgbpose_conv3d.pth"), **given, keep_classes=True)
    assert facts["streams"] == ["rgb", "joint_heatmap"] and facts["source"]["changes"] == []
    with pytest.raises(BadInput, match="write the pose branch's stream"):
        run(tmp_path, file=str(tmp_path / "rgbpose_conv3d.pth"), **given, stream="rgb")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "write either file or url"),
        ({"file": "a", "url": "b"}, "write either file or url"),
        ({"file": "a", "sha": "b"}, "sha is unknown"),
        ({"url": "https://127.0.0.1:1/a.pth", "sha256": "0" * 64}, "cannot be reached"),
        ({"file": "none.pth"}, "no such file"),
    ],
)
def test_wrong_settings(tmp_path, settings, message):
    with pytest.raises(BadInput, match=message):
        run(tmp_path, **settings)
    assert not (tmp_path / "out").exists()


def test_model_is_needed(tmp_path):
    with pytest.raises(BadInput, match="model is missing"):
        import_published(
            *(tmp_path / "a", tmp_path / "b"),
            **{"name": "x", "settings": {"stream": "rgb"}, "layout": "coco17", "labels": LABELS},
        )
