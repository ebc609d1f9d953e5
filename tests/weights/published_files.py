"""A small PoseConv3D in PYSKL's names, and its import: for the tests of this folder."""

import torch

from microgesture.models import poseconv3d
from microgesture.weights.published import import_weights

NARROW = {"stage_blocks": [1, 1, 1], "base_channels": 4}


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
