"""PoseConv3D: published size and shapes; narrow networks; the same weights on other layouts."""

import pytest
import torch

from microgesture.models import poseconv3d
from microgesture.provenance.errors import BadInput
from tests.models.references import slowonly_reference as reference


def count(network):
    return sum(p.numel() for p in network.parameters())


@pytest.mark.parametrize(("joints", "classes"), [(17, 60), (17, 400), (68, 32)])
def test_parameters_equal_the_published_definition(joints, classes):
    shapes = reference.pathway_shapes("backbone", joints, reference.POSE)
    shapes |= reference.linear_shapes("fc", classes, 512)
    expected = sum(
        torch.Size(shape).numel() for name, shape in shapes.items() if "running" not in name
    )
    with torch.device("meta"):
        network = poseconv3d.build(classes, in_channels=joints)
    assert count(network) == expected
    if joints == 17:
        assert expected == pytest.approx(2.0e6, rel=0.1)


def test_shapes_of_the_published_network():
    with torch.device("meta"):
        network = poseconv3d.build(60, in_channels=17)
        x = torch.zeros(2, 17, 48, 56, 56)
        assert network.forward_features(x).shape == (2, 512, 24, 7, 7)
        assert network(x).shape == (2, 60)
        branch = poseconv3d.pathway(17, temporal_strides=(1, 1, 1))
        assert branch(x).shape == (2, 512, 48, 7, 7)


def test_fewer_stages_take_the_first_published_values():
    network = poseconv3d.build(3, in_channels=4, stage_blocks=(1, 1), base_channels=4)
    assert network.forward_features(torch.rand(1, 4, 6, 16, 16)).shape == (1, 32, 6, 4, 4)
    with pytest.raises(BadInput, match=r"spatial_strides: \[2, 2, 2\] has 3 values"):
        poseconv3d.build(3, in_channels=4, stage_blocks=(1, 1, 1, 1))


def test_streams():
    assert poseconv3d.STREAMS == ("joint_heatmap", "limb_heatmap")
