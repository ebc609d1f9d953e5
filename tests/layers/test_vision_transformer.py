"""Blocks of the vision transformer against torch's own attention, and the table of places."""

import math

import pytest
import torch
from torch import nn

from microgesture.layers.vision_transformer import (
    Attention,
    Block,
    make_blocks,
    resized_positions,
    sine_positions,
)


def test_attention_is_torchs_multi_head_attention():
    torch.manual_seed(0)
    ours, theirs = Attention(12, 3), nn.MultiheadAttention(12, 3, batch_first=True)
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter.normal_(0, 0.5)
        theirs.in_proj_weight.copy_(ours.qkv.weight)
        theirs.in_proj_bias.copy_(torch.cat([ours.q_bias, torch.randn(12), ours.v_bias]))
        theirs.out_proj.load_state_dict(ours.proj.state_dict())
    x = torch.randn(2, 5, 12)
    # whatever the keys' bias is: it tells no key from another
    torch.testing.assert_close(ours(x), theirs(x, x, x)[0])


def test_a_block_leaves_its_parts_out_for_some_samples_and_not_in_prediction():
    torch.manual_seed(0)
    block = Block(8, 2, skip=0.5)
    x = torch.randn(64, 3, 8)
    whole = block.eval()(x)
    assert torch.equal(whole, block(x)) and not torch.equal(whole, x)
    dropped = block.train()(x)
    same = (dropped == x).all(dim=(1, 2))
    assert 4 < same.sum() < 32  # both parts: a quarter of 64
    assert [round(b.skip, 3) for b in make_blocks(8, 2, 3, 0.2)] == [0.0, 0.1, 0.2]


def test_places_by_hand():
    table = sine_positions((2, 1, 3), 4)
    assert table.shape == (6, 4)
    for number in range(6):
        expected = [math.sin(number), math.cos(number), math.sin(number / 100)]
        expected.append(math.cos(number / 100))
        assert table[number].tolist() == pytest.approx(expected, abs=1e-6)


def test_places_of_another_grid_are_interpolated():
    made_for = (2, 2, 2)
    assert torch.equal(resized_positions(made_for, made_for, 4), sine_positions(made_for, 4))
    small = resized_positions(made_for, (1, 2, 2), 4)
    # one frame in the middle of two: the mean of tokens 0 and 4, 1 and 5, ...
    table = sine_positions(made_for, 4)
    torch.testing.assert_close(small, (table[:4] + table[4:]) / 2)
