"""Augmentation of whole batches on the training device, the same for coordinates and pictures.

One set of random numbers per sample (drawn by `ClipSamples`) gives one affine map; the keypoints
go through it and the pictures through its inverse. Rotation and scale are the strong augmentation
of PYSKL (Duan et al. 2022), the crop is RandomResizedCrop (Szegedy et al. 2015).
"""

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor

from microgesture.datasets.bone_lengths import with_other_bones
from microgesture.datasets.photometric import rand_augmented
from microgesture.pose.layouts import Layout


def augment(
    batch: dict[str, Tensor],
    layout: Layout,
    settings: dict,
    *,
    rgb_size: int | None = None,
    training: bool,
    flip: bool = False,
) -> dict[str, Tensor]:
    """A new batch with "skeleton" and "rgb" augmented; every other entry is as it was.

    skeleton: float32 (N, M, T, V, D + 1) in crop units; stays that, joints that are missing stay
    all 0. rgb: uint8 (N, T, S, S, 3); becomes float32 (N, 3, T, rgb_size, rgb_size) in [0, 1].
    settings: the group `augmentation`. Without `training` nothing is random; `flip` then asks for
    the mirror image.
    """
    source = batch["skeleton"] if "skeleton" in batch else batch["rgb"]
    count, device = len(source), source.device
    dims = batch["skeleton"].shape[-1] - 1 if "skeleton" in batch else 2
    if training:
        random = batch["random"]
        mirrored = random[:, 4] < settings["flip"]
    else:
        random = None
        mirrored = torch.full((count,), flip, device=device)
    result = dict(batch)
    matrix, center = affine_maps(random, mirrored, settings, dims)
    more = batch.get("random_more") if training else None
    if more is not None and settings["turn"]:
        matrix = matrix @ turns(settings["turn"] * (2 * more[:, 0] - 1), dims)
    if "skeleton" in batch:
        if training and "random_bones" in batch:
            others, largest = batch["random_bones"], settings["bone_lengths"]
            longer = with_other_bones(batch["skeleton"], layout, others, largest)
            batch = {**batch, "skeleton": longer}
        result["skeleton"] = _move_points(batch, matrix, center, mirrored, layout, settings)
    if "rgb" in batch:
        pictures, size = batch["rgb"], rgb_size or batch["rgb"].shape[2]
        if more is not None and settings["rand_augment"]:
            operations, magnitude = settings["rand_augment"], settings["rand_magnitude"]
            pictures = rand_augmented(pictures, more[:, 1:], operations, magnitude)
        result["rgb"] = _move_pictures(pictures, matrix, center, mirrored, size, settings, random)
    return result


def affine_maps(
    random: Tensor | None, mirrored: Tensor, settings: dict, dims: int
) -> tuple[Tensor, Tensor]:
    """One map per sample, new = matrix @ (old - center) + middle, middle = 0.5 (2D) or 0 (3D).

    random: (N, 16) in [0, 1) or None for no change but the mirror; mirrored: bool (N,). Returns
    matrix float32 (N, D, D) and center (N, D).
    """
    count, device = len(mirrored), mirrored.device
    matrix = torch.eye(dims, device=device).repeat(count, 1, 1)
    center = torch.full((count, dims), 0.5 if dims == 2 else 0.0, device=device)
    if random is not None:
        if dims == 2:
            size, center = _random_crops(random, settings["crop_scale"], settings["crop_ratio"])
            matrix = torch.diag_embed(1 / size)
        if settings["scale"]:
            change = 1 + settings["scale"] * (2 * random[:, 8 : 8 + dims] - 1)
            matrix = change[:, :, None] * matrix
        if settings["rotation"]:
            angles = settings["rotation"] * (2 * random[:, 5:8] - 1)
            matrix = _rotations(angles, dims) @ matrix
    sign = torch.ones(count, dims, device=device)
    sign[:, 0] = torch.where(mirrored, -1.0, 1.0)
    return sign[:, :, None] * matrix, center


def turns(angles: Tensor, dims: int) -> Tensor:
    """Turns about the vertical (y): angles (N,) in radians -> (N, D, D).

    In a picture of somebody far away x shrinks by the cosine: 2D keypoints and pictures do that.
    """
    cos, sin = angles.cos(), angles.sin()
    matrix = torch.eye(dims, device=angles.device).repeat(len(angles), 1, 1)
    matrix[:, 0, 0] = cos
    if dims == 3:
        matrix[:, 2, 2], matrix[:, 0, 2], matrix[:, 2, 0] = cos, sin, -sin
    return matrix


