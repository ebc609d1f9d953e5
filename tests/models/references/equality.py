"""Compare one of our graph networks with its plain reference, in double precision."""

import importlib

import torch

from microgesture.pose.layouts import get_layout
from microgesture.weights import reference_names_gcn
from tests.models.references.graph_networks import (
    JOINTS,
    Weights,
    distance_graph,
    reference_logits,
    spatial_graph,
)

FULL = {"base_channels": 64, "num_stages": 10}
SMALL = {"base_channels": 16, "num_stages": 6}


def start_graph(model, layout):
    if model == "dg_stgcn":
        return torch.zeros(8, JOINTS[layout], JOINTS[layout], dtype=torch.float64)
    return distance_graph(layout) if model == "st_gcn" else spatial_graph(layout)


def _build(model, layout, persons, classes, size):
    module = importlib.import_module(f"microgesture.models.{model}")
    return module.build(
        classes, in_channels=3, layout=get_layout(layout), num_persons=persons, **size
    )


def logits_of_both(model, layout, persons, size):
    """(ours, reference) logits of two clips, over their spread, for one set of random weights that
    went from the reference's names to ours."""
    torch.manual_seed(5)
    weights = Weights(seed=3)
    clips = torch.randn(2, persons, 13, JOINTS[layout], 3, dtype=torch.float64)
    graph = start_graph(model, layout)
    expected = reference_logits(weights, model, clips, graph, 7, *size.values())
    network = _build(model, layout, persons, 7, size).double().eval()
    rename = getattr(reference_names_gcn, f"rename_{model}")
    network.load_state_dict(rename(weights.state))
    with torch.no_grad():
        logits = network(clips.permute(0, 4, 2, 3, 1))
    scale = expected.std()
    assert scale > 0.01
    return logits / scale, expected / scale


def assert_equal_logits(model, layout, persons, size):
    logits, expected = logits_of_both(model, layout, persons, size)
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-8)


def parameter_counts(model, layout, classes):
    """(ours, reference) at full size, for two persons."""
    weights = Weights()
    clip = torch.randn(1, 2, 2, JOINTS[layout], 3, dtype=torch.float64)
    reference_logits(weights, model, clip, start_graph(model, layout), classes)
    network = _build(model, layout, 2, classes, FULL)
    return sum(parameter.numel() for parameter in network.parameters()), weights.learned
