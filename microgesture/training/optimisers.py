"""The optimiser of a network: SGD with Nesterov's momentum, or AdamW."""

import torch
from torch import nn


def make_optimiser(model: nn.Module, settings: dict) -> torch.optim.Optimizer:
    """An optimiser with rate 0 (the loop sets it at every step).

    Without `decay_norm_and_bias`, parameters of one dimension (biases, normalisation layers) have
    no weight decay.
    """
    decay = settings["weight_decay"]
    parameters = [p for p in model.parameters() if p.requires_grad]
    groups = [{"params": parameters, "weight_decay": decay}]
    if not settings["decay_norm_and_bias"]:
        groups = [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": decay},
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
        ]
        groups = [group for group in groups if group["params"]]
    momentum = settings["momentum"]
    if settings["optimizer"] == "adamw":
        return torch.optim.AdamW(groups, lr=0.0, betas=(momentum, 0.999))
    return torch.optim.SGD(groups, lr=0.0, momentum=momentum, nesterov=momentum > 0)


def set_learning_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """The same rate for every group."""
    for group in optimiser.param_groups:
        group["lr"] = rate
