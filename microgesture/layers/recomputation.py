"""Blocks that keep nothing but their input and are computed anew in the backward pass.

Activation checkpointing: Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016
(arXiv 1604.06174). A step takes about a third longer and keeps a fraction of the memory. The second
computation draws the same random numbers as the first and leaves running statistics alone, so the
gradients and the weights are those of the plain step.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint


def recompute(blocks: Iterable[nn.Module]) -> None:
    """From now on these blocks, which take and give tensors, are computed twice in a training step.
    In place; names of weights and states stay."""
    for block in blocks:
        block.forward = partial(_recomputed, block, block.forward)


def _recomputed(block: nn.Module, forward, *inputs: Tensor) -> Tensor:
    if not (block.training and torch.is_grad_enabled()):
        return forward(*inputs)
    return checkpoint(
        forward,
        *inputs,
        use_reentrant=False,
        context_fn=lambda: (nullcontext(), running_statistics_left_alone(block)),
    )


@contextmanager
def running_statistics_left_alone(block: nn.Module) -> Iterator[None]:
    """Batch normalisation normalises as in training and moves no running statistics inside."""
    norms = [module for module in block.modules() if isinstance(module, _BatchNorm)]
    before = [(norm.momentum, norm.num_batches_tracked) for norm in norms]
    try:
        for norm, (_, batches) in zip(norms, before):
            norm.momentum = 0.0  # running statistics times 1, plus the batch's times 0
            # another tensor takes the count that nobody looks at
            norm.num_batches_tracked = None if batches is None else batches.clone()
        yield
    finally:
        for norm, (momentum, batches) in zip(norms, before):
            norm.momentum, norm.num_batches_tracked = momentum, batches
