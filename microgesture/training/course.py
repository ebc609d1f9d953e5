"""What a training has come to: its epochs, the best of them, the average of its weights."""

import logging
from dataclasses import dataclass, field

import torch
from accelerate import Accelerator
from torch import Tensor

from microgesture.training.averaging import WeightAverage
from microgesture.training.recogniser import Recogniser
from microgesture.training.saving import EpochSoFar

LOGGER = logging.getLogger(__name__)


@dataclass
class TrainingResult:
    """weights: the kept state dict of the Recogniser (CPU), or its moving average where
    `weight_averaging` asks for one. epoch: after which epoch (from 1) they were taken. scores:
    their validation scores, {} without validation clips. rows: one dictionary per epoch for the
    curves. snapshots: weights of earlier epochs that predict together with them."""

    weights: dict[str, torch.Tensor]
    epoch: int
    scores: dict[str, float]
    rows: list[dict[str, float | str]]
    snapshots: list[dict[str, torch.Tensor]] = field(default_factory=list)


@dataclass
class Course:
    """average: the moving average of the recogniser's weights, None where none is asked for.
    so_far: of the epoch under way. epoch: epochs done. rows: one of each. best: the best one's row
    and weights, where the best is asked for. snapshots: weights of earlier epochs."""

    recogniser: Recogniser
    average: WeightAverage | None
    so_far: EpochSoFar
    epoch: int = 0
    rows: list[dict[str, float | str]] = field(default_factory=list)
    best: dict | None = None
    snapshots: list[dict[str, Tensor]] = field(default_factory=list)

    def restore(self, saved: dict, accelerator: Accelerator) -> None:
        """Go on from what `state` gave, weights and average included."""
        self.recogniser.load_state_dict(saved["model"])
        self.epoch, self.rows, self.best = saved["epoch"], saved["rows"], saved["best"]
        self.snapshots = saved.get("snapshots", [])
        if saved["so_far"] is not None:
            process = accelerator.process_index
            self.so_far = EpochSoFar.from_state(saved["so_far"], process, accelerator.device)
        if self.average:
            self.average.load(saved["average"])
        told = "going on after epoch %d, step %d of an interrupted training"
        LOGGER.info(told, self.epoch, self.so_far.step)

    def state(self, so_far: dict | None) -> dict:
        """What `restore` takes. so_far: what `EpochSoFar.gathered` gave, None between epochs."""
        return {
            "model": self.recogniser.state_dict(),
            "average": self.average.state() if self.average else None,
            "epoch": self.epoch,
            "rows": self.rows,
            "best": self.best,
            "snapshots": self.snapshots,
            "so_far": so_far,
        }

    def weights(self) -> dict[str, Tensor]:
        """Copies on the CPU of the weights as they stand, or of their average."""
        state = self.average.tensors if self.average else self.recogniser.state_dict()
        return {
            name: value.detach().to("cpu", copy=True).contiguous() for name, value in state.items()
        }

    def add(self, row: dict[str, float | str], keep_best: bool, snapshot: bool) -> None:
        """An epoch has ended. row: its number in "epoch" and what is known of it; keep_best: keep
        its weights where it has been validated better than all before; snapshot: keep them anyway.
        """
        validated = "validation_nll" in row
        if keep_best and validated and (self.best is None or _rank(row) > _rank(self.best["row"])):
            self.best = {"row": row, "weights": self.weights()}
        self.rows.append(row)
        self.epoch += 1
        if snapshot:
            self.snapshots.append(self.weights())

    def result(self) -> TrainingResult:
        """The best epoch where it is kept, else the last one."""
        kept = self.best or {"row": self.rows[-1], "weights": self.weights()}
        scores = {
            name.removeprefix("validation_"): value
            for name, value in kept["row"].items()
            if name.startswith("validation_")
        }
        return TrainingResult(
            kept["weights"], kept["row"]["epoch"], scores, self.rows, self.snapshots
        )


def _rank(row: dict) -> tuple[float, float]:
    """Higher mean-class accuracy, then lower loss."""
    return row["validation_mean_class_accuracy"], -row["validation_nll"]
