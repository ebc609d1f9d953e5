"""Weights for other keypoints: which channel stands for which joint or limb."""

import pytest
import torch

from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.weights.channels import channel_names, channel_sources
from microgesture.weights.fitting import GRAPH_PARTS, fit_weights
from microgesture.weights.networks import build_network

SKELETON_MODELS = (
    "st_gcn", "st_gcn_pp", "aagcn", "ctr_gcn", "dg_stgcn", "hypergraph_transformer",
    "decoupled_st_cnn",
)  # fmt: skip


def test_limbs_are_matched_by_their_ends():
    coco, body = get_layout("coco17"), get_layout("body25")
    sources = channel_sources(
        channel_names("limb_heatmap", coco), channel_names("limb_heatmap", body)
    )
    assert len(sources) == len(body.edges)
    names = [{coco.joints[a], coco.joints[b]} for a, b in coco.edges]
    for source, (a, b) in zip(sources, body.edges):
        ends = {body.joints[a], body.joints[b]}
        assert (source == -1 and ends not in names) or names[source] == ends
    joints = channel_names("joint_heatmap", coco)
    assert channel_sources(joints, joints) == list(range(17))


@pytest.mark.parametrize("model", SKELETON_MODELS)
def test_all_that_hangs_on_the_keypoints_is_known(model):
    """Every tensor whose shape differs between two layouts is a part of the graph or input norm."""
    with torch.device("meta"):
        one, other = (
            build_network(model, "joint", 3, get_layout(layout)).state_dict()
            for layout in ("coco17", "h68")
        )
    differing = [name for name in one if one[name].shape != other[name].shape]
    assert differing and set(one) == set(other)
    for name in differing:
        assert name.endswith(GRAPH_PARTS) or name.startswith("input_norm."), name


def test_equal_numbers_of_other_joints_are_put_in_order():
    """Channels follow the joints' names even where both layouts have as many."""
    source = get_layout("coco17")
    target = source.__class__(**{**vars(source), "name": "turned", "joints": source.joints[::-1]})
    name = "backbone.stem.conv.weight"
    state = {name: torch.arange(17.0).view(1, 17, 1, 1, 1)}
    own = {name: torch.zeros(1, 17, 1, 1, 1)}
    arguments = {"model": "poseconv3d", "stream": "joint_heatmap", "heads": []}
    fitted, changes = fit_weights(state, own, "a", source=source, target=target, **arguments)
    assert fitted[name].flatten().tolist() == list(range(17))[::-1]
    assert changes == [f"{name}: 17 -> 17 input channels: all 17 by name"]
    with pytest.raises(BadInput, match="a: its first layer takes 17 channels, h68 has 68"):
        fit_weights(state, own, "a", source=get_layout("h68"), target=target, **arguments)


def test_a_graph_of_other_joints_is_refused_with_the_remedy():
    layout = get_layout("ntu25")
    state = {"blocks.0.spatial.adjacency": torch.zeros(3, 17, 17)}
    with pytest.raises(BadInput, match="a: its graph has 17 joints, ntu25 has 25; write the sour"):
        fit_weights(
            state, {}, "a", model="st_gcn", stream="joint", source=layout, target=layout, heads=[]
        )


def test_parts_of_the_two_branch_network_may_be_missing_as_a_whole():
    own = {
        f"exchanges.{n}.{part}.weight": torch.ones(1) for n in (0, 1) for part in ("fusion", "x")
    }
    layout = get_layout("coco17")
    given = {"model": "rgbpose_fusion", "stream": None, "source": layout, "target": layout}
    fitted, changes = fit_weights({}, own, "a", **given, heads=[])
    assert changes == ["exchanges.fusion.*: new, the file has none"]
    assert sorted(fitted) == ["exchanges.0.fusion.weight", "exchanges.1.fusion.weight"]
    some = {"exchanges.0.fusion.weight": torch.zeros(1)}  # half of it is a damaged file
    fitted, changes = fit_weights(some, own, "a", **given, heads=[])
    assert changes == [] and list(fitted) == list(some)
