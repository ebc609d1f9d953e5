"""The training loop of every network: its stages, their epochs, and what is kept of them."""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor, nn

from microgesture.datasets.balancing import balanced_draw_weights
from microgesture.datasets.clips import Clips
from microgesture.datasets.samples import ClipSamples, EpochBatches, Key, collate, make_loader
from microgesture.layers.recomputation import recompute
from microgesture.provenance.errors import BadInput
from microgesture.training.averaging import WeightAverage
from microgesture.training.compiling import compile_network
from microgesture.training.course import Course, TrainingResult
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
    Stage,
    plan_stages,
    restart_classifiers,
)
from microgesture.training.state import load_state, save_state
from microgesture.training.stretching import steps_per_epoch, stretched

LOGGER = logging.getLogger(__name__)


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
    recogniser = _laid_out(recogniser, streams, settings, accelerator)
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
    decay = settings["weight_averaging"]
    average = WeightAverage(recogniser, decay) if decay else None
    course = Course(recogniser, average, EpochSoFar.begun(accelerator.device))
    if (saved := load_state(state, fingerprint)) is not None:
        course.restore(saved, accelerator)
    wanted = snapshot_epochs(settings)
    clock, stopped = Clock(), False
    silent = not accelerator.is_main_process
    progress = Progress(title, stages[-1].end, course.epoch, state, silent)

    def save(optimiser, so_far: dict | None) -> None:
        if accelerator.is_main_process:
            now = {"fingerprint": fingerprint, "optimiser": optimiser.state_dict()}
            save_state(state, now | course.state(so_far))

    for stage in stages:
        if stopped or course.epoch >= stage.end:
            continue
        begins = course.epoch == stage.first and not course.so_far.step
        learned = _what_learns(stage, course, begins, seed)
        model, optimiser = accelerator.prepare(learned, make_optimiser(learned, stage.settings))
        if not begins:
            optimiser.load_state_dict(saved["optimiser"])
        objective = make_objective(stage.settings, counts, accelerator.device)
        learner = Learner(
            *(recogniser, model, optimiser, objective, make_inputs, accelerator, stage.settings),
            course.average,
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
        for epoch in range(course.epoch, stage.end):
            found = train_epoch(
                *(stage, epoch, learner, batches[stage.name], loader, clock, course.so_far, saver),
                # Dropout depends on the step alone, so an interruption does not change it.
                lambda step, epoch=epoch: torch.manual_seed(
                    hash_seed(seed, epoch, accelerator.process_index, step)
                ),
            )
            course.so_far = EpochSoFar.begun(accelerator.device)
            row, done = {"epoch": epoch + 1, "stage": stage.name, **found}, epoch + 1
            due = done == stage.end or done % settings["validate_every"] == 0
            if len(validation) and due:
                with course.average.in_place(recogniser) if course.average else nullcontext():
                    logits = predict_logits(
                        *(model, clips, validation, streams, settings, accelerator),
                        batch_size=clips_of_a_pass(settings, accelerator.num_processes),
                    )
                scores = score_logits(logits, clips.labels[validation])
                row |= {f"validation_{name}": value for name, value in scores.items()}
            course.add(row, keep_best=settings["checkpoint"] == "best", snapshot=done in wanted)
            progress.epoch(course.rows)
            save(optimiser, None)
            saver.epoch()
            stopped = stop(done)
            if stopped:
                break
    progress.close()
    LOGGER.info("trained in %.1f s, of which waiting for data %.1f %%", *clock.report())
    return course.result()


def hash_seed(*numbers: int) -> int:
    """One 63-bit seed from some numbers: seed, epoch, process, step."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> 1)


def _laid_out(
    recogniser: Recogniser, streams: tuple[str, ...], settings: dict, accelerator: Accelerator
) -> Recogniser:
    """The recogniser on its device, in the memory order, with the normalisation and with the
    recomputation that the settings ask for."""
    lay_network(recogniser, streams, accelerator)
    recogniser = recogniser.to(accelerator.device)
    recogniser = normalised_as_asked(recogniser, settings, accelerator)
    if settings["recompute_activations"]:
        recompute(recogniser.network.repeated_blocks())
    return recogniser


def _what_learns(stage: Stage, course: Course, begins: bool, seed: int) -> nn.Module:
    """The module that a stage trains. begins: it is at its first step, not taken up again."""
    recogniser = learned = course.recogniser
    if stage.name == CLASSIFIER:
        if begins:
            # the features to build on are the best ones then, or the averaged ones
            recogniser.load_state_dict(course.best["weights"] if course.best else course.weights())
            torch.manual_seed(hash_seed(seed, 10**6 + 1))
            restart_classifiers(recogniser)
        learned = ClassifierOnly(recogniser)
    if begins and course.average:
        course.average.begin(recogniser)
    return learned


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
