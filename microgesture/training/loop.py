"""The training loop of every network: its stages, their epochs, and what is kept of them."""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor

from microgesture.datasets.balancing import balanced_draw_weights
from microgesture.datasets.clips import Clips
from microgesture.datasets.samples import ClipSamples, EpochBatches, Key, collate, make_loader
from microgesture.layers.recomputation import recompute
from microgesture.provenance.errors import BadInput
from microgesture.training.averaging import WeightAverage
from microgesture.training.compiling import compile_network
from microgesture.training.epochs import Clock, train_epoch
from microgesture.training.inputs import Inputs, lay_network, make_samples, to_device
from microgesture.training.learner import Learner
from microgesture.training.memory import check_step_memory
from microgesture.training.normalisation import normalised_as_asked
from microgesture.training.optimisers import make_optimiser
from microgesture.training.passes import clips_of_a_pass
from microgesture.training.prediction import predict_logits, score_logits
from microgesture.training.progress import Progress
from microgesture.training.recogniser import Objective, Recogniser
from microgesture.training.saving import EpochSoFar, Saver
from microgesture.training.schedule import describe_learning_rate
from microgesture.training.snapshots import snapshot_epochs
from microgesture.training.stages import (
    CLASSIFIER,
    ClassifierOnly,
    plan_stages,
    restart_classifiers,
)
from microgesture.training.state import load_state, save_state
from microgesture.training.stretching import steps_per_epoch, stretched

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
    title: str = "training",
    make_objective: Callable = Objective,
    stop: Callable[[int], bool] = lambda epoch: False,
) -> TrainingResult:
    """Train on the clip numbers `training`, look at `validation` after every epoch.

    counts: labelled clips per class, for the class weights. state: folder that keeps what is
    needed to go on after an interruption (saved as `state_every` says, at every epoch's end, and
    when the job is told to end); the result is then the same, bit for bit. fingerprint:
    tells this training from others. title: names it in what is shown. make_objective: what is made
    of (settings, counts, device) in the place of `Objective`. stop: asked after every
    epoch, True leaves the loop with the state kept. Raises BadInput for a loss
    that is not finite and for too little memory.
    """
    if not len(training):
        raise BadInput("there is no labelled training clip; give some clips the split 'train'")
    lay_network(recogniser, streams, accelerator)
    recogniser = recogniser.to(accelerator.device)
    recogniser = normalised_as_asked(recogniser, settings, accelerator)
    if settings["recompute_activations"]:
        recompute(recogniser.network.repeated_blocks())
    settings = stretched(settings, steps_per_epoch(len(training), settings))
    samples = make_samples(clips, streams, settings, seed=seed, training=True)
    make_inputs = Inputs(streams, clips, settings, accelerator.mixed_precision == "bf16")
    stages = plan_stages(settings)
    batches = {
        stage.name: _training_batches(clips, training, stage.settings, seed, accelerator)
        for stage in stages
    }
    examples = _examples(samples, int(training[0]), make_inputs, accelerator.device)
    check_step_memory(recogniser, examples, settings, streams, accelerator)
    if settings["compile_network"]:
        compile_network(recogniser, settings, accelerator.device)
    done, rows, best = 0, [], None
    wanted, snapshots = snapshot_epochs(settings), []
    so_far = EpochSoFar.begun(accelerator.device)
    saved = load_state(state, fingerprint)
    if saved is not None:
        recogniser.load_state_dict(saved["model"])
        done, rows, best = saved["epoch"], saved["rows"], saved["best"]
        snapshots = saved.get("snapshots", [])
        if saved["so_far"] is not None:
            process = accelerator.process_index
            so_far = EpochSoFar.from_state(saved["so_far"], process, accelerator.device)
        told = "going on after epoch %d, step %d of an interrupted training"
        LOGGER.info(told, done, so_far.step)
    average = None
    if settings["weight_averaging"]:
        average = WeightAverage(recogniser, settings["weight_averaging"])
        if saved is not None:
            average.load(saved["average"])
    clock, stopped = Clock(), False
    silent = not accelerator.is_main_process
    progress = Progress(title, stages[-1].end, done, state, silent)

    def save(optimiser, so_far: dict | None) -> None:
        if accelerator.is_main_process:
            now = {"fingerprint": fingerprint, "epoch": done, "rows": rows, "best": best}
            now |= {"model": recogniser.state_dict(), "optimiser": optimiser.state_dict()}
            now |= {"average": average.state() if average else None}
            save_state(state, now | {"so_far": so_far, "snapshots": snapshots})

    def kept_weights() -> dict[str, Tensor]:
        return _weights(average.tensors if average else recogniser.state_dict())

    for stage in stages:
        if stopped or done >= stage.end:
            continue
        begins = done == stage.first and not so_far.step
        learned = recogniser
        if stage.name == CLASSIFIER:
            if begins:
                # the features to build on are the best ones then, or the averaged ones
                recogniser.load_state_dict(best["weights"] if best else kept_weights())
                torch.manual_seed(hash_seed(seed, 10**6 + 1))
                restart_classifiers(recogniser)
            learned = ClassifierOnly(recogniser)
        if begins and average:
            average.begin(recogniser)
        model, optimiser = accelerator.prepare(learned, make_optimiser(learned, stage.settings))
        if not begins:
            optimiser.load_state_dict(saved["optimiser"])
        objective = make_objective(stage.settings, counts, accelerator.device)
        learner = Learner(
            *(recogniser, model, optimiser, objective, make_inputs, accelerator, stage.settings),
            average,
        )
        loader = make_loader(
            samples,
            batches[stage.name],
            settings["loader_workers"],
            pin=accelerator.device.type == "cuda",
        )
        LOGGER.info(
            "%s: %d clips, %d steps of %d per epoch, %d epochs, %s, %s on %s, %d process(es)",
            *(stage.name, len(training), len(loader), settings["batch_size"]),
            *(stage.settings["epochs"], describe_learning_rate(stage.settings)),
            accelerator.mixed_precision.replace("no", "float32"),
            *(accelerator.device, accelerator.num_processes),
        )
        saver = Saver(settings["state_every"], accelerator, partial(save, optimiser))
        for epoch in range(done, stage.end):
            found = train_epoch(
                *(stage, epoch, learner, batches[stage.name], loader, clock, so_far, saver),
                # Dropout depends on the step alone, so an interruption does not change it.
                lambda step, epoch=epoch: torch.manual_seed(
                    hash_seed(seed, epoch, accelerator.process_index, step)
                ),
            )
            so_far = EpochSoFar.begun(accelerator.device)
            row = {"epoch": epoch + 1, "stage": stage.name, **found}
            last = epoch + 1 == stage.end
            if len(validation) and (last or (epoch + 1) % settings["validate_every"] == 0):
                with average.in_place(recogniser) if average else nullcontext():
                    logits = predict_logits(
                        *(model, clips, validation, streams, settings, accelerator),
                        batch_size=clips_of_a_pass(settings, accelerator.num_processes),
                    )
                scores = score_logits(logits, clips.labels[validation])
                row |= {f"validation_{name}": value for name, value in scores.items()}
                if settings["checkpoint"] == "best" and _better(row, best):
                    best = {"row": row, "weights": kept_weights()}
            rows.append(row)
            progress.epoch(rows)
            done = epoch + 1
            if done in wanted:
                snapshots.append(kept_weights())
            save(optimiser, None)
            saver.epoch()
            stopped = stop(done)
            if stopped:
                break
    progress.close()
    LOGGER.info("trained in %.1f s, of which waiting for data %.1f %%", *clock.report())
    kept = best or {"row": rows[-1], "weights": kept_weights()}
    scores = {
        name.removeprefix("validation_"): value
        for name, value in kept["row"].items()
        if name.startswith("validation_")
    }
    return TrainingResult(kept["weights"], kept["row"]["epoch"], scores, rows, snapshots)


