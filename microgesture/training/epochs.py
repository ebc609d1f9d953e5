"""One epoch of training: the pass over all batches."""

import time
from collections.abc import Callable

import torch
from accelerate import Accelerator
from torch import nn
from torch.utils.data import DataLoader

from microgesture.provenance.errors import BadInput
from microgesture.training.inputs import Inputs, to_device
from microgesture.training.memory import raise_if_memory
from microgesture.training.mixing import loss_of_batch, mixed
from microgesture.training.optimisers import set_learning_rate
from microgesture.training.recogniser import Objective, Recogniser
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
    recogniser: Recogniser,
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    objective: Objective,
    loader: DataLoader,
    make_inputs: Inputs,
    accelerator: Accelerator,
    clock: Clock,
    so_far: EpochSoFar,
    saver: Saver,
    seed_step: Callable[[int], None],
) -> dict[str, float]:
    """One pass over the loader. epoch: from 0, over all stages. so_far: where an interrupted one
    stood (the loader begins there). seed_step: sets the random numbers of a step. Returns the row
    of the curves: the last learning rate, the mean loss and the share of rightly predicted clips.

    Raises BadInput for a loss that is not finite and for too little memory.
    """
    settings, peak = stage.settings, peak_learning_rate(stage.settings)
    model.train()
    steps, device = len(loader), accelerator.device
    check_every = 1 if device.type == "cpu" else 50  # looking at a loss waits for the GPU
    losses, rate = so_far.losses, 0.0
    begin = moment = time.perf_counter()
    for step, batch in enumerate(loader, so_far.step):
        clock.waiting += time.perf_counter() - moment
        rate = learning_rate_at((epoch - stage.first) * steps + step, steps, settings, peak)
        set_learning_rate(optimiser, rate)
        seed_step(step)
        try:
            batch = to_device(batch, device)
            inputs = make_inputs(batch, training=True)
            if "mix" in batch:
                inputs, batch["left"] = mixed(inputs, batch["mix"])
            outputs = model(*inputs)
            loss = loss_of_batch(objective, recogniser, outputs, batch)
            optimiser.zero_grad(set_to_none=True)
            accelerator.backward(loss)
        except RuntimeError as error:
            raise_if_memory(error, settings, make_inputs.streams)
            raise
        if settings["gradient_clip"]:
            accelerator.clip_grad_norm_(model.parameters(), settings["gradient_clip"])
        optimiser.step()
        losses.append(loss.detach())
        combined = sum(output["logits"].detach().float().softmax(dim=1) for output in outputs)
        so_far.right += (combined.argmax(dim=1) == batch["label"]).sum()
        so_far.seen += len(batch["label"])
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
    return {
        "learning_rate": rate,
        "loss": float(mean_loss),
        "accuracy": float(sums[1] / sums[2]),
    }


def _check_finite(losses: list[torch.Tensor], epoch: int, back: int) -> None:
    recent = torch.stack(losses[-back:])
    if not torch.isfinite(recent).all():
        first = int(torch.nonzero(~torch.isfinite(recent))[0]) + len(losses) - len(recent)
        raise BadInput(
            f"the loss is {losses[first].item()} in epoch {epoch + 1}, batch {first + 1}; "
            f"write a lower learning_rate, a lower gradient_clip or a longer warmup_epochs, or "
            f"precision: float32"
        )
