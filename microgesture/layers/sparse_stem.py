"""A stem convolution that works from the blobs of a heatmap volume instead of all its voxels.

A joint's channel holds one Gaussian blob of about 5 x 5 pixels per frame; everything else (99 %) is
zero. With the blobs cut out as patches, the convolution becomes one small matrix product per joint,
whose results are added into the output at the blobs' places. Same weights and same result as the
dense convolution; at 68 joints and 56 x 56 pixels about a fiftieth of its multiply-adds.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from microgesture.layers.conv3d_blocks import Stem3d
from microgesture.layers.memory_layout import is_channels_last

LARGEST_PATCH = 8  # pixels; larger blobs (limbs, several people) are left to the dense convolution
BUFFER = 2**20  # floats that are between matrix product and scattering at a time: fits the cache


def first_and_size(filled: Tensor) -> tuple[Tensor, int]:
    """First filled place of each line, and the longest reach from first to last filled place.

    filled: bool (..., L) -> int64 (...), int >= 1.
    """
    marks = filled.to(torch.uint8)
    first = marks.argmax(-1)
    last = filled.shape[-1] - 1 - marks.flip(-1).argmax(-1)
    return first, int(torch.where(filled.any(-1), last - first + 1, 1).amax())


def find_patches(volume: Tensor) -> tuple[Tensor, Tensor, Tensor] | None:
    """Cut the blob out of every frame of every channel.

    volume (N, V, T, H, W), not negative -> patches (V, N * T, P * P), and the row and column
    (V, N * T) int64 of each patch's first pixel; P is the largest blob's side. None if a blob is
    larger than LARGEST_PATCH or the frame, so that the dense convolution is the better way.
    """
    height, width = volume.shape[3:]
    largest = min(LARGEST_PATCH, height, width)
    if not volume.is_contiguous(memory_format=torch.channels_last_3d):
        volume = volume.contiguous()
    plain = volume.is_contiguous()
    if plain:
        filled = (volume.flatten(0, 3) @ volume.new_ones(width)).view(volume.shape[:4])
    else:  # channels last: that sum would copy all of it into the other order first
        clips, channels, frames = volume.shape[:3]
        images = volume.permute(0, 2, 3, 4, 1)  # as it lies
        filled = volume.new_ones(1, 1, width) @ images.flatten(0, 2)
        filled = filled.view(clips, frames, height, channels).permute(0, 3, 1, 2)
    top, rows = first_and_size(filled != 0)
    if rows > largest:
        return None
    top = top.clamp(max=height - rows)
    steps = torch.arange(largest, device=volume.device)
    if plain:
        strip_rows = (top[..., None] + steps[:rows])[..., None].expand(-1, -1, -1, -1, width)
        filled = (volume.gather(3, strip_rows) != 0).any(3)
    else:
        filled = volume.new_ones(1, 1, height) @ images.flatten(3, 4).flatten(0, 1)
        filled = filled.view(clips, frames, width, channels).permute(0, 3, 1, 2) != 0
    left, columns = first_and_size(filled)
    side = max(rows, columns)
    if side > largest:
        return None
    top, left = top.clamp(max=height - side), left.clamp(max=width - side)
    patches = _cut(volume, top, left, steps[:side])
    return tuple(tensor.transpose(0, 1).flatten(1, 2) for tensor in (patches, top, left))


def _cut(volume: Tensor, top: Tensor, left: Tensor, steps: Tensor) -> Tensor:
    """Squares of a volume (N, V, T, H, W) in its own order or channels last: (N, V, T, P * P).
    top, left: int64 (N, V, T); steps: 0 to P - 1."""
    strides = volume.stride()
    start = top * strides[3] + left * strides[4]
    for axis in range(3):
        along = torch.arange(volume.shape[axis], device=volume.device) * strides[axis]
        start += along.view(-1, *[1] * (2 - axis))
    inside = (steps[:, None] * strides[3] + steps * strides[4]).flatten()
    places = start[..., None] + inside
    numbers = volume.as_strided((volume.numel(),), (1,))
    return numbers.index_select(0, places.flatten()).view(places.shape)


def spread_kernel(weight: Tensor, side: int) -> Tensor:
    """What each pixel of a patch contributes to each output pixel around it.

    weight (C, V, K, K) -> (V, side * side, Q * Q * C), Q = side + K - 1; output pixel (0, 0) lies
    K // 2 pixels above and left of the patch's first pixel.
    """
    reach = side - 1
    kernel = F.pad(weight.flip(2, 3), (reach, reach, reach, reach))
    span = side + weight.shape[2] - 1
    windows = kernel.unfold(2, span, 1).unfold(3, span, 1).flip(2, 3)  # (C, V, side, side, Q, Q)
    return windows.permute(1, 2, 3, 4, 5, 0).flatten(3, 5).flatten(1, 2)


def gather_kernel(spread: Tensor, channels: int, kernel: int) -> Tensor:
    """The transposed step of `spread_kernel`: sums it back, (V, side^2, Q^2 C) -> (C, V, K, K)."""
    side = round(spread.shape[1] ** 0.5)
    span = side + kernel - 1
    spread = spread.view(-1, side, side, span, span, channels)
    total = spread.new_zeros(spread.shape[0], kernel, kernel, channels)
    for row in range(side):
        for column in range(side):
            total += spread[:, row, column, row : row + kernel, column : column + kernel]
    return total.flip(1, 2).permute(3, 0, 1, 2)


class PatchConvolution(torch.autograd.Function):
    """Adds every patch's contribution into a canvas; the gradient goes to the weight only.

    weight (C, V, K, K); patches (V, M, P * P); starts (V, M) int64, the canvas row of a patch's
    output pixel (0, 0); inside (Q * Q,) int64, the rows of its other output pixels from there ->
    canvas (rows, C).
    """

    @staticmethod
    def forward(ctx, weight: Tensor, patches: Tensor, starts: Tensor, inside: Tensor, rows: int):
        channels, joints, kernel, _ = weight.shape
        ctx.save_for_backward(patches, starts, inside)
        ctx.size = channels, kernel
        spread = spread_kernel(weight, round(patches.shape[2] ** 0.5))
        canvas = weight.new_zeros(rows, channels)
        for some in joint_groups(joints, patches.shape[1] * spread.shape[2]):
            pieces = torch.bmm(patches[some], spread[some]).view(-1, channels)
            canvas.index_add_(0, (starts[some, :, None] + inside).flatten(), pieces)
        return canvas

    @staticmethod
    def backward(ctx, gradient: Tensor):
        patches, starts, inside = ctx.saved_tensors
        channels, kernel = ctx.size
        joints, number, pixels = patches.shape
        # The Q pixels of an output row lie side by side: one overlapping row of the view each.
        span = round(pixels**0.5) + kernel - 1
        gradient = gradient.contiguous()
        runs = gradient.as_strided((gradient.shape[0] - span + 1, span * channels), (channels, 1))
        spread = gradient.new_empty(joints, pixels, len(inside) * channels)
        for some in joint_groups(joints, number * len(inside) * channels):
            places = (starts[some, :, None] + inside[::span]).flatten()
            pieces = runs.index_select(0, places).view(-1, number, len(inside) * channels)
            torch.bmm(patches[some].transpose(1, 2), pieces, out=spread[some])
        return gather_kernel(spread, channels, kernel), None, None, None, None


def joint_groups(joints: int, floats_each: int) -> list[slice]:
    """Consecutive joints, as many at a time as the buffer holds (at least one)."""
    step = max(1, BUFFER // floats_each)
    return [slice(first, first + step) for first in range(0, joints, step)]


def sparse_convolution(volume: Tensor, weight: Tensor) -> Tensor | None:
    """The convolution of a heatmap volume with a 1 x K x K kernel, stride 1, same padding, no bias.

    volume (N, V, T, H, W), weight (C, V, 1, K, K), K odd -> (N, C, T, H, W), a view with the
    channels last in memory, in the weight's dtype. The gradient goes to the weight only. None where
    the volume is not made of small blobs.
    """
    found = find_patches(volume)
    if found is None:
        return None
    patches, top, left = found
    clips, _, frames, height, width = volume.shape
    edge = weight.shape[3] // 2
    tall, wide = height + 2 * edge, width + 2 * edge
    frame = torch.arange(clips * frames, device=volume.device)
    starts = (frame * tall + top) * wide + left
    steps = torch.arange(round(patches.shape[2] ** 0.5) + 2 * edge, device=volume.device)
    inside = (steps[:, None] * wide + steps).flatten()
    with torch.autocast(volume.device.type, enabled=False):
        canvas = PatchConvolution.apply(
            weight[:, :, 0], patches.to(weight.dtype), starts, inside, clips * frames * tall * wide
        )
    canvas = canvas.view(clips, frames, tall, wide, -1)
    canvas = canvas[:, :, edge : edge + height, edge : edge + width]
    return canvas.permute(0, 4, 1, 2, 3)


class SparseStem(Stem3d):
    """The stem of a heatmap network: dense or sparse, whichever is the faster way to the same.

    The sparse way is taken on a CPU, for kernels of at least 5 x 5 pixels and one frame with stride
    1, when no gradient of the heatmaps is asked for. (On a GPU the dense way is fast and adds in a
    fixed order.) Weights and names are those of `Stem3d`.
    """

    def forward(self, x: Tensor) -> Tensor:
        weight = self.conv.weight
        suits = (
            x.device.type == "cpu"
            and not x.requires_grad
            and weight.shape[2] == 1
            and min(weight.shape[3:]) >= 5
            and weight.shape[3] == weight.shape[4]
            and self.conv.stride == (1, 1, 1)
        )
        volume = sparse_convolution(x, weight) if suits else None
        if volume is None:
            return super().forward(x)
        layout = torch.channels_last_3d if is_channels_last(weight) else torch.contiguous_format
        if torch.is_autocast_enabled("cpu"):  # as the dense convolution would
            volume = volume.to(torch.get_autocast_dtype("cpu"))
        volume = self.norm(volume.contiguous(memory_format=layout))
        return torch.relu_(volume) if self.relu else volume