def hash_seed(*numbers: int) -> int:
    """One 63-bit seed from some numbers: seed, epoch, process, step."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> 1)


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
    samples, dropped = len(training) * settings["repeats"], settings["last_batch"] == "dropped"
    if dropped and samples < settings["batch_size"]:
        raise BadInput(
            f"last_batch: dropped leaves nothing to learn: an epoch has {samples} clips and "
            f"batch_size is {settings['batch_size']}; write last_batch: short, a smaller "
            f"batch_size, or more repeats"
        )
    return EpochBatches(
        training,
        settings["batch_size"],
        repeats=settings["repeats"],
        seed=seed,
        draw_weights=weights,
        drop_last=dropped,
        micro_batch=settings["micro_batch"],
        process=accelerator.process_index,
        processes=accelerator.num_processes,
    )


def _examples(
    samples: ClipSamples, number: int, make_inputs: Inputs, device: torch.device
) -> Callable[[int], tuple[Tensor, ...]]:
    """A function of n: the network's inputs for n times the same training clip."""
    sample = samples[Key(number)]
    return lambda count: make_inputs(to_device(collate([sample] * count), device), training=True)


def _better(row: dict, best: dict | None) -> bool:
    """Higher mean-class accuracy, then lower loss."""

    def rank(row):
        return row["validation_mean_class_accuracy"], -row["validation_nll"]

    return best is None or rank(row) > rank(best["row"])


def _weights(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().to("cpu", copy=True).contiguous() for name, value in state.items()}
