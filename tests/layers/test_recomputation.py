"""Blocks computed twice: the same gradients, statistics and random numbers, less memory kept."""

import pytest
import torch

from microgesture.configuration.settings import complete_settings
from microgesture.layers.recomputation import recompute
from microgesture.models import rgbpose_fusion
from microgesture.pose.layouts import get_layout
from microgesture.training.memory import kept_bytes
from microgesture.training.recogniser import Recogniser
from microgesture.weights.networks import build_network

SKELETON = {"base_channels": 8, "num_stages": 3, "down_stages": [3]}
NETWORKS = {  # model -> its stream, options, shape of an input
    "poseconv3d": ("joint_heatmap", {"stage_blocks": [1, 2], "base_channels": 4}, (17, 4, 16, 16)),
    "resnet3d": ("rgb", {"stage_blocks": [1, 1], "base_channels": 4}, (3, 4, 32, 32)),
    "r2plus1d": ("rgb", {"stage_blocks": [1, 2], "base_channels": 8}, (3, 4, 16, 16)),
    "tsm": ("rgb", {"depth": 18, "base_channels": 8}, (3, 4, 32, 32)),
    "video_swin": (
        "rgb",
        {
            "embed_channels": 8,
            "stage_blocks": [2, 1],
            "stage_heads": [1, 2],
            "stochastic_depth": 0.4,
        },
        (3, 4, 32, 32),
    ),
    "st_gcn_pp": ("joint", {**SKELETON, "inflate_stages": [2]}, (3, 8, 17, 1)),
    "hypergraph_transformer": ("joint", {**SKELETON, "temporal_dropout": 0.3}, (3, 8, 17, 1)),
    "decoupled_st_cnn": ("joint", {"base_channels": 8, "num_stages": 4}, (3, 8, 17, 1)),
}


def network_of(model):
    stream, options, shape = NETWORKS[model]
    torch.manual_seed(1)
    network = build_network(model, stream, 3, get_layout("coco17"), dropout=0.4, options=options)
    return network, (torch.rand(3, *shape),)


def fused():
    torch.manual_seed(1)
    options = {"stage_blocks": (1, 1, 1, 1), "base_channels": 4}
    network = rgbpose_fusion.build(
        *(3,),
        in_channels=17,
        rgb_options=options,
        pose_options={"stage_blocks": (1, 1, 1), "base_channels": 4, "temporal_strides": (1, 1, 1)},
        attention_heads=2,
        gates="random",
    )
    return network, (torch.rand(3, 3, 2, 64, 64), torch.rand(3, 17, 8, 16, 16))


def after_two_steps(network, inputs, twice):
    """Weights, statistics and the next random number."""
    recogniser = Recogniser(network, 3, complete_settings({"auxiliary_weight": 0.0}))
    if twice:
        recompute(network.repeated_blocks())
    optimiser = torch.optim.SGD(recogniser.parameters(), lr=0.1)
    torch.manual_seed(2)
    recogniser.train()
    for _ in range(2):
        outputs = recogniser(*inputs)
        loss = sum(output["logits"].square().mean() for output in outputs)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return recogniser.state_dict(), torch.rand(1)


@pytest.mark.parametrize("model", [*NETWORKS, "rgbpose_fusion"])
def test_same_weights_statistics_and_random_numbers(model):
    make = fused if model == "rgbpose_fusion" else lambda: network_of(model)
    (once, number), (twice, same) = (after_two_steps(*make(), twice) for twice in (False, True))
    assert list(once) == list(twice) and torch.equal(number, same)
    for name, value in once.items():
        assert torch.equal(value, twice[name]), name


@pytest.mark.parametrize("model", ["poseconv3d", "video_swin", "r2plus1d"])
def test_inputs_of_blocks_alone_are_kept(model):
    network, inputs = network_of(model)
    network.train()
    blocks, expected = network.repeated_blocks(), set()
    shapes = []
    hooks = [block.register_forward_pre_hook(lambda _, x: shapes.append(x[0])) for block in blocks]
    before = kept_bytes(network, inputs)
    expected = sum(x.numel() * x.element_size() for x in shapes)
    for hook in hooks:
        hook.remove()
    recompute(blocks)
    after = kept_bytes(network, inputs)
    # the blocks' inputs, and what lies before the first and behind the last block
    assert expected <= after < 0.6 * before


def test_prediction_is_computed_once():
    network, inputs = network_of("poseconv3d")
    calls = []
    block = network.repeated_blocks()[0]
    block.conv1.register_forward_hook(lambda *_: calls.append(1))
    recompute(network.repeated_blocks())
    network.eval()
    network(*inputs)
    with torch.no_grad():
        network.train()(*inputs)
    assert len(calls) == 2
    network.train()(*inputs).sum().backward()
    assert len(calls) == 4
