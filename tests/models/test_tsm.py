"""TSM: the shift by hand, published size, torchvision's weights by name, clips of any length."""

import pytest
import torch

import microgesture.models.torchvision_operators  # noqa: F401
from microgesture.models import tsm
from microgesture.provenance.errors import BadInput

# isort: split
from torchvision.models import resnet50


def test_the_shift_by_hand():
    # two clips of three frames, eight channels; the value says clip, frame and channel
    x = torch.tensor(
        [[100 * clip + 10 * frame + c for c in range(8)] for clip in (1, 2) for frame in (1, 2, 3)]
    ).view(6, 8, 1, 1)
    shifted = tsm.temporal_shift(x.float(), frames=3).view(2, 3, 8)
    assert shifted[0, :, 0].tolist() == [120, 130, 0]  # channel 0 comes from the next frame
    assert shifted[1, :, 1].tolist() == [0, 211, 221]  # channel 1 from the frame before
    assert shifted[1, :, 2:].tolist() == x.view(2, 3, 8)[1, :, 2:].tolist()  # the rest stays


def test_parameters():
    with torch.device("meta"):
        networks = [tsm.build(classes) for classes in (1000, 174)]
    sizes = [sum(p.numel() for p in network.parameters()) for network in networks]
    # torchvision's ResNet-50, and the published 23.9 M, which is at 174 classes
    assert sizes == [25_557_032, 23_864_558]


def test_torchvision_names_and_shapes():
    with torch.device("meta"):
        ours, theirs = tsm.build(1000).state_dict(), resnet50().state_dict()
    assert {k: v.shape for k, v in ours.items()} == {k: v.shape for k, v in theirs.items()}


def test_a_network_without_shift_is_torchvisions():
    theirs = resnet50(num_classes=5).eval()
    ours = tsm.build(5, shift_divisor=10**6).eval()
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(1, 3, 2, 64, 64)
    with torch.no_grad():
        frames = torch.stack([theirs(x[:, :, frame]) for frame in range(2)])
        torch.testing.assert_close(ours(x), frames.mean(0), atol=1e-4, rtol=1e-4)


def test_clips_of_different_lengths_follow_each_other():
    network = tsm.build(4, depth=18, base_channels=8).eval()
    long, short = torch.randn(1, 3, 6, 32, 32), torch.randn(2, 3, 3, 32, 32)
    first = network(long)
    assert network.forward_features(short).shape == (2, 64, 3, 1, 1)
    assert torch.equal(network(long), first)


def test_unknown_depth():
    with pytest.raises(BadInput, match=r"depth: 20 is not known; write one of \[18, 34, 50, 101\]"):
        tsm.build(4, depth=20)
