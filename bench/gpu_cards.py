"""What a card can do at most: dense bf16 products, as published and as measured."""

import time

import torch

# TFLOP/s of dense bf16 matrix products, from NVIDIA's data sheets; the first name that is part of
# the card's own. Products with sparsity, which the sheets print too, are twice as fast.
PUBLISHED = (
    ("H200", 989.0),
    ("H100 PCIe", 756.0),
    ("H100 NVL", 835.0),
    ("H100", 989.0),
    ("A100", 312.0),
    ("A30", 165.0),
    ("L40S", 362.0),
    ("L4", 121.0),
    ("A10", 125.0),
    ("RTX 4090", 165.0),
    ("RTX 3090", 71.0),
)


def published_peak(card: str) -> float | None:
    """TFLOP/s by the card's name; None for a card that is not in the list."""
    return next((peak for name, peak in PUBLISHED if name in card), None)


def wait_for(device: torch.device) -> None:
    """Until all that was given to the device is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


@torch.no_grad()
def measured_peak(device: torch.device, side: int = 8192, repeats: int = 20) -> float:
    """TFLOP/s of a large bf16 product, the best of three times `repeats`."""
    a = torch.randn(side, side, device=device, dtype=torch.bfloat16)
    b = torch.randn(side, side, device=device, dtype=torch.bfloat16)
    best = float("inf")
    for _ in range(4):  # the first warms up
        wait_for(device)
        begin = time.perf_counter()
        for _ in range(repeats):
            a @ b
        wait_for(device)
        best = min(best, (time.perf_counter() - begin) / repeats)
    return 2 * side**3 / best / 1e12
