"""The skeleton transformer's own definition; what it shares: test_battery_skeleton.py."""

import pytest
import torch

from microgesture.models import skeleton_transformer
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput


def make(**options):
    torch.manual_seed(0)
    size = {"base_channels": 16, "num_stages": 2, "num_heads": 4} | options
    return skeleton_transformer.build(3, in_channels=3, layout=get_layout("coco17"), **size)


def test_a_token_is_one_joint_over_a_segment_of_frames():
    network = make(input_norm=None).eval()
    clips = torch.randn(2, 3, 8, 17, 1)
    tokens = network.embed(clips)
    assert tokens.shape == (2, 2, 17, 16)
    changed = clips.clone()
    changed[1, :, 5, 9] += 1.0  # joint 9, in the second segment
    differs = (network.embed(changed) != tokens).any(-1)
    assert differs.nonzero().tolist() == [[1, 1, 9]]


def test_the_last_segment_is_filled_with_the_last_frame():
    network = make(input_norm=None).eval()
    clips = torch.randn(1, 3, 6, 17, 1)
    filled = torch.cat([clips, clips[:, :, -1:], clips[:, :, -1:]], dim=2)
    torch.testing.assert_close(network.embed(clips), network.embed(filled))


def test_some_tokens_alone_are_encoded_as_a_shorter_sequence():
    """What pre-training rests on: the encoder takes any tokens, in any order."""
    network = make().eval()
    tokens = torch.randn(1, 10, 16)
    order = torch.tensor([3, 1, 7])
    direct = network.encode(tokens[:, order])
    torch.testing.assert_close(network.encode(tokens[:, order.flip(0)]), direct.flip(1))
    assert not torch.allclose(network.encode(tokens)[:, order], direct)


def test_joints_and_times_are_told_apart():
    network = make(input_norm=None).eval()
    still = torch.ones(1, 3, 8, 17, 1)
    tokens = network.embed(still)[0]
    assert (tokens[0, 0] - tokens[0, 1]).abs().max() > 1e-3
    assert (tokens[0, 0] - tokens[1, 0]).abs().max() > 1e-3


def test_paths_are_dropped_more_often_in_later_layers():
    layers = make(num_stages=3, drop_path=0.3).blocks
    assert [layer.drop_path.share for layer in layers] == pytest.approx([0, 0.15, 0.3])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"base_channels": 18}, "write base_channels: 16"),
        ({"segment": 0}, "a segment of 1 frame or more"),
        ({"drop_path": 1.0}, "a drop_path from 0 to below 1"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(options, message):
    with pytest.raises(BadInput, match=message):
        make(**options)
