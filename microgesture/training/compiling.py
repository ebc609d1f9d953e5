"""torch.compile for a training (`compile_network`)."""

import importlib.util
import shutil

import torch
from torch import Tensor, nn

from microgesture.provenance.errors import BadInput

COMPILERS = ("g++", "clang++", "c++", "gcc")


def compile_network(recogniser: nn.Module, settings: dict, device: torch.device) -> None:
    """Compile the recogniser's forward pass in training, in place; names of weights stay as they
    are. Validation runs as predictions do, uncompiled.

    It is compiled at the first step, and again where a shape differs. Raises BadInput together with
    `recompute_activations`, which it would undo, and where what it needs is missing: a C++ compiler
    on a processor, triton on a GPU.
    """
    if settings["recompute_activations"]:
        raise BadInput(
            "compile_network and recompute_activations exclude each other; write false for one"
        )
    if device.type == "cpu" and not any(map(shutil.which, COMPILERS)):
        raise BadInput(
            "compile_network: torch.compile needs a C++ compiler on a processor and finds none; "
            "install g++, or write compile_network: false"
        )
    if device.type == "cuda" and importlib.util.find_spec("triton") is None:
        raise BadInput(
            "compile_network: torch.compile needs the package triton on a GPU; install it, or "
            "write compile_network: false"
        )
    plain, compiled = recogniser.forward, torch.compile(recogniser.forward)

    def forward(*inputs: Tensor) -> list[dict[str, Tensor]]:
        return compiled(*inputs) if recogniser.training else plain(*inputs)

    recogniser.forward = forward
