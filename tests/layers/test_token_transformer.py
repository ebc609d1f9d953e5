"""Layers of the plain transformer against their definition, written out."""

import math

import pytest
import torch
from torch import nn

from microgesture.layers.token_transformer import DropPath, TransformerLayer, time_embedding


def test_a_layer_is_its_formula():
    torch.manual_seed(0)
    layer = TransformerLayer(6, 2, mlp_ratio=2.0).double()
    x = torch.randn(2, 5, 6, dtype=torch.float64)
    normed = nn.functional.layer_norm(
        x, (6,), layer.attention_norm.weight, layer.attention_norm.bias
    )
    projected = normed @ layer.query_key_value.weight.T + layer.query_key_value.bias
    query, key, value = projected.split(6, dim=-1)
    heads = []
    for head in range(2):
        own = slice(3 * head, 3 * head + 3)
        scores = query[..., own] @ key[..., own].transpose(1, 2) / math.sqrt(3)
        heads.append(scores.softmax(-1) @ value[..., own])
    y = x + torch.cat(heads, -1) @ layer.project.weight.T + layer.project.bias
    normed = nn.functional.layer_norm(y, (6,), layer.mlp_norm.weight, layer.mlp_norm.bias)
    first, last = layer.mlp[0], layer.mlp[2]
    inner = nn.functional.gelu(normed @ first.weight.T + first.bias)
    torch.testing.assert_close(layer(x), y + inner @ last.weight.T + last.bias)


def test_times_are_sines_and_cosines_of_their_number():
    found = time_embedding(3, 4, torch.zeros(1))
    for step in range(3):
        slow = step / 10_000**0.5
        expected = [math.sin(step), math.sin(slow), math.cos(step), math.cos(slow)]
        assert found[step].tolist() == pytest.approx(expected, abs=1e-6)
    assert time_embedding(7, 5, torch.zeros(1)).shape == (7, 5)


def test_dropped_paths_keep_the_mean_and_rest_in_prediction():
    torch.manual_seed(0)
    drop, x = DropPath(0.25), torch.ones(4000, 3)
    found = drop(x)
    assert found.unique().tolist() == pytest.approx([0.0, 4 / 3])
    assert (found[:, 0] == found[:, 2]).all()  # a sample as a whole
    assert found.mean().item() == pytest.approx(1, abs=0.05)
    assert drop.eval()(x) is x
