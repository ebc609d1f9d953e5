"""The training loop of every network: one explicit pass over epochs and batches."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from tqdm import tqdm

from microgesture.datasets.balancing import balanced_draw_weights
from microgesture.datasets.clips import Clips
from microgesture.datasets.samples import EpochBatches, make_loader
from microgesture.provenance.errors import BadInput
from microgesture.training.inputs import Inputs, is_convolutional, make_samples, to_device
from microgesture.training.optimisers import make_optimiser, set_learning_rate
from microgesture.training.prediction import predict_logits, score_logits
from microgesture.training.recogniser import Objective, Recogniser
from microgesture.training.schedule import learning_rate_at, peak_learning_rate
from microgesture.training.state import load_state, save_state

LOGGER = logging.getLogger(__name__)


@dataclass
class TrainingResult:
    """weights: the kept state dict of the Recogniser (CPU). epoch: after which epoch (from 1) they
    were taken. scores: their validation scores, {} without validation clips. rows: one dictionary
    per epoch for the curves."""

    weights: dict[str, torch.Tensor]
    epoch: int
    scores: dict[str, float]
    rows: list[dict[str, float]]


def train(
    recogniser: Recogniser,
    clips: Clips,
    training: np.ndarray,
    validation: np.ndarray,
    streams: tuple[str, ...],
    settings: dict,
    accelerator: Accelerator,
    *,
    counts: np.ndarray,
    seed: int,
    state: Path | None = None,
    fingerprint: str = "",
    stop: Callable[[int], bool] = lambda epoch: False,
) -> TrainingResult:
    """Train on the clip numbers `training`, look at `validation` after every epoch.

    counts: labelled clips per class, for the class weights. state: folder that keeps what is
    needed to go on after an interruption; the result is then the same, bit for bit. fingerprint:
    tells this training from others. stop: asked after every epoch, True leaves the loop with the
    state kept. Raises BadInput for a loss that is not finite and for too little memory.
    """
    if not len(training):
        raise BadInput("there is no labelled training clip; give some clips the split 'train'")
    if is_convolutional(streams):
        recogniser = recogniser.to(memory_format=torch.channels_last_3d)
    recogniser = recogniser.to(accelerator.device)
    model, optimiser = accelerator.prepare(recogniser, make_optimiser(recogniser, settings))
    objective = Objective(settings, counts, accelerator.device)
    batches = _training_batches(clips, training, settings, seed, accelerator)
    loader = make_loader(
        make_samples(clips, streams, settings, seed=seed, training=True),
        batches,
        settings["loader_workers"],
        pin=accelerator.device.type == "cuda",
    )
    make_inputs = Inputs(streams, clips, settings, accelerator.mixed_precision == "bf16")
    peak = peak_learning_rate(settings)
    LOGGER.info(
        "%d clips, %d steps of %d per epoch, %d epochs, learning rate %g, %s on %s, %d process(es)",
        *(len(training), len(batches), settings["batch_size"], settings["epochs"], peak),
        *(accelerator.mixed_precision, accelerator.device, accelerator.num_processes),
    )
    start, rows, best = 0, [], None
    saved = load_state(state, fingerprint)
    if saved is not None:
        recogniser.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        start, rows, best = saved["epoch"], saved["rows"], saved["best"]
        LOGGER.info("going on after epoch %d of an interrupted training", start)
    clock = Clock()
    bar = tqdm(total=settings["epochs"], initial=start, unit="epoch", disable=None)
    for epoch in range(start, settings["epochs"]):
        # Dropout depends on the epoch alone, so an interruption does not change it.
        torch.manual_seed(hash_seed(seed, epoch, accelerator.process_index))
        batches.epoch = epoch
        loss, accuracy, rate = _train_epoch(
            model, recogniser, optimiser, objective, loader, make_inputs, accelerator, settings,
            epoch, peak, clock,
        )  # fmt: skip
        row = {"epoch": epoch + 1, "learning_rate": rate, "loss": loss, "accuracy": accuracy}
        last = epoch + 1 == settings["epochs"]
        if len(validation) and (last or (epoch + 1) % settings["validate_every"] == 0):
            logits = predict_logits(model, clips, validation, streams, settings, accelerator)
            scores = score_logits(logits, clips.labels[validation])
            row |= {f"validation_{name}": value for name, value in scores.items()}
            bar.set_postfix(loss=f"{loss:.3f}", validation=f"{scores['mean_class_accuracy']:.3f}")
            if settings["checkpoint"] == "best" and _better(row, best):
                best = {"row": row, "weights": _weights(recogniser)}
        rows.append(row)
        bar.update()
        if accelerator.is_main_process:
            save_state(
                state,
                {
                    "fingerprint": fingerprint,
                    "epoch": epoch + 1,
                    "model": recogniser.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "rows": rows,
                    "best": best,
                },
            )
        if stop(epoch + 1):
            break
    bar.close()
    LOGGER.info("trained in %.1f s, of which waiting for data %.1f %%", *clock.report())
    kept = best or {"row": rows[-1], "weights": _weights(recogniser)}
    scores = {
        name.removeprefix("validation_"): value
        for name, value in kept["row"].items()
        if name.startswith("validation_")
    }
    return TrainingResult(kept["weights"], kept["row"]["epoch"], scores, rows)


def hash_seed(seed: int, epoch: int, process: int = 0) -> int:
    """One 63-bit seed from three numbers."""
    return int(np.random.SeedSequence([seed, epoch, process]).generate_state(1, np.uint64)[0] >> 1)


class Clock:
    """Wall time of training steps, and of the waiting for data within."""

    def __init__(self):
        self.total = self.waiting = 0.0

    def report(self) -> tuple[float, float]:
        """Seconds, and the per cent of them spent waiting for data."""
        return self.total, 100 * self.waiting / max(self.total, 1e-9)


def _training_batches(clips, training, settings, seed, accelerator) -> EpochBatches:
    weights = None
    if settings["balanced_sampling"]:
        labels = clips.labels[training]
        weights = balanced_draw_weights(labels, int(labels.max()) + 1)
    if settings["batch_size"] % accelerator.num_processes:
        raise BadInput(
            f"batch_size is {settings['batch_size']} for all {accelerator.num_processes} processes "
            f"together; write a multiple of {accelerator.num_processes}"
        )
    return EpochBatches(
        training,
        settings["batch_size"],
        repeats=settings["repeats"],
        seed=seed,
        draw_weights=weights,
        process=accelerator.process_index,
        processes=accelerator.num_processes,
    )


def _train_epoch(
    model, recogniser, optimiser, objective, loader, make_inputs, accelerator, settings, epoch,
    peak, clock,
) -> tuple[float, float, float]:  # fmt: skip
    """One pass. Returns the mean loss, the share of rightly predicted clips, the last rate."""
    model.train()
    steps, device = len(loader), accelerator.device
    check_every = 1 if device.type == "cpu" else 50  # looking at a loss waits for the GPU
    losses: list[torch.Tensor] = []
    right = torch.zeros((), device=device)
    seen, rate = 0, 0.0
    begin = moment = time.perf_counter()
    for step, batch in enumerate(loader):
        clock.waiting += time.perf_counter() - moment
        rate = learning_rate_at(epoch * steps + step, steps, settings, peak)
        set_learning_rate(optimiser, rate)
        try:
            batch = to_device(batch, device)
            outputs = model(*make_inputs(batch, training=True))
            loss = objective(recogniser, outputs, batch["label"], batch["weight"])
            optimiser.zero_grad(set_to_none=True)
            accelerator.backward(loss)
        except RuntimeError as error:
            raise_if_memory(error, settings)
            raise
        if settings["gradient_clip"]:
            accelerator.clip_grad_norm_(model.parameters(), settings["gradient_clip"])
        optimiser.step()
        losses.append(loss.detach())
        combined = sum(output["logits"].detach().float().softmax(dim=1) for output in outputs)
        right += (combined.argmax(dim=1) == batch["label"]).sum()
        seen += len(batch["label"])
        if (step + 1) % check_every == 0 or step + 1 == steps:
            _check_finite(losses, epoch, check_every)
        moment = time.perf_counter()
    clock.total += time.perf_counter() - begin
    sums = torch.stack([torch.stack(losses).sum(), right, torch.tensor(float(seen), device=device)])
    sums = accelerator.reduce(sums, reduction="sum")
    mean_loss = sums[0] / (steps * accelerator.num_processes)
    return float(mean_loss), float(sums[1] / sums[2]), rate


def _check_finite(losses: list[torch.Tensor], epoch: int, back: int) -> None:
    recent = torch.stack(losses[-back:])
    if not torch.isfinite(recent).all():
        first = int(torch.nonzero(~torch.isfinite(recent))[0]) + len(losses) - len(recent)
        raise BadInput(
            f"the loss is {losses[first].item()} in epoch {epoch + 1}, batch {first + 1}; "
            f"write a lower learning_rate, a lower gradient_clip or a longer warmup_epochs, or "
            f"precision: float32"
        )


def raise_if_memory(error: RuntimeError, settings: dict) -> None:
    """BadInput that says what to lower, if the error tells of too little memory."""
    text = str(error).lower()
    if "out of memory" in text or "not enough memory" in text or "can't allocate" in text:
        names = ("batch_size", "frames", "rgb_frames", "size", "rgb_size")
        values = ", ".join(f"{name} (now {settings[name]})" for name in names)
        raise BadInput(f"not enough memory for a training step; lower batch_size first: {values}")


def _better(row: dict, best: dict | None) -> bool:
    """Higher mean-class accuracy, then lower loss."""

    def rank(row):
        return row["validation_mean_class_accuracy"], -row["validation_nll"]

    return best is None or rank(row) > rank(best["row"])


def _weights(recogniser) -> dict[str, torch.Tensor]:
    return {
        name: value.detach().to("cpu", copy=True).contiguous()
        for name, value in recogniser.state_dict().items()
    }
