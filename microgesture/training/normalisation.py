"""What batch normalisation normalises by (`batch_norm`), and how a checkpoint tells it."""

from accelerate import Accelerator
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from microgesture.layers.synchronised_norm import synchronised
from microgesture.training.passes import clips_of_a_pass

PROCESS, SYNCHRONISED, FROZEN = "process", "synchronised", "frozen"


def normalised_as_asked(recogniser: nn.Module, settings: dict, accelerator: Accelerator):
    """The recogniser, on its device, with its batch normalisation over all processes where
    `batch_norm` says so and there are several. (`Recogniser.train` keeps frozen statistics.)"""
    if settings["batch_norm"] == SYNCHRONISED and accelerator.num_processes > 1:
        return synchronised(recogniser)
    return recogniser


def describe_batch_norm(recogniser: nn.Module, settings: dict, accelerator: Accelerator) -> dict:
    """For a checkpoint's metadata. statistics: none (the network has no batch normalisation),
    process, synchronised or frozen; clips: how many were normalised together in training (0 where
    their statistics were not used). Of several processes, the first one's running statistics are
    kept."""
    if not any(isinstance(module, _BatchNorm) for module in recogniser.modules()):
        return {"batch_norm": {"statistics": "none", "clips": 0}}
    kind = settings["batch_norm"]
    clips = clips_of_a_pass(settings, accelerator.num_processes)
    clips = {PROCESS: clips, SYNCHRONISED: clips * accelerator.num_processes, FROZEN: 0}[kind]
    return {"batch_norm": {"statistics": kind, "clips": clips}}
