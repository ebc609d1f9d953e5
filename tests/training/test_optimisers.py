import torch

from microgesture.configuration.settings import complete_settings
from microgesture.training.optimisers import make_optimiser, set_learning_rate


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
