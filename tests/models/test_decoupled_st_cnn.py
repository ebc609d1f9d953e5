"""The decoupled CNN: space first, then time, and never both at once."""

import pytest
import torch

from microgesture.models import decoupled_st_cnn
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput


def make(**options):
    torch.manual_seed(0)
    size = {"base_channels": 8, "num_stages": 6} | options
    return decoupled_st_cnn.build(4, in_channels=3, layout=get_layout("coco17"), **size).eval()


@pytest.mark.parametrize("name", ["coco17", "h68", "imigue22", "msr20", "openpose137"])
def test_walk_visits_every_joint_once_and_follows_bones(name):
    layout = get_layout(name)
    order = decoupled_st_cnn.walk_order(layout)
    assert sorted(order) == list(range(layout.num_joints))
    place = {joint: number for number, joint in enumerate(order)}
    along_a_bone = 0
    for joint, parent in enumerate(layout.parents):
        assert joint == parent or place[parent] < place[joint]
        along_a_bone += joint != parent and place[parent] == place[joint] - 1
    # fingertips hang on one wrist: there the walk steps from sibling to sibling
    assert along_a_bone >= 0.4 * layout.num_joints


def test_first_half_keeps_frames_apart():
    network = make()
    x = torch.randn(1, 3, 7, 17)
    other = x.clone()
    other[:, :, 4] += 1
    for block in network.blocks[:4]:  # the order of joints and three blocks over joints
        x, other = block(x), block(other)
    changed = (x - other).abs().amax((0, 1, 3)) > 0
    assert changed.tolist() == [False] * 4 + [True] + [False] * 2


def test_second_half_keeps_places_apart():
    network = make()
    x = torch.rand(1, 16, 7, 9)
    other = x.clone()
    other[..., 3] += 1
    for block in network.blocks[4:]:
        x, other = block(x), block(other)
    changed = (x - other).abs().amax((0, 1, 2)) > 0
    assert changed.tolist() == [False] * 3 + [True] + [False] * 5


def test_feature_map_is_half_as_long_and_half_as_wide():
    features = make().forward_features(torch.randn(2, 3, 7, 17, 2))
    assert features.shape == (2, 2, 32, 4, 9)


@pytest.mark.parametrize("options", [{"num_stages": 1}, {"frame_kernel": 4}])
def test_impossible_sizes_are_refused(options):
    with pytest.raises(BadInput, match="odd kernels"):
        make(**options)
