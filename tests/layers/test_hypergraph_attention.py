"""Hypergraph attention, against its formula written joint by joint."""

import torch

from microgesture.layers.hypergraph_attention import (
    HypergraphSelfAttention,
    hop_table,
    part_incidence,
)
from microgesture.pose.layouts import get_layout

LAYOUT = get_layout("coco17")


def make(heads=2, channels=6):
    torch.manual_seed(0)
    layer = HypergraphSelfAttention(channels, heads, LAYOUT).double()
    for weight in layer.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    return layer


def test_incidence_has_every_joint_in_one_part():
    incidence = part_incidence(LAYOUT)
    assert incidence.shape == (17, len(LAYOUT.parts))
    assert torch.equal(incidence.sum(1), torch.ones(17))
    for number, joints in enumerate(LAYOUT.parts.values()):
        assert incidence[:, number].nonzero().flatten().tolist() == sorted(joints)


def test_hops_count_bones():
    table = hop_table(LAYOUT)
    nose, shoulder, wrist, other_wrist = 0, 5, 9, 10
    assert table[nose, nose] == 0
    assert table[shoulder, wrist] == 2
    assert table[wrist, other_wrist] == 6


def test_attention_is_its_formula():
    layer = make()
    x = torch.randn(1, 1, 17, 6, dtype=torch.float64)
    rows = x[0, 0]
    incidence = layer.incidence
    means = torch.stack(
        [(incidence[:, p, None] * rows).sum(0) / incidence[:, p].abs().sum()
         for p in range(incidence.shape[1])]
    )  # fmt: skip
    parts = torch.stack([sum(incidence[j, p] * layer.part(means[p]) for p in range(len(means)))
                         for j in range(17)])  # fmt: skip
    hops = hop_table(LAYOUT)
    expected = torch.zeros(17, 6, dtype=torch.float64)
    for head in range(2):
        own = slice(3 * head, 3 * head + 3)
        query, (key, value) = (
            layer.query(rows)[:, own],
            (part[:, own] for part in layer.key_value(rows).chunk(2, -1)),
        )
        for i in range(17):
            scores = torch.stack(
                [
                    query[i] @ key[j]
                    + query[i] @ layer.relative[hops[i, j], own]
                    + query[i] @ parts[j, own]
                    + layer.part_prior[own] @ parts[j, own]
                    for j in range(17)
                ]
            )
            mixing = layer.alpha * (scores / 3**0.5).softmax(0) + layer.shared[head, i]
            expected[i, own] = mixing @ value
    weight, bias = layer.project.weight[:, :, 0], layer.project.bias
    heads = [expected[:, 3 * h : 3 * h + 3] @ weight[3 * h : 3 * h + 3].t() for h in range(2)]
    torch.testing.assert_close(layer(x)[0, 0], torch.cat(heads, 1) + bias)


def test_at_the_start_joints_pass_through():
    torch.manual_seed(0)
    layer = HypergraphSelfAttention(6, 2, LAYOUT)
    x = torch.randn(2, 3, 17, 6)
    value = layer.key_value(x)[..., 6:]
    expected = layer.project(value.reshape(-1, 6, 1)).view_as(x)
    torch.testing.assert_close(layer(x), expected)


def test_frames_do_not_see_each_other():
    layer = make()
    x = torch.randn(1, 3, 17, 6, dtype=torch.float64)
    other = x.clone()
    other[:, 1] += 1
    changed = (layer(x) - layer(other)).abs().amax((0, 2, 3)) > 0
    assert changed.tolist() == [False, True, False]
