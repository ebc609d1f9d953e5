"""An exchange: which channels arrive where, and from which map."""

import pytest
import torch

from microgesture.layers.cross_modal_exchange import CrossModalExchange
from microgesture.provenance.errors import BadInput

OPTIONS = {"lateral": True, "lateral_kernel": 7, "lateral_reduction": 4, "fusion": {"heads": 2}}


def exchange(**change):
    return CrossModalExchange(16, 6, 2, **{**OPTIONS, **change}).eval()


def maps(size=4):
    return torch.randn(1, 16, 3, 4, 4), torch.randn(1, 6, 6, size, size)


def test_shapes_and_untouched_own_channels():
    module, (rgb, pose) = exchange(), maps()
    new_rgb, new_pose = module(rgb, pose)
    assert (module.extra_rgb_channels, module.extra_pose_channels) == (6, 4)
    assert new_rgb.shape == (1, 16 + 6, 3, 4, 4)
    assert new_pose.shape == (1, 6 + 4, 6, 4, 4)
    assert torch.equal(new_rgb[:, :16], rgb)
    assert torch.equal(new_pose[:, :6], pose)


def test_lateral_connections_start_from_the_maps_before_fusion():
    module, (rgb, pose) = exchange(), maps()
    before = [new[:, own:] for new, own in zip(module(rgb, pose), (16, 6))]
    with torch.no_grad():
        module.fusion.rgb_gate.bias.fill_(0.5)
        module.fusion.pose_gate.bias.fill_(-0.5)
    after = module(rgb, pose)
    torch.testing.assert_close(after[0][:, :16], 1.5 * rgb)
    torch.testing.assert_close(after[1][:, :6], 0.5 * pose)
    assert torch.equal(after[0][:, 16:], before[0])
    assert torch.equal(after[1][:, 6:], before[1])


def test_parts_can_be_off():
    rgb, pose = maps(2)
    neither = exchange(lateral=False, fusion=None)
    assert sum(p.numel() for p in neither.parameters()) == 0
    assert neither(rgb, pose) == (rgb, pose)
    fusion_only = exchange(lateral=False)
    assert (fusion_only.extra_rgb_channels, fusion_only.extra_pose_channels) == (0, 0)
    assert [new.shape for new in fusion_only(rgb, pose)] == [rgb.shape, pose.shape]


def test_maps_of_different_size_are_refused():
    with pytest.raises(BadInput, match=r"RGB map is \(4, 4\) pixels and the pose map \(2, 2\)"):
        exchange()(*maps(2))
