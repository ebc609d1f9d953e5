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
    planes = np.arange(joints)[None, :] * frames + np.arange(frames)[:, None]
    for person in range(people):
        _draw_blobs(volume, points[person], planes, sigma, join=person > 0)
    return volume


def joint_heatmaps(points: "torch.Tensor", size: tuple[int, int], sigma: float) -> "torch.Tensor":
    """Joint heatmaps of a batch on the device of `points`.

    points: float (N, M, T, V, 3) as in `render_joints`; returns float32 (N, V, T, H, W), without a
    gradient.
    """
    import torch

    count, people, frames, joints, _ = points.shape
    shape = (count, joints, frames, *size)
    if points.device.type == "cpu":
        volume = np.zeros(shape, dtype=np.float32)
        order = np.arange(count * joints * frames).reshape(count, joints, frames)
        array = points.detach().float().numpy()
        for person in range(people):
            planes = order.transpose(0, 2, 1)
            _draw_blobs(volume, array[:, person], planes, sigma, join=person > 0)
        return torch.from_numpy(volume)
    volume = torch.zeros(shape, device=points.device)
    _draw_blobs_torch(volume, points.detach().float(), sigma)
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
    volume: np.ndarray, points: np.ndarray, planes: np.ndarray, sigma: float, join: bool
) -> None:
    """Put the blobs of `points` (..., V, 3) into the planes (..., V) of `volume` (..., H, W).

    Every plane gets at most one blob; `join` takes the maximum with what stands there already.
    """
    height, width = volume.shape[-2:]
    points = as_float(points).reshape(-1, 3)
    reach = 3 * sigma
    limits = np.array([width, height], dtype=points.dtype)
    with np.errstate(invalid="ignore"):
        drawn = points[:, 2] >= LEAST_SCORE
        # trunc(x + reach) >= 0 and trunc(x - reach) < W, or the patch is empty; NaN fails both.
        drawn &= ((points[:, :2] + reach > -1) & (points[:, :2] - reach < limits)).all(axis=1)
    points = points[drawn]
    planes = planes.reshape(-1)[drawn]
    tall, wide = patch_size(sigma, height), patch_size(sigma, width)
    flat = volume.reshape(-1)
    inner = np.arange(tall)[:, None] * width + np.arange(wide)
    for begin in range(0, len(points), _BLOCK):
        block = points[begin : begin + _BLOCK]
        columns, left = _factors(block[:, 0], sigma, width)
        rows, top = _factors(block[:, 1], sigma, height)
        rows *= block[:, 2, None]
        patches = rows[:, :, None] * columns[:, None, :]
        first = (planes[begin : begin + _BLOCK] * height + top) * width + left
        # One flat index for each pixel: far faster than patch by patch, whose cache misses queue.
        places = (first[:, None, None] + inner).reshape(-1)
        values = patches.reshape(-1)
        if join:
            values = np.maximum(values, flat[places])
        flat[places] = values


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


def _draw_blobs_torch(volume: "torch.Tensor", points: "torch.Tensor", sigma: float) -> None:
    """Put the blobs of points (N, M, T, V, 3) into volume (N, V, T, H, W) of zeros, on a device."""
    import torch

    count, people, frames, joints, _ = points.shape
    height, width = volume.shape[-2:]
    columns, starts_x = _factors_torch(points[..., 0], sigma, width)
    rows, starts_y = _factors_torch(points[..., 1], sigma, height)
    scores = points[..., 2]
    # A missing or non-finite point draws zeros at the origin: shapes stay fixed, nothing waits.
    drawn = (scores >= LEAST_SCORE) & points.isfinite().all(dim=-1)
    rows = torch.where(drawn[..., None], rows * scores[..., None], 0.0)
    columns = torch.where(drawn[..., None], columns, 0.0)
    patches = rows[..., :, None] * columns[..., None, :]
    planes = torch.arange(count * joints * frames, device=points.device)
    planes = planes.reshape(count, 1, joints, frames).transpose(2, 3)
    first = (planes * height + starts_y) * width + starts_x
    inner = (
        torch.arange(rows.shape[-1], device=points.device)[:, None] * width
        + torch.arange(columns.shape[-1], device=points.device)[None, :]
    )
    places = first[..., None, None] + inner
    flat = volume.view(-1)
    for person in range(people):
        where, values = places[:, person].reshape(-1), patches[:, person].reshape(-1)
        if person:
            values = torch.maximum(flat[where], values)
        flat[where] = values
