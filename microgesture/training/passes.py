"""One step in several passes forward and backward (gradient accumulation).

The gradients of the passes add up to that of the whole batch. Three things see a pass's clips
instead of the batch's: batch normalisation (`batch_norm: frozen` sees neither), and of the
prototype loss the batch's wrongly predicted clips and how far a step moves the prototypes.
"""

import torch
from torch import Tensor

from microgesture.datasets.samples import number_of_passes


def clips_of_a_pass(settings: dict, processes: int) -> int:
    """The most clips that a process takes at once in training."""
    share = max(settings["batch_size"] // processes, 1)
    return -(-share // number_of_passes(share, settings["micro_batch"]))


def split_batch(batch: dict[str, Tensor], number: int) -> list[dict[str, Tensor]]:
    """`number` parts of a batch, in order, equally large up to one clip."""
    if number == 1:
        return [batch]
    pieces = {name: torch.tensor_split(value, number) for name, value in batch.items()}
    return [{name: piece[place] for name, piece in pieces.items()} for place in range(number)]
