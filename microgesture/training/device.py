"""Where a network runs and in which precision."""

import logging
import platform

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState

from microgesture.provenance.errors import BadInput
from microgesture.provenance.hardware import cpu_has_bf16, gpu_has_bf16

LOGGER = logging.getLogger(__name__)


def make_accelerator(gpu: bool, precision: str = "auto", *, threads: int = 1) -> Accelerator:
    """An Accelerator on the GPU iff `gpu`, deterministic, with `threads` CPU threads.

    precision: float32, or auto or bf16: bf16 where the device has it in hardware, else float32
    (emulated, bf16 would take twice the time of float32); what was asked for by name and cannot be
    had is told in one warning. Raises BadInput when there is no GPU.
    """
    if gpu and not torch.cuda.is_available():
        raise BadInput(
            "the rule asks for a GPU and torch finds none; run snakemake with --resources gpu=0 to "
            "train on the CPU (on a cluster: --set-resources train_modality:gpu=0 and so on for "
            "each rule), or install the CUDA build of torch"
        )
    torch.set_num_threads(max(int(threads), 1))
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # costs time, guards nothing here
    bf16 = precision != "float32" and (gpu_has_bf16() if gpu else cpu_has_bf16())
    AcceleratorState._reset_state()  # a second network in one process may want another precision
    accelerator = Accelerator(cpu=not gpu, mixed_precision="bf16" if bf16 else "no")
    if precision == "bf16" and not bf16 and accelerator.is_main_process:
        LOGGER.warning(
            "precision: bf16: this %s has no bf16 arithmetic, so float32 is used; precision: auto "
            "takes bf16 wherever there is some, without this message",
            "GPU" if gpu else "processor",
        )
    return accelerator


def describe_device(accelerator: Accelerator, threads: int) -> dict:
    """device, processes, precision and threads of each, as a checkpoint's metadata keep them."""
    kind = accelerator.device.type
    name = torch.cuda.get_device_name(accelerator.device) if kind == "cuda" else platform.machine()
    return {
        "device": f"{kind} ({name})",
        "processes": accelerator.num_processes,
        "precision": accelerator.mixed_precision.replace("no", "float32"),
        "threads": int(threads),
    }
