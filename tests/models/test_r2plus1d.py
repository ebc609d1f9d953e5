"""R(2+1)D: torchvision's network at any width."""

import torch

import microgesture.models.torchvision_operators  # noqa: F401
from microgesture.models import r2plus1d

# isort: split
from torchvision.models.video import r2plus1d_18


def test_names_shapes_and_parameters_are_torchvisions():
    with torch.device("meta"):
        ours, theirs = r2plus1d.build(400), r2plus1d_18()
    assert sum(p.numel() for p in ours.parameters()) == 31_505_325
    assert {k: v.shape for k, v in ours.state_dict().items()} == {
        k: v.shape for k, v in theirs.state_dict().items()
    }


def test_torchvision_weights_give_torchvisions_answer():
    theirs, ours = r2plus1d_18(num_classes=4).eval(), r2plus1d.build(4).eval()
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(1, 3, 4, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(ours(x), theirs(x))


def test_narrow_network():
    network = r2plus1d.build(4, base_channels=8, stage_blocks=(1, 1, 1, 1))
    assert network.forward_features(torch.randn(1, 3, 8, 32, 32)).shape == (1, 64, 1, 2, 2)
