"""Clips mixed with one another while a network learns: mixup and CutMix.

mixup (Zhang et al., ICLR 2018): a clip is the weighted mean of itself and another one, and so is
its loss; of skeletons the mean has each joint between the two. CutMix (Yun et al., ICCV 2019): a
rectangle of the pictures is the other one's, the same in all frames, and the loss is shared by
area. The share is drawn for every clip from Beta(a, a).
"""

import torch
from torch import Tensor

from microgesture.provenance.errors import BadInput
from microgesture.training.recogniser import Objective, Recogniser


def mixed(inputs: tuple[Tensor, ...], mix: Tensor) -> tuple[tuple[Tensor, ...], Tensor]:
    """(inputs, share (N,) that is left of each clip): every clip mixed with the one before it in
    the batch, the first with the last.

    inputs: float (N, C, T, H, W) of every stream; a rectangle has the same place in all of them.
    Of skeletons (N, C, T, V, M) whole clips alone are mixed.
    mix (N, 4): see `draw_more`.
    """
    share, cuts = mix[:, 0], mix[:, 1] > 0.5
    side = (1 - share).clamp(min=0).sqrt()
    rows, columns = (_interval(mix[:, place], side) for place in (2, 3))
    area = (rows[1] - rows[0]) * (columns[1] - columns[0])
    left = torch.where(cuts, 1 - area, share)
    return tuple(_one(stream, share, cuts, rows, columns) for stream in inputs), left


def _interval(middle: Tensor, side: Tensor) -> tuple[Tensor, Tensor]:
    """Both ends in [0, 1] of a side of the rectangle; one that reaches out is cut."""
    return (middle - side / 2).clamp(min=0), (middle + side / 2).clamp(max=1)


def _one(stream: Tensor, share: Tensor, cuts: Tensor, rows, columns) -> Tensor:
    other, (height, width) = stream.roll(1, dims=0), stream.shape[3:]
    inside = _covered(height, *rows)[:, :, None] & _covered(width, *columns)[:, None]
    weight = torch.where(cuts.view(-1, 1, 1), (~inside).float(), share.view(-1, 1, 1))
    weight = weight[:, None, None].to(stream.dtype)
    return weight * stream + (1 - weight) * other


def _covered(size: int, low: Tensor, high: Tensor) -> Tensor:
    """bool (N, size): pixels whose middle lies in the interval."""
    middles = (torch.arange(size, device=low.device) + 0.5) / size
    return (middles >= low[:, None]) & (middles < high[:, None])


def loss_of_batch(
    objective: Objective,
    recogniser: Recogniser,
    outputs: list[dict],
    batch: dict[str, Tensor],
    *more: float,
) -> Tensor:
    """The loss of a batch; where its clips were mixed, that of both labels by their shares.

    batch: "label", "weight" and, of mixed clips, "left" (N,): what is left of each; more: what else
    the objective is called with. Raises BadInput beside the prototype loss, whose prototypes are
    means of whole clips.
    """
    labels, weights = batch["label"], batch["weight"]
    if "left" not in batch:
        return objective(recogniser, outputs, labels, weights, *more)
    if recogniser.prototype is not None:
        raise BadInput(
            "augmentation: mixup and cutmix mix clips, and prototypes are means of whole ones; "
            "write prototype_loss: {weight: 0}, or mixup: 0 and cutmix: 0"
        )
    left = batch["left"].to(weights.dtype)
    own = objective(recogniser, outputs, labels, weights * left, *more)
    others = weights.roll(1, dims=0) * (1 - left)
    return own + objective(recogniser, outputs, labels.roll(1, dims=0), others, *more)
