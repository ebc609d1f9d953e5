"""Limb heatmaps: one soft line per bone, as PoseConv3D draws them (Duan et al. 2022).

A limb between the keypoints a and b gives c * exp(-d^2 / 2 sigma^2), d = distance to the segment,
c = the smaller of the two scores, on the box around both ends widened by 3 sigma (columns from
max(trunc(x - 3 sigma), 0) of the smaller x to min(trunc(x + 3 sigma) + 1, W) - 1 of the larger,
likewise rows) and nothing elsewhere. Where the ends are less than one pixel apart it is the blob
of a alone, with a's own score (microgesture/heatmaps/gaussian.py). Limbs with c < 0.001 are left
out; several people are joined by the maximum.

A limb is cut into the rows of its box. In a row, the distance along and the distance across the
segment, in units of sqrt(2) sigma, are linear in the column, so that a pixel takes few operations,
and where a limb is long, the pixels of its box that are far from it (value below 10^-6) are found
beforehand and spared.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from microgesture.heatmaps.gaussian import LEAST_SCORE, as_float, prepare_volume
from microgesture.heatmaps.memory_order import Order, as_numbers, memory_order, put, zeros

if TYPE_CHECKING:
    import torch

# Rows wider than this are cut down to what lies near the limb; beyond this distance, in units of
# sqrt(2) sigma, exp(-d^2) < 10^-6.
_WIDE = 12
_NEAR = 3.72
# Pixels handled at once: on the CPU few enough to stay in its cache, on a device few enough for
# its memory however long the limbs are.
_BLOCK_PIXELS = 1 << 15
_DEVICE_PIXELS = 1 << 25


class _Rows(NamedTuple):
    """Rows of limbs, each array (R,), sorted by width. `place`: flat index of the row's first
    pixel; `width`: pixels; `across`, `along`: distances of the first pixel; `across_step`,
    `along_step`: their change per column; `length`: of the segment (lengths and distances in
    sqrt(2) sigma); `score`."""

    place: np.ndarray
    width: np.ndarray
    across: np.ndarray
    across_step: np.ndarray
    along: np.ndarray
    along_step: np.ndarray
    length: np.ndarray
    score: np.ndarray


def render_limbs(
    points: np.ndarray,
    edges: Sequence[tuple[int, int]],
    size: tuple[int, int],
    sigma: float,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Limb heatmaps of one clip on the CPU.

    points: float (M, T, V, 3), x and y in heatmap pixels (the centre of the first pixel is 0) and
    score in [0, 1], 0 = missing; edges: L pairs of joints (a, b); size: (H, W); sigma in pixels.
    Returns float32 (L, T, H, W), written into `out` as in `render_joints`.
    """
    people, frames = points.shape[:2]
    volume = prepare_volume((len(edges), frames, *size), out)
    order = memory_order((1, *volume.shape))
    for person in range(people):
        _draw_limbs(volume.reshape(-1), points[None, person], edges, order, size, sigma, person > 0)
    return volume


def limb_heatmaps(
    points: "torch.Tensor",
    edges: Sequence[tuple[int, int]],
    size: tuple[int, int],
    sigma: float,
    *,
    channels_last: bool = False,
    dtype: "torch.dtype | None" = None,
) -> "torch.Tensor":
    """Limb heatmaps of a batch on the device of `points`.

    points: float (N, M, T, V, 3) as in `render_limbs`; returns (N, L, T, H, W), without a gradient:
    float32 or what `dtype` says, in torch's channels-last order where that is asked for.
    """
    import torch

    count, people, frames = points.shape[:3]
    shape, points = (count, len(edges), frames, *size), points.detach().float()
    volume, memory = zeros(shape, channels_last, dtype or torch.float32, points.device)
    order = memory_order(shape, channels_last)
    on_cpu = points.device.type == "cpu"
    draw = _draw_limbs if on_cpu else _draw_limbs_torch
    if on_cpu:
        memory, points = as_numbers(memory), points.numpy()
    for person in range(people):
        draw(memory, points[:, person], edges, order, size, sigma, person > 0)
    return volume


def _draw_limbs(
    memory: np.ndarray,
    points: np.ndarray,
    edges: Sequence[tuple[int, int]],
    order: Order,
    size: tuple[int, int],
    sigma: float,
    join: bool,
) -> None:
    """Put the limbs of `points` (N, T, V, 3) into the memory of a volume.

    Every plane gets at most one limb; `join` takes the maximum with what stands there already.
    """
    starts, ends = np.asarray(edges, dtype=np.int64).reshape(-1, 2).T
    points = as_float(points)
    first = points[..., starts, :].reshape(-1, 3)
    second = points[..., ends, :].reshape(-1, 3)
    rows = _cut_into_rows(first, second, order, size, sigma)
    border = int(np.searchsorted(rows.width, _WIDE, side="right"))
    _put(memory, _Rows(*(values[:border] for values in rows)), order.column, join)
    if border < len(rows.width):
        wide = _narrowed(_Rows(*(values[border:] for values in rows)), order.column)
        _put(memory, wide, order.column, join)


