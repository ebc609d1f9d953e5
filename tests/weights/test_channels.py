"""The channels of published limb heatmaps: 17 lines in their order."""

import pytest
import torch
from safetensors.torch import load_file

from microgesture.pose.layouts import get_layout, make_layout
from microgesture.provenance.errors import BadInput
from microgesture.weights.channels import find_source_limbs
from microgesture.weights.checkpoints import load_network, read_metadata
from microgesture.weights.networks import build_network
from tests.weights.published_files import NARROW, published_poseconv3d, take


def test_published_limbs_exactly(tmp_path):
    reference = published_poseconv3d(tmp_path / "a.pth")
    for layout in ("coco17", "h68"):
        checkpoint, changes = take(tmp_path, stream="limb_heatmap", layout=layout, limbs="pyskl17")
        assert changes == []
        layout = get_layout(layout)
        network = build_network(
            "poseconv3d", "limb_heatmap", 60, layout, options=NARROW, limbs="pyskl17"
        ).eval()
        load_network(network, checkpoint)
        clip = torch.rand(2, 17, 8, 16, 16)
        assert torch.equal(network(clip), reference(clip))
    facts = read_metadata(tmp_path / "model.json")
    assert facts["limbs"] == facts["source"]["limbs"] == "pyskl17"


def test_published_limbs_by_name(tmp_path):
    """COCO's 16 bones are 16 of the 17, in another order: each gets its own weights."""
    reference = published_poseconv3d(tmp_path / "a.pth")
    checkpoint, changes = take(tmp_path, stream="limb_heatmap")
    assert changes == ["backbone.stem.conv.weight: 17 -> 16 input channels: all 16 by name"]
    old = reference.state_dict()["backbone.stem.conv.weight"]
    new = load_file(checkpoint)["backbone.stem.conv.weight"] * 16 / 17
    coco = get_layout("coco17")
    by_hand = {  # child and parent -> place in PYSKL's list, for some
        ("left_eye", "nose"): 12, ("left_shoulder", "nose"): 0, ("right_ankle", "right_knee"): 11,
        ("right_hip", "right_shoulder"): 9, ("right_ear", "right_eye"): 15,
    }  # fmt: skip
    names = [(coco.joints[a], coco.joints[b]) for a, b in coco.edges]
    for pair, place in by_hand.items():
        torch.testing.assert_close(new[:, names.index(pair)], old[:, place])


def test_limbs_that_may_be_either_are_refused(tmp_path):
    published_poseconv3d(tmp_path / "a.pth", channels=17)
    # a skeleton of 18 joints has 17 bones, as many as the published set has lines
    eighteen = make_layout("eighteen", (*get_layout("coco17").joints, "neck"))
    assert len(eighteen.edges) == 17
    with pytest.raises(BadInput, match=r"bones has 17 in eighteen, pyskl17 has 17. Write the sour"):
        find_source_limbs("a.pth", 17, eighteen, None)
    assert find_source_limbs("a.pth", 17, eighteen, "bones") == "bones"
    published_poseconv3d(tmp_path / "a.pth", channels=14)
    with pytest.raises(BadInput, match=r"its first layer takes 14 limbs; bones has 16 in coco17"):
        take(tmp_path, stream="limb_heatmap")
    with pytest.raises(BadInput, match=r"takes 14 channels, coco17 has 16 .* source_limbs"):
        take(tmp_path, stream="limb_heatmap", source_limbs="bones")
