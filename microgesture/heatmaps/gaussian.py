"""Joint heatmaps: one Gaussian blob per keypoint, as PoseConv3D draws them (Duan et al. 2022).

A keypoint (x, y, score) in heatmap pixels gives score * exp(-((i - x)^2 + (j - y)^2) / 2 sigma^2)
on the columns i from max(trunc(x - 3 sigma), 0) to min(trunc(x + 3 sigma) + 1, W) - 1, likewise on
the rows, and nothing elsewhere. Keypoints with a score below 0.001 are left out; several people
are joined by the maximum. The blob is a product of a column and a row factor, and less than 1 % of
a volume is not zero, so only the patches are computed and put in place.
"""

import math
from typing import TYPE_CHECKING

import numpy as np

from microgesture.heatmaps.memory_order import Order, as_numbers, memory_order, put, zeros

if TYPE_CHECKING:
    import torch

LEAST_SCORE = 1e-3
# Patches handled at once: few enough to stay in the processor's cache.
_BLOCK = 4096


def render_joints(
    points: np.ndarray, size: tuple[int, int], sigma: float, out: np.ndarray | None = None
) -> np.ndarray:
    """Joint heatmaps of one clip on the CPU.

    points: float (M, T, V, 3), x and y in heatmap pixels (the centre of the first pixel is 0) and
    score in [0, 1], 0 = missing; size: (H, W); sigma in pixels.
    Returns float32 (V, T, H, W), written into `out` (C-contiguous, cleared first) when given:
    a buffer used again spares the memory pages of a new one.
    """
    people, frames, joints, _ = points.shape
    volume = prepare_volume((joints, frames, *size), out)
    order = memory_order((1, *volume.shape))
    for person in range(people):
        _draw_blobs(volume.reshape(-1), points[None, person], order, size, sigma, person > 0)
    return volume


def joint_heatmaps(
    points: "torch.Tensor",
    size: tuple[int, int],
    sigma: float,
    *,
    channels_last: bool = False,
    dtype: "torch.dtype | None" = None,
) -> "torch.Tensor":
    """Joint heatmaps of a batch on the device of `points`.

    points: float (N, M, T, V, 3) as in `render_joints`; returns (N, V, T, H, W), without a
    gradient: float32 or what `dtype` says, in torch's channels-last order where that is asked for.
    """
    import torch

    count, people, frames, joints, _ = points.shape
    shape, points = (count, joints, frames, *size), points.detach().float()
    volume, memory = zeros(shape, channels_last, dtype or torch.float32, points.device)
    order = memory_order(shape, channels_last)
    if points.device.type == "cpu":
        numbers, array = as_numbers(memory), points.numpy()
        for person in range(people):
            _draw_blobs(numbers, array[:, person], order, size, sigma, person > 0)
    else:
        _draw_blobs_torch(memory, points, order, size, sigma)
    return volume


def prepare_volume(shape: tuple[int, ...], out: np.ndarray | None) -> np.ndarray:
    """A float32 volume of zeros: `out` cleared, or a new one. `ValueError` when `out` misfits."""
    if out is None:
        return np.zeros(shape, dtype=np.float32)
    if out.shape != shape or out.dtype != np.float32 or not out.flags.c_contiguous:
        raise ValueError(f"out must be C-contiguous float32 {shape}, not {out.dtype} {out.shape}")
    out.fill(0)
    return out


def as_float(points: np.ndarray) -> np.ndarray:
    """Points as they are when float32 or float64, else as float32.

    The kind is kept because it decides, in one case in a million, on which side of a pixel the
    border of a patch falls.
    """
    return points if points.dtype in (np.float32, np.float64) else points.astype(np.float32)


def patch_size(sigma: float, extent: int) -> int:
    """Pixels along an axis that hold any blob: trunc(x + 3 sigma) - trunc(x - 3 sigma) + 1 is at
    most this, for x right of the origin and, for the clipped rest, left of it."""
    return min(math.floor(6 * sigma) + 2, extent)


