"""Random changes of a clip's pictures that move nothing, the same for all its frames.

The colour and grey-level operations of RandAugment (Cubuk et al., CVPR workshops 2020) with
torchvision's ranges; its rotations, shears and shifts are left to the settings that move keypoints
along (rotation, scale, crop). Where an operation looks at the whole picture (its mean, its darkest
and brightest values, its histogram) it looks at the whole clip.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

STRONGEST = 30  # the largest magnitude
GREY = (0.2989, 0.587, 0.114)


def rand_augmented(clips: Tensor, random: Tensor, operations: int, magnitude: int) -> Tensor:
    """uint8 (N, T, H, W, 3) -> the same, each clip changed by some operations, one after another.

    random (N, 2 * operations or more) in [0, 1): of every operation which one it is, and whether
    what can be made more or less is made more.
    """
    return torch.stack(
        [
            _changed(clip.movedim(-1, 1), numbers.tolist(), operations, magnitude).movedim(1, -1)
            for clip, numbers in zip(clips, random)
        ]
    )


def _changed(clip: Tensor, numbers: list[float], operations: int, magnitude: int) -> Tensor:
    names = list(OPERATIONS)
    for place in range(operations):
        which, way = numbers[2 * place : 2 * place + 2]
        change = OPERATIONS[names[int(which * len(names))]]
        clip = change(clip, magnitude / STRONGEST, 1 if way < 0.5 else -1)
    return clip


def brightness(clip: Tensor, strength: float, way: int) -> Tensor:
    """uint8 (T, 3, H, W), as of all operations: towards black, or away from it."""
    return _blended(clip, torch.zeros(1, device=clip.device), 1 + way * 0.9 * strength)


def contrast(clip: Tensor, strength: float, way: int) -> Tensor:
    """Towards the clip's mean grey, or away from it."""
    return _blended(clip, _grey(clip).floor().mean(), 1 + way * 0.9 * strength)


def colour(clip: Tensor, strength: float, way: int) -> Tensor:
    """Towards grey, or away from it."""
    return _blended(clip, _grey(clip).floor(), 1 + way * 0.9 * strength)


def sharpness(clip: Tensor, strength: float, way: int) -> Tensor:
    """Towards a smoothed picture, or away from it; the outermost pixels stay."""
    kernel = torch.ones(3, 3, device=clip.device)
    kernel[1, 1] = 5
    kernel = (kernel / kernel.sum()).expand(3, 1, 3, 3)
    smooth = clip.float().clone()
    inner = F.conv2d(clip.float(), kernel, groups=3).round()
    smooth[..., 1:-1, 1:-1] = inner
    return _blended(clip, smooth, 1 + way * 0.9 * strength)


def posterize(clip: Tensor, strength: float, way: int) -> Tensor:
    """Fewer levels: from 8 bits down to 4."""
    bits = 8 - round(4 * strength)
    return clip & (255 - (2 ** (8 - bits) - 1))


def solarize(clip: Tensor, strength: float, way: int) -> Tensor:
    """Levels from a threshold on are turned round: 255 at no strength, 0 at full."""
    threshold = 255 * (1 - strength)
    return torch.where(clip >= threshold, 255 - clip, clip)


def autocontrast(clip: Tensor, strength: float, way: int) -> Tensor:
    """Every channel stretched to the whole range; one of a single level stays."""
    values = clip.float()
    low, high = values.amin((0, 2, 3), keepdim=True), values.amax((0, 2, 3), keepdim=True)
    flat = high == low
    stretched = (values - torch.where(flat, 0.0, low)) * torch.where(flat, 1.0, 255 / (high - low))
    return stretched.clamp(0, 255).to(torch.uint8)


def equalize(clip: Tensor, strength: float, way: int) -> Tensor:
    """Every channel so that its levels are used evenly."""
    return torch.stack([_equalized(clip[:, channel]) for channel in range(3)], dim=1)


def identity(clip: Tensor, strength: float, way: int) -> Tensor:
    """The clip as it is."""
    return clip


OPERATIONS: dict[str, Callable[[Tensor, float, int], Tensor]] = {
    "identity": identity,
    "brightness": brightness,
    "colour": colour,
    "contrast": contrast,
    "sharpness": sharpness,
    "posterize": posterize,
    "solarize": solarize,
    "autocontrast": autocontrast,
    "equalize": equalize,
}


def _grey(clip: Tensor) -> Tensor:
    weights = torch.tensor(GREY, device=clip.device).view(3, 1, 1)
    return (clip.float() * weights).sum(dim=1, keepdim=True)


def _blended(clip: Tensor, other: Tensor, share: float) -> Tensor:
    return (share * clip.float() + (1 - share) * other).clamp(0, 255).to(torch.uint8)


def _equalized(channel: Tensor) -> Tensor:
    counts = torch.bincount(channel.flatten().long(), minlength=256)
    last = counts[counts > 0][-1]
    step = torch.div(counts.sum() - last, 255, rounding_mode="floor")
    if step == 0:
        return channel
    table = torch.div(counts.cumsum(0) - counts + torch.div(step, 2, rounding_mode="floor"), step,
                      rounding_mode="floor")  # fmt: skip
    return table.clamp(0, 255).to(torch.uint8)[channel.long()]
