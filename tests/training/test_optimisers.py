"""Optimisers: which parameters are decayed, and which learn at which rate."""

import numpy as np
import pytest
import torch

from microgesture.configuration.presets import read_preset
from microgesture.configuration.settings import complete_settings
from microgesture.models import st_gcn, video_swin
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.training.optimisers import is_head, make_optimiser, set_learning_rate
from microgesture.training.recogniser import Recogniser
from microgesture.training.stages import ClassifierOnly, retraining_settings


def small():
    return torch.nn.Sequential(torch.nn.Conv1d(2, 3, 1), torch.nn.BatchNorm1d(3))


def test_weight_decay_can_spare_norms_and_biases():
    settings = complete_settings({"weight_decay": 0.1, "decay_norm_and_bias": False})
    decayed, spared = make_optimiser(small(), settings).param_groups
    assert [p.ndim for p in decayed["params"]] == [3] and decayed["weight_decay"] == 0.1
    assert [p.ndim for p in spared["params"]] == [1, 1, 1] and spared["weight_decay"] == 0
    (whole,) = make_optimiser(small(), complete_settings({})).param_groups
    assert len(whole["params"]) == 4 and whole["nesterov"] and whole["momentum"] == 0.9


def test_one_step_of_sgd_by_hand():
    # Nesterov's first step from rest: v = g, w - rate * (g + momentum * v)
    parameter = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(parameter.weight, 2.0)
    optimiser = make_optimiser(parameter, complete_settings({"weight_decay": 0.0}))
    set_learning_rate(optimiser, 0.1)
    parameter.weight.grad = torch.tensor([[3.0]])
    optimiser.step()
    assert abs(parameter.weight.item() - (2 - 0.1 * (3 + 0.9 * 3))) < 1e-6


def test_adamw():
    settings = complete_settings({"optimizer": "adamw", "weight_decay": 0.05})
    optimiser = make_optimiser(small(), settings)
    assert isinstance(optimiser, torch.optim.AdamW)
    assert optimiser.param_groups[0]["betas"] == (0.9, 0.999)


def swin(settings):
    """A narrow Video Swin with both loss heads, and how each parameter is treated by name."""
    network = video_swin.build(3, embed_channels=8, stage_blocks=(1, 1), stage_heads=(1, 2))
    losses = {"semantic_loss": {"form": "softmax"}, "prototype_loss": {"weight": 0.1}}
    settings = complete_settings({**settings, **losses})
    recogniser = Recogniser(network, 3, settings, vectors=np.eye(3, 5))
    optimiser = make_optimiser(recogniser, settings)
    set_learning_rate(optimiser, 0.5)
    names = {id(p): name for name, p in recogniser.named_parameters()}
    found = {
        names[id(p)]: (group["lr"], group["weight_decay"])
        for group in optimiser.param_groups
        for p in group["params"]
    }
    assert len(found) == len(names)  # each once
    return found


def test_swin_is_paced_and_decayed_as_its_recipe_says():
    """MMAction2: backbone x 0.1; no decay on names with "norm" or "relative_position_bias_table".
    The biases of linear layers are decayed there."""
    recipe = read_preset("video_swin_tiny")
    assert recipe["learning_rate"] == 0.001 and recipe["weight_decay"] == 0.02
    keys = ("optimizer", "rate_multipliers", "weight_decay", "decay_norm_and_bias", "no_decay")
    found = swin({key: recipe[key] for key in keys})
    for name, (rate, decay) in found.items():
        head = name.startswith(("network.classifier.", "semantic.", "prototype."))
        assert rate == (0.5 if head else 0.05), name
        spared = "norm" in name or name.endswith("relative_position_bias_table")
        assert decay == (0 if spared else 0.02), name
    assert found["network.features.0.0.attn.qkv.bias"] == (0.05, 0.02)
    assert found["network.features.0.0.attn.relative_position_bias_table"] == (0.05, 0)


def test_tables_of_biases_are_biases():
    found = swin({"decay_norm_and_bias": False, "weight_decay": 0.1})
    tables = [name for name in found if name.endswith("relative_position_bias_table")]
    assert tables and all(found[name] == (0.5, 0) for name in tables)
    assert found["network.features.0.0.attn.qkv.bias"] == (0.5, 0)
    assert found["network.features.0.0.attn.qkv.weight"] == (0.5, 0.1)
    whole = swin({"weight_decay": 0.1})
    assert set(whole.values()) == {(0.5, 0.1)}  # the default: everything alike


def test_defaults_change_no_bit():
    """One group in the parameters' own order, and the rate itself."""
    network = st_gcn.build(
        3, in_channels=3, layout=get_layout("coco17"), base_channels=8, num_stages=2
    )
    settings = complete_settings({})
    (group,) = make_optimiser(network, settings).param_groups
    assert all(a is b for a, b in zip(group["params"], network.parameters(), strict=True))
    optimiser = make_optimiser(network, settings)
    set_learning_rate(optimiser, 0.1 + 0.2)
    assert optimiser.param_groups[0]["lr"] == 0.1 + 0.2


def test_rates_in_a_step_by_hand():
    network = torch.nn.ModuleDict(
        {"stem": torch.nn.Linear(1, 1, bias=False), "classifier": torch.nn.Linear(1, 1, bias=False)}
    )
    given = {"rate_multipliers": {"backbone": 0.1}, "momentum": 0.0, "weight_decay": 0.0}
    optimiser = make_optimiser(network, complete_settings(given))
    set_learning_rate(optimiser, 0.5)
    for parameter in network.parameters():
        torch.nn.init.constant_(parameter, 2.0)
        parameter.grad = torch.tensor([[4.0]])
    optimiser.step()
    assert network["stem"].weight.item() == pytest.approx(2 - 0.5 * 0.1 * 4)
    assert network["classifier"].weight.item() == pytest.approx(2 - 0.5 * 4)


def test_heads_by_name():
    heads = ("network.classifier.weight", "network.fc.bias", "semantic.0.weight")
    heads += ("network.rgb_classifier.bias", "recogniser.network.pose_classifier.weight")
    heads += ("prototype.0.embed.weight", "network.auxiliary_classifier.weight", "fc.weight")
    assert all(map(is_head, heads))
    others = ("network.blocks.0.attention.fc.weight", "network.stem.0.weight", "targets")
    assert not any(map(is_head, others))


@pytest.mark.parametrize("word", ["nomr", "", 3])
def test_a_word_that_no_name_has_is_told(word):
    with pytest.raises(BadInput, match="no_decay"):
        make_optimiser(small(), complete_settings({"no_decay": [word]}))


def test_a_classifier_trained_anew_has_its_own_rate():
    own = {"rate_multipliers": {"head": 5.0}, "learning_rate": 0.1}
    for group, factor in (({"epochs": 1}, 5.0), ({"epochs": 1, "learning_rate": 0.3}, 1.0)):
        settings = complete_settings({**own, "classifier_retraining": group})
        settings = retraining_settings(settings)
        network = video_swin.build(3, embed_channels=8, stage_blocks=(1, 1), stage_heads=(1, 2))
        learner = ClassifierOnly(Recogniser(network, 3, settings))
        (group,) = make_optimiser(learner, settings).param_groups
        assert len(group["params"]) == 2 and group["rate_multiplier"] == factor
