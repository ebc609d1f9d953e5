"""What a network is to say of the hidden parts of a clip: where joints are, or how they move.

Values of persons are those of one person each: (B, C, T, V), B = clips times persons.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

SCALES = ("token", "clip")


def split_stream(x: Tensor, dims: int) -> tuple[Tensor, Tensor]:
    """Values (B, dims, T, V) and whether they are known, bool (B, 1, T, V), of a skeleton stream.

    x: (B, C, T, V) as `make_stream` gives it: 2D with the score as third channel, 3D without one;
    of joint_bone_motion the joints count. A joint is known where its score is above 0, in 3D where
    a coordinate is not 0.
    """
    values = x[:, :dims]
    known = x[:, dims : dims + 1] > 0 if dims == 2 else (values != 0).any(dim=1, keepdim=True)
    return values, known


def motion_of(values: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Next frame minus this one, and where it is known: not in the last frame, nor where the joint
    is missing in either."""
    both = torch.zeros_like(known)
    both[:, :, :-1] = known[:, :, 1:] & known[:, :, :-1]
    motion = torch.zeros_like(values)
    motion[:, :, :-1] = values[:, :, 1:] - values[:, :, :-1]
    return motion * both, both


def in_segments(x: Tensor, segment: int) -> Tensor:
    """(B, C, T, V) -> (B, S, V, C * segment): the values of every token. The last segment is filled
    with zeros where T does not fill it."""
    x = F.pad(x, (0, 0, 0, -x.shape[2] % segment))
    return x.unflatten(2, (-1, segment)).permute(0, 2, 4, 1, 3).flatten(3)


def standardised(target: Tensor, known: Tensor, scale: str) -> Tensor:
    """Targets of every token (B, S, V, values) brought to a size that a loss can add up.

    token: mean 0 and deviation 1 within every token, as in MAMP: a trembling joint then counts as
    much as one that is waved. clip: divided by the root mean square of the person's known values,
    so that what moves more counts more. known: bool, the same shape; 0 elsewhere.
    """
    weight = known.to(target.dtype)
    if scale == "token":
        count = weight.sum(dim=-1, keepdim=True).clamp(min=1)
        mean = (target * weight).sum(dim=-1, keepdim=True) / count
        centred = (target - mean) * weight
        variance = centred.square().sum(dim=-1, keepdim=True) / count
        return centred / (variance + 1e-6).sqrt()
    count = weight.sum(dim=(1, 2, 3), keepdim=True).clamp(min=1)
    square = (target.square() * weight).sum(dim=(1, 2, 3), keepdim=True) / count
    return target * weight / (square + 1e-10).sqrt()


def mean_error(predicted: Tensor, target: Tensor, counted: Tensor) -> Tensor:
    """The mean squared error of the values that count (bool, the same shape); 0 where none does."""
    error = (predicted.float() - target.float()).square() * counted
    return error.sum() / counted.sum().clamp(min=1)


def place_distribution(heatmaps: Tensor, size: tuple[int, int, int]) -> tuple[Tensor, Tensor]:
    """Where each joint is, as a share of the cells of a coarser map: (N, V, T, H, W) ->
    (N, V, *size), which sums to 1 over the last two; and bool (N, V, size[0]), False where the
    joint has no blob."""
    coarse = F.adaptive_avg_pool3d(heatmaps.float(), size)
    total = coarse.sum(dim=(3, 4))
    known = total > 1e-6
    return coarse / total.clamp(min=1e-6)[..., None, None], known