def _draw_blobs(
    memory: np.ndarray,
    points: np.ndarray,
    order: Order,
    size: tuple[int, int],
    sigma: float,
    join: bool,
) -> None:
    """Put the blobs of `points` (N, T, V, 3) into the memory of a volume.

    Every plane gets at most one blob; `join` takes the maximum with what stands there already.
    """
    height, width = size
    points = as_float(points).reshape(-1, 3)
    reach = 3 * sigma
    limits = np.array([width, height], dtype=points.dtype)
    with np.errstate(invalid="ignore"):
        drawn = points[:, 2] >= LEAST_SCORE
        # trunc(x + reach) >= 0 and trunc(x - reach) < W, or the patch is empty; NaN fails both.
        drawn &= ((points[:, :2] + reach > -1) & (points[:, :2] - reach < limits)).all(axis=1)
    points = points[drawn]
    starts = order.starts.reshape(-1)[drawn]
    tall, wide = patch_size(sigma, height), patch_size(sigma, width)
    inner = np.arange(tall)[:, None] * order.row + np.arange(wide) * order.column
    for begin in range(0, len(points), _BLOCK):
        block = points[begin : begin + _BLOCK]
        columns, left = _factors(block[:, 0], sigma, width)
        rows, top = _factors(block[:, 1], sigma, height)
        rows *= block[:, 2, None]
        patches = rows[:, :, None] * columns[:, None, :]
        first = starts[begin : begin + _BLOCK] + top * order.row + left * order.column
        # One flat index for each pixel: far faster than patch by patch, whose cache misses queue.
        places = (first[:, None, None] + inner).reshape(-1)
        put(memory, places, patches.reshape(-1), join)


def _factors(centres: np.ndarray, sigma: float, extent: int) -> tuple[np.ndarray, np.ndarray]:
    """The blob's factor along one axis, float32 (n, K), and where its K pixels begin, int64 (n,).

    The K pixels always lie inside; those outside the patch have 0.
    """
    count = patch_size(sigma, extent)
    first = np.maximum(np.trunc(centres - 3 * sigma), 0)
    last = np.minimum(np.trunc(centres + 3 * sigma), extent - 1)
    begin = np.minimum(first, extent - count)
    pixels = begin[:, None] + np.arange(count, dtype=centres.dtype)
    values = np.exp((pixels - centres[:, None]) ** 2 * (-0.5 / sigma**2))
    values *= (pixels >= first[:, None]) & (pixels <= last[:, None])
    return values.astype(np.float32, copy=False), begin.astype(np.int64)


def _factors_torch(
    centres: "torch.Tensor", sigma: float, extent: int
) -> tuple["torch.Tensor", "torch.Tensor"]:
    """`_factors` for tensors of any shape; places that are not finite begin at 0."""
    import torch

    count = patch_size(sigma, extent)
    centres = torch.nan_to_num(centres, nan=0.0, posinf=0.0, neginf=0.0)
    first = torch.trunc(centres - 3 * sigma).clamp(min=0)
    last = torch.trunc(centres + 3 * sigma).clamp(max=extent - 1)
    begin = first.clamp(max=extent - count)
    pixels = begin[..., None] + torch.arange(count, dtype=torch.float32, device=centres.device)
    values = torch.exp((pixels - centres[..., None]) ** 2 * (-0.5 / sigma**2))
    values = values * ((pixels >= first[..., None]) & (pixels <= last[..., None]))
    return values, begin.long()


def _draw_blobs_torch(
    memory: "torch.Tensor",
    points: "torch.Tensor",
    order: Order,
    size: tuple[int, int],
    sigma: float,
) -> None:
    """Put the blobs of points (N, M, T, V, 3) into a volume's memory of zeros, on a device."""
    import torch

    height, width = size
    columns, starts_x = _factors_torch(points[..., 0], sigma, width)
    rows, starts_y = _factors_torch(points[..., 1], sigma, height)
    scores = points[..., 2]
    # A missing or non-finite point draws zeros at the origin: shapes stay fixed, nothing waits.
    drawn = (scores >= LEAST_SCORE) & points.isfinite().all(dim=-1)
    rows = torch.where(drawn[..., None], rows * scores[..., None], 0.0)
    columns = torch.where(drawn[..., None], columns, 0.0)
    patches = (rows[..., :, None] * columns[..., None, :]).to(memory.dtype)
    starts = torch.from_numpy(order.starts).to(points.device)[:, None]
    first = starts + starts_y * order.row + starts_x * order.column
    tall, wide = (
        torch.arange(factors.shape[-1], device=points.device) for factors in (rows, columns)
    )
    places = first[..., None, None] + tall[:, None] * order.row + wide * order.column
    for person in range(points.shape[1]):
        where, values = places[:, person].reshape(-1), patches[:, person].reshape(-1)
        if person:
            values = torch.maximum(memory[where], values)
        memory[where] = values
