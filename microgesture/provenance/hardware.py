"""What the hardware of this machine can do."""


def cpu_has_bf16() -> bool:
    """The CPU multiplies bf16 matrices in hardware (AVX-512 BF16 or AMX)."""
    import torch

    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, check, lambda: False)() for check in checks)


def gpu_has_bf16() -> bool:
    """The GPU multiplies bf16 matrices in hardware (Ampere and later)."""
    import torch

    return torch.cuda.is_bf16_supported(including_emulation=False)
