"""The RGB network: published size and shapes."""

import torch

from microgesture.models import resnet3d
from tests.models.references import slowonly_reference as reference


def test_parameters_equal_the_published_definition():
    shapes = reference.pathway_shapes("backbone", 3, reference.RGB)
    shapes |= reference.linear_shapes("fc", 60, 2048)
    expected = sum(
        torch.Size(shape).numel() for name, shape in shapes.items() if "running" not in name
    )
    with torch.device("meta"):
        network = resnet3d.build(60)
    assert sum(p.numel() for p in network.parameters()) == expected


def test_shapes_of_the_published_network():
    with torch.device("meta"):
        network = resnet3d.build(60)
        assert network.forward_features(torch.zeros(1, 3, 8, 224, 224)).shape == (1, 2048, 8, 7, 7)


def test_it_takes_heatmaps_too():
    network = resnet3d.build(3, in_channels=68, stage_blocks=(1, 1, 1, 1), base_channels=2)
    assert network(torch.rand(1, 68, 4, 32, 32)).shape == (1, 3)
    assert resnet3d.STREAMS[0] == "rgb"
