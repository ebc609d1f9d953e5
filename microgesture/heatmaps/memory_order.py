"""Where the pixels of heatmap volumes lie in memory, and what is put there.

A CNN over (T, H, W) reads its volumes channels last and, on hardware with bf16, in bf16. Drawn
plane by plane in float32, a batch would be read and written twice more on its way there, which
costs several times the drawing itself; here each pixel is put where it will be read.
"""

import math
import mmap
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import torch


_SEVERAL_PAGES = 2**22  # bytes; large pages have 2 MiB


class Order(NamedTuple):
    """starts: int64 (N, T, C), place of the first pixel of each plane; row, column: steps to the
    pixel below and to the one on the right."""

    starts: np.ndarray
    row: int
    column: int


def memory_order(shape: tuple[int, int, int, int, int], channels_last: bool = False) -> Order:
    """The order of a volume (N, C, T, H, W): planes one after another, or the C channels of a
    pixel side by side."""
    count, channels, frames, height, width = shape
    if channels_last:
        images = np.arange(count * frames).reshape(count, frames, 1) * (height * width * channels)
        return Order(images + np.arange(channels), width * channels, channels)
    planes = np.arange(count * channels * frames).reshape(count, channels, frames)
    return Order(planes.transpose(0, 2, 1) * (height * width), width, 1)


def zeros(
    shape: tuple[int, int, int, int, int],
    channels_last: bool,
    dtype: "torch.dtype",
    device: "torch.device",
) -> tuple["torch.Tensor", "torch.Tensor"]:
    """A volume (N, C, T, H, W) of zeros in that order, and its memory as one row."""
    import torch

    count, channels, *rest = shape
    lying = (count, *rest, channels) if channels_last else shape
    if device.type == "cpu":
        memory = _zeros_in_main_memory(lying, dtype)
    else:
        memory = torch.zeros(lying, dtype=dtype, device=device)
    return memory.permute(0, 4, 1, 2, 3) if channels_last else memory, memory.view(-1)


def _zeros_in_main_memory(shape: tuple[int, ...], dtype: "torch.dtype") -> "torch.Tensor":
    """Zeros in large pages, where the system has them: a volume is new in every step, and to get
    tens of megabytes in pages of 4 KiB takes three to five times as long as to draw into them."""
    import torch

    size = math.prod(shape) * dtype.itemsize
    if size < _SEVERAL_PAGES or not hasattr(mmap, "MADV_HUGEPAGE"):
        return torch.zeros(shape, dtype=dtype)
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with suppress(OSError):  # a kernel without them: the memory is good all the same
        memory.madvise(mmap.MADV_HUGEPAGE)
    return torch.frombuffer(memory, dtype=dtype).view(shape)


def as_numbers(memory: "torch.Tensor") -> np.ndarray:
    """Memory on the CPU as numpy has it: float32, or for bf16 its bits as uint16."""
    import torch

    if memory.dtype == torch.bfloat16:
        return memory.view(torch.int16).numpy().view(np.uint16)
    return memory.numpy()


def put(memory: np.ndarray, places: np.ndarray, values: np.ndarray, join: bool) -> None:
    """Write float32 values >= 0 to places of a row of numbers (`as_numbers`); `join` takes the
    maximum with what stands there. bf16 is rounded to nearest, ties to even, as torch does."""
    if memory.dtype == np.uint16:
        bits = values.view(np.uint32)
        values = ((bits + (0x7FFF + ((bits >> 16) & 1))) >> 16).astype(np.uint16)
    if join:  # (numbers >= 0 have the order of their bits)
        values = np.maximum(values, memory[places])
    memory[places] = values
