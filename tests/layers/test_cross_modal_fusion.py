"""The fusion module against the paper's equations, worked out again in numpy."""

import numpy as np
import pytest
import torch

from microgesture.layers.cross_modal_fusion import (
    ATTENTION_AXES,
    CrossModalFusion,
    as_map,
    spatial_maximum,
)
from microgesture.provenance.errors import BadInput


def softmax(scores):
    scores = np.exp(scores - scores.max(-1, keepdims=True))
    return scores / scores.sum(-1, keepdims=True)


def randomised(**options):
    torch.manual_seed(1)
    module = CrossModalFusion(6, 4, 2, **{"heads": 2, "dropout": 0.0, **options}).eval()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(0, 0.5)
    return module


def maps():
    generator = torch.Generator().manual_seed(2)
    rgb = torch.randn(2, 6, 3, 5, 5, generator=generator)
    return rgb, torch.randn(2, 4, 6, 5, 5, generator=generator)


def array(tensor):
    return tensor.detach().numpy()


def numpy_tokens(module, rgb, pose):
    """r' and p' (N, 3, 4): a 1 x 1 x 1 projection, two pose frames together, spatial maximum."""
    rgb_weight, pose_weight = array(module.rgb_token.weight), array(module.pose_token.weight)
    r = np.einsum("oc,nctij->notij", rgb_weight[..., 0, 0, 0], array(rgb))
    pairs = array(pose).reshape(2, 4, 3, 2, 5, 5)
    p = np.einsum("ock,nctkij->notij", pose_weight[..., 0, 0], pairs)
    r = r.max((3, 4)) + array(module.rgb_token.bias)[:, None]
    p = p.max((3, 4)) + array(module.pose_token.bias)[:, None]
    return r.transpose(0, 2, 1), p.transpose(0, 2, 1)


def numpy_time_attention(attention, query, other):
    attention = attention.attention
    weights = np.split(array(attention.in_proj_weight), 3)
    biases = np.split(array(attention.in_proj_bias), 3)
    q, k, v = (x @ w.T + b for x, w, b in zip((query, other, other), weights, biases))
    answer = np.zeros_like(q)
    for head in (slice(0, 2), slice(2, 4)):
        scores = q[..., head] @ k[..., head].transpose(0, 2, 1) / np.sqrt(2)
        answer[..., head] = softmax(scores) @ v[..., head]
    return answer @ array(attention.out_proj.weight).T + array(attention.out_proj.bias)


def numpy_channel_attention(attention, query, other):
    def linear(layer, x):
        return x @ array(layer.weight).T + array(layer.bias)

    q, k, v = (
        linear(layer, x)
        for layer, x in (
            (attention.query, query),
            (attention.key, other),
            (attention.value, other),
        )
    )
    attend = softmax(q.transpose(0, 2, 1) @ k / np.sqrt(3))  # channels x channels, 3 frames
    assert attend.shape == (2, 4, 4)
    return linear(attention.output, (attend @ v.transpose(0, 2, 1)).transpose(0, 2, 1))


@pytest.mark.parametrize("axis", ATTENTION_AXES)
def test_both_gates_equal_the_equations(axis):
    module, (rgb, pose) = randomised(attention_axis=axis), maps()
    attend = numpy_time_attention if axis == "time" else numpy_channel_attention
    r, p = numpy_tokens(module, rgb, pose)
    # both directions from the tokens of before the exchange: the symmetric form
    a_r = attend(module.rgb_attention, r, p)
    a_p = attend(module.pose_attention, p, r)
    g_r = a_r @ array(module.rgb_gate.weight)[..., 0, 0, 0].T + array(module.rgb_gate.bias)
    g_p = np.einsum("ntc,cok->ntko", a_p, array(module.pose_gate.weight)[..., 0, 0])
    g_p = g_p.reshape(2, 6, 4) + array(module.pose_gate.bias)
    expected_rgb = array(rgb) * (1 + g_r.transpose(0, 2, 1)[..., None, None])
    expected_pose = array(pose) * (1 + g_p.transpose(0, 2, 1)[..., None, None])
    new_rgb, new_pose = module(rgb, pose)
    np.testing.assert_allclose(array(new_rgb), expected_rgb, atol=1e-4, rtol=1e-4)
    np.testing.assert_allclose(array(new_pose), expected_pose, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("axis", ATTENTION_AXES)
def test_a_new_module_changes_nothing_but_can_learn(axis):
    module = CrossModalFusion(16, 8, 4, attention_axis=axis)
    rgb, pose = torch.randn(2, 16, 2, 3, 3), torch.randn(2, 8, 8, 3, 3)
    new_rgb, new_pose = module(rgb, pose)
    assert torch.equal(new_rgb, rgb)
    assert torch.equal(new_pose, pose)
    (new_rgb.square().sum() + new_pose.square().sum()).backward()
    assert module.rgb_gate.weight.grad.abs().max() > 0
    assert module.pose_gate.weight.grad.abs().max() > 0


def test_reset_gates_returns_to_the_identity():
    module, (rgb, pose) = randomised(), maps()
    assert not torch.allclose(module(rgb, pose)[0], rgb)
    module.reset_gates()
    assert torch.equal(module(rgb, pose)[0], rgb)


def test_random_gates_act_from_the_start_and_zero_gates_do_not():
    rgb, pose = maps()
    for gates, acts in (("zero", False), ("random", True)):
        torch.manual_seed(0)
        module = CrossModalFusion(6, 4, 2, heads=2, gates=gates).eval()
        module.reset_gates()
        for before, after in zip((rgb, pose), module(rgb, pose)):
            assert torch.allclose(before, after) is not acts


def test_tokens():
    features = torch.zeros(1, 2, 3, 2, 2)
    features[0, 1, 2, 0, 1] = 7
    tokens = spatial_maximum(features)
    assert tokens.shape == (1, 3, 2)
    assert tokens[0, 2].tolist() == [0, 7]
    assert as_map(tokens).shape == (1, 2, 3, 1, 1)
    assert as_map(tokens)[0, 1, 2].item() == 7


def test_sizes_of_the_paper():
    def size(*arguments, **options):
        with torch.device("meta"):
            module = CrossModalFusion(*arguments, 4, **options)
        return sum(p.numel() for p in module.parameters())

    # A: tokens 512*128+128, 128*128*4+128; attention 2 * (4 * 128*128 + 4*128); gates
    # 128*512+512, 128*128*4+128
    a = 65664 + 65664 + 2 * 66048 + 66048 + 65664
    assert size(512, 128) == size(512, 128, attention_axis="channel") == a
    assert size(512, 128) + size(1024, 256) == pytest.approx(2e6, rel=0.02)


def test_messages():
    with pytest.raises(BadInput, match=r"'space' is not known; write one of time, channel"):
        CrossModalFusion(8, 8, 4, attention_axis="space")
    with pytest.raises(BadInput, match=r"gates: 'open' is not known; write one of zero, random"):
        CrossModalFusion(8, 8, 4, gates="open")
    with pytest.raises(BadInput, match="8 heads do not divide the 12 channels"):
        CrossModalFusion(8, 12, 4)
    CrossModalFusion(8, 12, 4, attention_axis="channel")
