"""One epoch of training: the pass over all batches."""

import time
from collections.abc import Callable, Iterable
from contextlib import closing

import torch
from torch.utils.data import DataLoader

from microgesture.datasets.samples import EpochBatches, Share
from microgesture.provenance.errors import BadInput
from microgesture.training.ahead import made_ahead
from microgesture.training.learner import Learner
from microgesture.training.memory import memory_errors_told
from microgesture.training.saving import EpochSoFar, Saver
from microgesture.training.schedule import learning_rate_at, peak_learning_rate
from microgesture.training.stages import Stage


class Clock:
    """Wall time of training steps, and of the waiting for data within."""

    def __init__(self):
        self.total = self.waiting = 0.0

    def report(self) -> tuple[float, float]:
        """Seconds, and the per cent of them spent waiting for data."""
        return self.total, 100 * self.waiting / max(self.total, 1e-9)


def train_epoch(
    stage: Stage,
    epoch: int,
    learner: Learner,
    batches: EpochBatches,
    loader: DataLoader,
    clock: Clock,
    so_far: EpochSoFar,
    saver: Saver,
    seed_step: Callable[[int], None],
) -> dict[str, float]:
    """One pass over the loader. epoch: from 0, over all stages. batches: what the loader goes by;
    they are set to this epoch, and to begin where an interrupted one stood (`so_far`). seed_step:
    sets the random numbers of a step. Returns the row of the curves: the last learning rate, the
    mean loss and, where the objective judges clips, the share of rightly predicted ones.

    Raises BadInput for a loss that is not finite and for too little memory.
    """
    settings, accelerator = stage.settings, learner.accelerator
    peak = peak_learning_rate(settings)
    learner.model.train()
    steps, device = len(batches), accelerator.device
    check_every = 1 if device.type == "cpu" else 50  # looking at a loss waits for the GPU
    batches.epoch, batches.first = epoch, so_far.step
    losses, rate = so_far.losses, 0.0
    prepare = _preparing(learner, batches, settings["batches_ahead"] > 0)
    prepared = made_ahead(
        enumerate(loader, so_far.step), prepare, settings["batches_ahead"], device
    )
    begin = moment = time.perf_counter()
    with memory_errors_told(settings, learner.make_inputs.streams), closing(prepared):
        for step, passes in prepared:
            clock.waiting += time.perf_counter() - moment
            rate = learning_rate_at((epoch - stage.first) * steps + step, steps, settings, peak)
            seed_step(step)
            share = batches.share(step)
            loss, right = learner.step(passes, share, rate, gradient_weight(share, settings))
            losses.append(loss)
            so_far.right += right
            so_far.seen += share.counting
            so_far.step = step + 1
            if (step + 1) % check_every == 0 or step + 1 == steps:
                _check_finite(losses, epoch, check_every)
            if step + 1 < steps:
                saver.step(so_far)
            moment = time.perf_counter()
    clock.total += time.perf_counter() - begin
    seen = torch.tensor(float(so_far.seen), device=device)
    sums = torch.stack([torch.stack(losses).sum(), so_far.right, seen])
    sums = accelerator.reduce(sums, reduction="sum")
    mean_loss = sums[0] / (steps * accelerator.num_processes)
    row = {"learning_rate": rate, "loss": float(mean_loss)}
    return row | ({"accuracy": float(sums[1] / sums[2])} if learner.objective.judges else {})


def gradient_weight(share: Share, settings: dict) -> float:
    """A short batch's part of a whole one where its clips are to weigh as all others do."""
    weighted = settings["last_batch"] == "weighted"
    return share.batch / settings["batch_size"] if weighted else 1.0


def _preparing(learner: Learner, batches: EpochBatches, at_once: bool) -> Callable:
    """A function of (step, batch) that gives the step and its passes. at_once: all are made."""

    def prepare(item: tuple[int, dict]) -> tuple[int, Iterable]:
        step, batch = item
        passes = learner.prepare(batch, batches.share(step).passes)
        return step, list(passes) if at_once else passes

    return prepare


def _check_finite(losses: list[torch.Tensor], epoch: int, back: int) -> None:
    recent = torch.stack(losses[-back:])
    if not torch.isfinite(recent).all():
        first = int(torch.nonzero(~torch.isfinite(recent))[0]) + len(losses) - len(recent)
        raise BadInput(
            f"the loss is {losses[first].item()} in epoch {epoch + 1}, batch {first + 1}; "
            f"write a lower learning_rate, a lower gradient_clip or a longer warmup_epochs, or "
            f"precision: float32"
        )
