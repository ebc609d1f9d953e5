"""Logits, parameter counts and weight names of the graph networks, against plain references."""

import importlib

import pytest
import torch

from microgesture.importers import reference_names_gcn
from microgesture.pose.layouts import get_layout
from tests.models.references.graph_networks import (
    JOINTS,
    Weights,
    distance_graph,
    reference_logits,
    spatial_graph,
)

MODELS = ("st_gcn", "st_gcn_pp", "aagcn", "ctr_gcn", "dg_stgcn")


def start_graph(model, layout):
    if model == "dg_stgcn":
        return torch.zeros(8, JOINTS[layout], JOINTS[layout], dtype=torch.float64)
    return distance_graph(layout) if model == "st_gcn" else spatial_graph(layout)


def ours(model, layout, persons, classes, **options):
    module = importlib.import_module(f"microgesture.models.{model}")
    return module.build(
        classes, in_channels=3, layout=get_layout(layout), num_persons=persons, **options
    ).eval()


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("layout", "persons", "size"),
    [
        ("coco17", 2, {"base_channels": 64, "num_stages": 10}),
        ("ntu25", 1, {"base_channels": 16, "num_stages": 6}),
    ],
)
def test_reference_weights_give_the_reference_logits(model, layout, persons, size):
    classes = 7
    weights = Weights(seed=3)
    torch.manual_seed(5)
    clips = torch.randn(2, persons, 13, JOINTS[layout], 3, dtype=torch.float64)
    expected = reference_logits(
        weights, model, clips, start_graph(model, layout), classes, *size.values()
    )
    network = ours(model, layout, persons, classes, **size).double()
    rename = getattr(reference_names_gcn, f"rename_{model}")
    network.load_state_dict(rename(weights.state))
    with torch.no_grad():
        logits = network(clips.permute(0, 4, 2, 3, 1))
    scale = expected.std()
    assert scale > 0.01
    torch.testing.assert_close(logits / scale, expected / scale, rtol=0, atol=1e-8)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("layout", "classes"), [("coco17", 60), ("ntu25", 99)])
def test_parameter_counts_equal_the_references(model, layout, classes):
    weights = Weights()
    persons = 2
    clip = torch.randn(1, persons, 4, JOINTS[layout], 3, dtype=torch.float64)
    reference_logits(weights, model, clip, start_graph(model, layout), classes)
    network = ours(model, layout, persons, classes)
    assert sum(parameter.numel() for parameter in network.parameters()) == weights.learned


def test_unknown_names_stay_and_are_reported():
    network = ours("st_gcn_pp", "coco17", 1, 4, base_channels=8, num_stages=2)
    renamed = reference_names_gcn.rename_st_gcn_pp({"backbone.extra.weight": torch.zeros(1)})
    with pytest.raises(RuntimeError, match=r"backbone\.extra\.weight"):
        network.load_state_dict(renamed)


def test_mmaction_head_name_is_known_too():
    renamed = reference_names_gcn.rename_st_gcn({"cls_head.fc.weight": torch.zeros(2, 2)})
    assert list(renamed) == ["classifier.weight"]
