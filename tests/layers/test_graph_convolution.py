"""Graph convolution, against the sum over joints that defines it."""

import pytest
import torch

from microgesture.layers.graph_convolution import GraphConvolution, mix_joints


def expected_mix(x, adjacency, weight, bias):
    """Convolution first, then joints, subset by subset, clip by clip."""
    results = []
    for clip in range(len(x)):
        graph = adjacency if adjacency.ndim == 3 else adjacency[clip]
        total = 0
        for k, part in enumerate(weight.flatten(1).chunk(len(graph))):
            y = torch.einsum("oc,ctv->otv", part, x[clip])
            if bias is not None:
                y = y + bias.chunk(len(graph))[k][:, None, None]
            total = total + y @ graph[k]
        results.append(total)
    return torch.stack(results)


@pytest.mark.parametrize("per_clip", [False, True])
@pytest.mark.parametrize("with_bias", [False, True])
@pytest.mark.parametrize(("channels", "width"), [(3, 8), (6, 6), (8, 4), (1, 1)])
@pytest.mark.parametrize("clips", [1, 2])
def test_mixing(per_clip, with_bias, channels, width, clips):
    torch.manual_seed(0)
    x = torch.randn(clips, channels, 4, 5, dtype=torch.float64)
    graph = torch.randn(*([clips] if per_clip else []), 3, 5, 5, dtype=torch.float64)
    weight = torch.randn(3 * width, channels, 1, 1, dtype=torch.float64)
    bias = torch.randn(3 * width, dtype=torch.float64) if with_bias else None
    y = mix_joints(x, graph, weight, bias)
    torch.testing.assert_close(y, expected_mix(x, graph, weight, bias))
    assert y.is_contiguous(memory_format=torch.channels_last)


def test_gradients_are_those_of_the_definition():
    torch.manual_seed(0)
    for channels, width in ((2, 4), (4, 4)):
        inputs = [
            torch.randn(2, channels, 3, 4, dtype=torch.float64, requires_grad=True),
            torch.randn(2, 4, 4, dtype=torch.float64, requires_grad=True),
            torch.randn(2 * width, channels, 1, 1, dtype=torch.float64, requires_grad=True),
            torch.randn(2 * width, dtype=torch.float64, requires_grad=True),
        ]
        target = torch.randn(2, width, 3, 4, dtype=torch.float64)
        ours = torch.autograd.grad((mix_joints(*inputs) * target).sum(), inputs)
        theirs = torch.autograd.grad((expected_mix(*inputs) * target).sum(), inputs)
        for one, other in zip(ours, theirs):
            torch.testing.assert_close(one, other)


def test_modes_of_learning_the_graph():
    graph = torch.rand(3, 5, 5)
    fixed = GraphConvolution(2, 4, graph, adaptive=None)
    assert [name for name, _ in fixed.named_parameters() if "ad" in name] == []
    assert torch.equal(fixed.current_adjacency(), graph)
    learned = GraphConvolution(2, 4, graph, adaptive="init")
    assert torch.equal(learned.adjacency, graph) and learned.adjacency.requires_grad
    offset = GraphConvolution(2, 4, graph, adaptive="offset")
    torch.testing.assert_close(offset.current_adjacency(), graph, rtol=0, atol=2e-6)
    importance = GraphConvolution(2, 4, graph, adaptive="importance")
    torch.nn.init.constant_(importance.adaptation, 2.0)
    assert torch.equal(importance.current_adjacency(), 2 * graph)
    with pytest.raises(ValueError, match="adaptive"):
        GraphConvolution(2, 4, graph, adaptive="other")


def test_two_layers_do_not_share_a_learned_graph():
    graph = torch.rand(1, 3, 3)
    one = GraphConvolution(2, 2, graph, adaptive="init")
    with torch.no_grad():
        one.adjacency.zero_()
    assert graph.sum() > 0


def test_residual_adds_the_input():
    layer = GraphConvolution(4, 4, torch.zeros(1, 3, 3), adaptive=None, residual=True).eval()
    x = torch.randn(2, 4, 5, 3)
    torch.testing.assert_close(layer(x), x.relu())