def _put(memory: np.ndarray, rows: _Rows, column: int, join: bool) -> None:
    """Compute the rows, those of one width together, and put them where they lie in memory."""
    widths, begins = np.unique(rows.width, return_index=True)
    for wide, begin, end in zip(widths.tolist(), begins, [*begins[1:], len(rows.width)]):
        step = max(1, _BLOCK_PIXELS // wide)
        for lower in range(begin, end, step):
            part = slice(lower, min(lower + step, end))
            values = _row_values(rows, part, wide)
            # One flat index for each pixel: far faster than row by row, whose cache misses queue.
            places = rows.place[part] + np.arange(wide)[:, None] * column
            put(memory, places.reshape(-1), values.reshape(-1), join)


def _narrowed(rows: _Rows, column: int) -> _Rows:
    """The same rows without the pixels at either end that are far from the limb, by width."""
    # The columns where |across| and the excess of along over the segment stay within _NEAR.
    slope, climb = (
        np.where(np.abs(steps) < 1e-6, np.float32(1e-6), steps)
        for steps in (rows.across_step, rows.along_step)
    )
    middle, half = -rows.across / slope, _NEAR / np.abs(slope)
    low, high = middle - half, middle + half
    middle = (rows.length / 2 - rows.along) / climb
    half = (rows.length / 2 + _NEAR) / np.abs(climb)
    low = np.maximum(np.ceil(np.maximum(low, middle - half)), 0)
    high = np.minimum(np.floor(np.minimum(high, middle + half)), rows.width - 1.0)
    wide = np.maximum(high - low + 1, 0).astype(np.uint16)
    order = np.argsort(wide, kind="stable")[np.count_nonzero(wide == 0) :]
    low = low[order].astype(np.float32)
    rows = _Rows(*(values[order] for values in rows))
    return rows._replace(
        place=rows.place + low.astype(np.int64) * column,
        width=wide[order],
        across=rows.across + low * rows.across_step,
        along=rows.along + low * rows.along_step,
    )


def _row_values(rows: _Rows, part: slice, wide: int) -> np.ndarray:
    """Values of rows of one width, float32 (wide, R): the long axis last, for speed."""
    columns = np.arange(wide, dtype=np.float32)[:, None]
    along = columns * rows.along_step[part]
    along += rows.along[part]
    clipped = np.maximum(along, 0)
    np.minimum(clipped, rows.length[part], out=clipped)
    along -= clipped
    along *= along
    across = np.multiply(columns, rows.across_step[part], out=clipped)
    across += rows.across[part]
    across *= across
    along += across
    np.negative(along, out=along)
    np.exp(along, out=along)
    along *= rows.score[part]
    return along


def _cut_into_rows(
    first: np.ndarray,
    second: np.ndarray,
    order: Order,
    size: tuple[int, int],
    sigma: float,
) -> _Rows:
    """The rows of all limbs between `first` and `second` (n, 3) that are drawn, by width."""
    height, width = size
    starts = order.starts.reshape(-1)
    drawn = np.minimum(first[:, 2], second[:, 2]) >= LEAST_SCORE
    drawn &= np.isfinite(first).all(axis=1) & np.isfinite(second).all(axis=1)
    first, second, starts = first[drawn], second[drawn], starts[drawn]
    score = np.minimum(first[:, 2], second[:, 2])
    step = second[:, :2] - first[:, :2]
    squared = (step**2).sum(axis=1)
    dot = squared < 1
    # A dot is a segment of no length in any direction, with the score of its first end.
    other = np.where(dot[:, None], first, second)
    score = np.where(dot, first[:, 2], score)
    distance = np.sqrt(np.where(dot, 1, squared))
    turn = np.where(dot[:, None], np.array([1, 0], dtype=step.dtype), step / distance[:, None])
    length = np.where(dot, 0, distance)

    reach = 3 * sigma
    low = np.maximum(np.trunc(np.minimum(first, other)[:, :2] - reach), 0)
    high = np.trunc(np.maximum(first, other)[:, :2] + reach)
    high = np.minimum(high, np.array([width - 1, height - 1], dtype=high.dtype))
    kept = (high >= low).all(axis=1)
    wide = np.where(kept, high[:, 0] - low[:, 0] + 1, 0).astype(np.uint16)
    chosen = np.argsort(wide, kind="stable")[np.count_nonzero(~kept) :]
    wide, low, high, turn = wide[chosen], low[chosen], high[chosen], turn[chosen]
    tall = (high[:, 1] - low[:, 1] + 1).astype(np.int64)

    # Measured from the box's corner, so that float32 is exact enough afterwards.
    unit = 1 / (np.sqrt(2) * sigma)
    corner = (low - first[chosen, :2]) * unit
    turn_x, turn_y = turn[:, 0], turn[:, 1]
    along = corner[:, 0] * turn_x + corner[:, 1] * turn_y
    across = corner[:, 1] * turn_x - corner[:, 0] * turn_y
    place = starts[chosen] + low[:, 1].astype(np.int64) * order.row
    place += low[:, 0].astype(np.int64) * order.column

    def per_row(values: np.ndarray) -> np.ndarray:
        return np.repeat(values.astype(np.float32), tall)

    row = np.arange(tall.sum()) - np.repeat(np.cumsum(tall) - tall, tall)
    row_units = row.astype(np.float32)
    return _Rows(
        place=np.repeat(place, tall) + row * order.row,
        width=np.repeat(wide, tall),
        across=per_row(across) + row_units * per_row(turn_x * unit),
        across_step=per_row(-turn_y * unit),
        along=per_row(along) + row_units * per_row(turn_y * unit),
        along_step=per_row(turn_x * unit),
        length=per_row(length[chosen] * unit),
        score=per_row(score[chosen]),
    )


def _draw_limbs_torch(
    memory: "torch.Tensor",
    points: "torch.Tensor",
    edges: Sequence[tuple[int, int]],
    order: Order,
    size: tuple[int, int],
    sigma: float,
    join: bool,
) -> None:
    """Put the limbs of one person, points (N, T, V, 3), into a volume's memory, on a device.

    The pixels of all boxes stand in one long row: as many numbers as there is something to draw,
    whatever the limbs' lengths. Samples are halved until that row fits.
    """
    import torch

    height, width = size
    starts, ends = (
        torch.tensor(joints, dtype=torch.long, device=points.device) for joints in zip(*edges)
    )
    first = points[:, :, starts].reshape(-1, 3)
    second = points[:, :, ends].reshape(-1, 3)
    score = torch.minimum(first[:, 2], second[:, 2])
    drawn = (score >= LEAST_SCORE) & first.isfinite().all(1) & second.isfinite().all(1)
    first, second = (torch.where(drawn[:, None], ends, 0.0) for ends in (first, second))
    step = second[:, :2] - first[:, :2]
    squared = (step**2).sum(dim=1)
    dot = squared < 1
    other = torch.where(dot[:, None], first, second)
    score = torch.where(dot, first[:, 2], score)

    reach = 3 * sigma
    limit = torch.tensor([width - 1, height - 1], device=points.device)
    low = torch.trunc(torch.minimum(first, other)[:, :2] - reach).clamp(min=0)
    high = torch.minimum(torch.trunc(torch.maximum(first, other)[:, :2] + reach), limit)
    extent = (high - low + 1).clamp(min=0) * drawn[:, None]
    extent = torch.where(extent.prod(dim=1, keepdim=True) > 0, extent, 0.0).long()
    sizes = extent.prod(dim=1)
    total = int(sizes.sum())
    if total > _DEVICE_PIXELS and len(points) > 1:
        half = len(points) // 2
        for part in (slice(0, half), slice(half, None)):
            own = order._replace(starts=order.starts[part])
            _draw_limbs_torch(memory, points[part], edges, own, size, sigma, join)
        return

    limb = torch.repeat_interleave(
        torch.arange(len(sizes), device=points.device), sizes, output_size=total
    )
    inner = torch.arange(total, device=points.device) - (sizes.cumsum(0) - sizes)[limb]
    wide = extent[:, 0].clamp(min=1)[limb]
    row, column = inner // wide, inner % wide
    corner = low.long()[limb]
    x, y = corner[:, 0] + column, corner[:, 1] + row
    offset = torch.stack([x, y], dim=1) - first[limb, :2]
    # As a share of the segment; a dot has no direction, so every pixel is nearest to its start.
    direction = torch.where(dot[:, None], 0.0, step / squared.clamp(min=1)[:, None])
    share = (offset * direction[limb]).sum(dim=1).clamp(0, 1)
    distance = ((offset - share[:, None] * step[limb]) ** 2).sum(dim=1)
    values = (torch.exp(distance * (-0.5 / sigma**2)) * score[limb]).to(memory.dtype)
    planes = torch.from_numpy(order.starts.reshape(-1)).to(points.device)
    place = planes[limb] + y * order.row + x * order.column
    if join:
        values = torch.maximum(memory[place], values)
    memory[place] = values
