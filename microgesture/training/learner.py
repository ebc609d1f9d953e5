"""One training step: forward and backward in one pass or several, then the optimiser."""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from microgesture.datasets.samples import Share
from microgesture.training.averaging import WeightAverage
from microgesture.training.inputs import Inputs, to_device
from microgesture.training.mixing import loss_of_batch, mixed
from microgesture.training.optimisers import set_learning_rate
from microgesture.training.passes import split_batch
from microgesture.training.recogniser import Objective, Recogniser


@dataclass
class Learner:
    """What takes a step. recogniser: with the weights. model: it, or what learns of it, prepared by
    the accelerator. average: of the weights, or None. settings: those of the stage."""

    recogniser: Recogniser
    model: nn.Module
    optimiser: torch.optim.Optimizer
    objective: Objective
    make_inputs: Inputs
    accelerator: Accelerator
    settings: dict
    average: WeightAverage | None = None

    def prepare(
        self, batch: dict[str, Tensor], passes: int
    ) -> Iterator[tuple[dict, tuple[Tensor, ...]]]:
        """The batch, on the device, as parts and their inputs, a pass each; made when asked for."""
        batch = to_device(batch, self.accelerator.device)
        for part in split_batch(batch, passes):
            inputs = self.make_inputs(part, training=True)
            if "mix" in part:
                inputs, part["left"] = mixed(inputs, part["mix"])
            yield part, inputs

    def step(
        self,
        prepared: Iterable[tuple[dict, tuple[Tensor, ...]]],
        share: Share,
        rate: float,
        weight: float = 1.0,
    ) -> tuple[Tensor, Tensor]:
        """Take a step on what `prepare` gives, which is this process's `share` of a batch.

        weight: what the gradient is multiplied by. Returns scalars: the loss, whose mean over the
        processes is the mean over the batch's clips, and how many clips are rightly predicted.
        """
        set_learning_rate(self.optimiser, rate)
        total, right, seen = 0.0, 0, 0
        self.optimiser.zero_grad(set_to_none=True)
        for place, (part, inputs) in enumerate(prepared):
            here = len(part["label"])
            last = place + 1 == share.passes
            # the processes exchange gradients once a step, in the last pass
            with nullcontext() if last else self.accelerator.no_sync(self.model):
                outputs = self.model(*inputs)
                loss = loss_of_batch(
                    self.objective, self.recogniser, outputs, part, here / share.clips
                )
                loss = _times(loss, here * self.accelerator.num_processes / share.batch)
                self.accelerator.backward(_times(loss, weight))
            total = total + loss.detach()
            if self.objective.judges:
                right = right + _hits(outputs, part)[: max(share.counting - seen, 0)].sum()
            seen += here
        if self.settings["gradient_clip"]:
            self.accelerator.clip_grad_norm_(
                self.model.parameters(), self.settings["gradient_clip"]
            )
        self.optimiser.step()
        if self.average is not None:
            self.average.update(self.recogniser)
        return total, right


def _hits(outputs: list[dict[str, Tensor]], part: dict[str, Tensor]) -> Tensor:
    """bool (N,): the clips that the outputs together predict rightly."""
    combined = sum(output["logits"].detach().float().softmax(dim=1) for output in outputs)
    return combined.argmax(dim=1) == part["label"]


def _times(loss: Tensor, factor: float) -> Tensor:
    return loss if factor == 1 else loss * factor