def _random_crops(random: Tensor, scale: list, ratio: list) -> tuple[Tensor, Tensor]:
    """Width and height, and the centre of random crops inside the unit square: (N, 2) each."""
    area = scale[0] + (scale[1] - scale[0]) * random[:, 0]
    low, high = torch.tensor(ratio, dtype=torch.float64).log().tolist()
    aspect = torch.exp(low + (high - low) * random[:, 1])
    # A crop that would reach out of the square is cut to it.
    size = torch.stack([(area * aspect).sqrt(), (area / aspect).sqrt()], dim=1).clamp(max=1.0)
    return size, size / 2 + random[:, 2:4] * (1 - size)


def _rotations(angles: Tensor, dims: int) -> Tensor:
    """2D: one angle; 3D: about x, then y, then z. angles (N, 3) in radians -> (N, D, D)."""
    cos, sin = angles.cos(), angles.sin()
    if dims == 2:
        rows = [cos[:, 0], -sin[:, 0], sin[:, 0], cos[:, 0]]
        return torch.stack(rows, dim=1).reshape(-1, 2, 2)
    result = torch.eye(3, device=angles.device).repeat(len(angles), 1, 1)
    for axis, (a, b) in enumerate(((1, 2), (2, 0), (0, 1))):
        turn = torch.eye(3, device=angles.device).repeat(len(angles), 1, 1)
        turn[:, a, a], turn[:, b, b] = cos[:, axis], cos[:, axis]
        turn[:, a, b], turn[:, b, a] = -sin[:, axis], sin[:, axis]
        result = turn @ result
    return result


def _move_points(batch, matrix, center, mirrored, layout: Layout, settings) -> Tensor:
    points = batch["skeleton"]
    dims = points.shape[-1] - 1
    middle = 0.5 if dims == 2 else 0.0
    moved = torch.einsum("nij,nmtvj->nmtvi", matrix, points[..., :dims] - center[:, *[None] * 3])
    moved = moved + middle
    if "noise" in batch and settings["noise"]:
        moved = moved + settings["noise"] * batch["noise"]
    score = points[..., dims:]
    if "random_joints" in batch and settings["joint_dropout"]:
        kept = batch["random_joints"] >= settings["joint_dropout"]
        score = score * kept[:, None, None, :, None]
    moved = torch.cat([moved * (score > 0), score], dim=-1)
    order = torch.as_tensor(layout.flip_order, device=points.device)
    return torch.where(mirrored.view(-1, 1, 1, 1, 1), moved[:, :, :, order], moved)


def _recoloured(pictures: Tensor, random: Tensor, strength: float) -> Tensor:
    """Channels shuffled and each made stronger or weaker: clothes and walls tell nothing any more.

    pictures (N, T, 3, S, S) in [0, 1]; gains lie in [1 - strength, 1 + strength].
    """
    orders = torch.tensor(list(itertools.permutations(range(3))), device=pictures.device)
    order = orders[(random[:, 10] * len(orders)).long()]  # (N, 3)
    order = order[:, None, :, None, None].expand_as(pictures)
    gain = 1 + strength * (2 * random[:, 13:16] - 1)
    return (torch.gather(pictures, 2, order) * gain[:, None, :, None, None]).flatten(1, 2)


def _move_pictures(rgb, matrix, center, mirrored, size, settings, random) -> Tensor:
    count, frames, height, width, _ = rgb.shape
    # (N, T * 3, S, S): every frame of a clip through the same map
    pictures = rgb.permute(0, 1, 4, 2, 3).reshape(count, frames * 3, height, width).float() / 255
    if random is None and height == width == size:
        moved = torch.where(mirrored.view(-1, 1, 1, 1), pictures.flip(-1), pictures)
    else:
        matrix, center = matrix[:, :2, :2], center[:, :2]
        shift = 2 * center - 1
        theta = torch.cat([torch.linalg.inv(matrix), shift[:, :, None]], dim=2)
        grid = F.affine_grid(theta, [count, 1, size, size], align_corners=False)
        moved = F.grid_sample(pictures, grid, align_corners=False)
    if random is not None:
        if settings["contrast"]:
            factor = 1 + settings["contrast"] * (2 * random[:, 12] - 1)
            mean = moved.mean(dim=(1, 2, 3), keepdim=True)
            moved = (moved - mean) * factor.view(-1, 1, 1, 1) + mean
        if settings["brightness"]:
            change = settings["brightness"] * (2 * random[:, 11] - 1)
            moved = moved + change.view(-1, 1, 1, 1)
        if settings["colour"]:
            moved = _recoloured(moved.unflatten(1, (frames, 3)), random, settings["colour"])
        moved = moved.clamp(0, 1)
    return moved.reshape(count, frames, 3, size, size).transpose(1, 2)
