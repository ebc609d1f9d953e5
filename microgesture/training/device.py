"""Where a network runs and in which precision."""

import platform

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState

from microgesture.provenance.errors import BadInput


def make_accelerator(
    gpu: bool, precision: str = "auto", *, convolutional: bool = False, threads: int = 1
) -> Accelerator:
    """An Accelerator on the GPU iff `gpu`, deterministic, with `threads` CPU threads.

    precision: float32, bf16 or auto (bf16 on a GPU, and for convolutional networks on a CPU with
    bf16 instructions). Raises BadInput when there is no GPU.
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
    if precision == "auto":
        bf16 = (
            torch.cuda.is_bf16_supported(including_emulation=False)
            if gpu
            else convolutional and cpu_has_bf16()
        )
    else:
        bf16 = precision == "bf16"
    AcceleratorState._reset_state()  # a second network in one process may want another precision
    return Accelerator(cpu=not gpu, mixed_precision="bf16" if bf16 else "no")


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


def cpu_has_bf16() -> bool:
    """The CPU multiplies bf16 matrices in hardware (AVX-512 BF16 or AMX)."""
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, check, lambda: False)() for check in checks)
