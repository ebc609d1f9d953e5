"""What an RGB network is to say of the hidden part of a clip: its pixels, where the person's joints
are, and how they move.

A clip is cut into tubelets (frames x rows x columns of pixels); a tube is the same place over all
tubelets along time. grid: tubelets along time, height and width, (S, H, W), L = S H W of them,
frame by frame, row by row.
"""

import torch
from torch import Tensor


def tubelet_pixels(x: Tensor, tubelet: tuple[int, int, int]) -> Tensor:
    """(N, C, T, height, width) -> (N, L, t h w, C): the pixels of every tubelet."""
    t, h, w = tubelet
    parts = x.unflatten(4, (-1, w)).unflatten(3, (-1, h)).unflatten(2, (-1, t))
    # (N, C, S, t, H, h, W, w)
    return parts.permute(0, 2, 4, 6, 3, 5, 7, 1).flatten(4, 6).flatten(1, 3)


def standardised_pixels(pixels: Tensor) -> Tensor:
    """(N, L, values, C) -> (N, L, values C): every colour of every tubelet with mean 0 and
    deviation 1, so that edges and movement count and brightness does not (He et al., 2022)."""
    centred = pixels - pixels.mean(dim=2, keepdim=True)
    deviation = pixels.var(dim=2, keepdim=True, unbiased=True).sqrt()
    return (centred / (deviation + 1e-6)).flatten(2)


def tube_energy(pixels: Tensor, grid: tuple[int, int, int]) -> Tensor:
    """(N, H W): how much the pixels of a tube differ from one tubelet to the next, on average.
    pixels: as `tubelet_pixels` gives them. One tubelet along time: all 0."""
    steps = pixels.flatten(2).unflatten(1, (grid[0], -1))
    if grid[0] < 2:
        return steps.new_zeros(steps.shape[0], steps.shape[2])
    return (steps[:, 1:] - steps[:, :-1]).abs().mean(dim=(1, 3))


def joint_places(joints: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    """Where every joint is in every tubelet along time: places (N, S, K, 2), x and y as shares of
    the picture, and known, bool (N, S, K).

    joints: (N, 3, T, V, M), the stream `joint` of 2D keypoints at the frames of the pictures: x and
    y from -1 to 1 and the score; K = M V. A place is the mean over the tubelet's frames, known
    where the joint is seen in all of them, within the picture.
    """
    points = joints.float().permute(0, 2, 4, 3, 1).flatten(2, 3)  # (N, T, K, 3)
    points = points.unflatten(1, (steps, -1))
    places = (points[..., :2].mean(dim=2) + 1) / 2
    known = (points[..., 2] > 0).all(dim=2) & ((places >= 0) & (places <= 1)).all(dim=-1)
    return places, known


def place_shares(places: Tensor, grid: tuple[int, int, int]) -> Tensor:
    """(N, S, K, 2) -> (N, S, H W, K): each place shared out to the four nearest tubelets in
    proportion to nearness, so that it can be told within a tubelet; the shares sum to 1."""
    _, height, width = grid
    x = (places[..., 0] * width - 0.5).clamp(0, width - 1)
    y = (places[..., 1] * height - 0.5).clamp(0, height - 1)
    columns = torch.arange(width, device=places.device)
    rows = torch.arange(height, device=places.device)
    along_x = (1 - (x[..., None] - columns).abs()).clamp(min=0)  # (N, S, K, W)
    along_y = (1 - (y[..., None] - rows).abs()).clamp(min=0)
    shares = along_y[..., :, None] * along_x[..., None, :]  # (N, S, K, H, W)
    return shares.flatten(3).transpose(2, 3)


def joint_motion(places: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Place in the next tubelet minus that in this one, (N, S, K, 2), and where it is known.

    Divided by the clip's root mean square, so that gestures small and large count alike; not in the
    last tubelet, nor where the joint is missing in either.
    """
    both = torch.zeros_like(known)
    both[:, :-1] = known[:, 1:] & known[:, :-1]
    motion = torch.zeros_like(places)
    motion[:, :-1] = places[:, 1:] - places[:, :-1]
    motion = motion * both[..., None]
    count = (2 * both.sum(dim=(1, 2), keepdim=True)).clamp(min=1)[..., None]
    square = motion.square().sum(dim=(1, 2, 3), keepdim=True) / count
    return motion / (square + 1e-10).sqrt(), both
