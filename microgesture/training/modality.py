"""Train one network on one stream."""

import hashlib
import json
import logging
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from microgesture.configuration.settings import complete_settings, names_that_change
from microgesture.datasets.clips import Clips
from microgesture.datasets.streams import SKELETON_STREAMS
from microgesture.losses.semantic import gaussian_class_vectors, read_class_vectors
from microgesture.provenance.errors import BadInput
from microgesture.provenance.state import state_held
from microgesture.provenance.termination import ending_at_safe_places
from microgesture.pseudo.targets import may_be_target
from microgesture.training.course import TrainingResult
from microgesture.training.curves import write_curves
from microgesture.training.device import describe_device, make_accelerator
from microgesture.training.loop import hash_seed, train
from microgesture.training.normalisation import describe_batch_norm
from microgesture.training.recogniser import Recogniser
from microgesture.training.stores import load_stores
from microgesture.weights.checkpoints import (
    check_metadata,
    load_network,
    metadata_path,
    read_metadata,
    write_checkpoint,
)
from microgesture.weights.initial_weights import load_initial_weights, pretraining_of
from microgesture.weights.networks import build_network

LOGGER = logging.getLogger(__name__)


def train_modality(
    stores: dict[str, list[str]],
    outputs: dict[str, str],
    *,
    modality: str,
    round: int,
    settings: dict,
    layout: str,
    labels: list[str],
    seed: int,
    pseudo_labels: str | None = None,
    parent: str | None = None,
    initial: str | None = None,
    state: str | Path | None = None,
    provenance: dict | None = None,
    threads: int = 1,
    gpu: bool = False,
) -> None:
    """Train one network and write its checkpoint, metadata and curves.

    stores: "clips", "skeletons", "saliency", "rgb", files of the batches (see `load_clips`).
    outputs: "checkpoint", "metadata", "curves". settings: see configuration/settings.py.
    labels: class names. pseudo_labels: table of clip and label, whose clips are added with the
    loss weight `pseudo_weight`. parent: checkpoint of this very network, whose weights are the
    first weights. initial: checkpoint of another training, taken over as far as it fits.
    provenance: what the training was made from, kept beside the weights; an interrupted one is
    taken up only where it, the device, the processes and the precision are the same.
    """
    settings = complete_settings(settings)
    streams = (settings["stream"],)
    accelerator = make_accelerator(gpu, settings["precision"], threads=threads)
    pseudo = read_pseudo_labels(pseudo_labels, len(labels)) if pseudo_labels else {}
    clips = load_stores(stores, streams, settings, layout, ("train", "val"), set(pseudo))
    labelled = labelled_clips(clips, "train", len(labels))
    added = add_pseudo_labels(clips, pseudo, settings["pseudo_weight"])
    torch.manual_seed(hash_seed(seed, 10**6))
    network = build_network(
        settings["model"],
        settings["stream"],
        len(labels),
        clips.layout,
        dims=clips.dims,
        persons=settings["persons"],
        dropout=settings["dropout"],
        options=settings["model_options"],
        limbs=settings["limbs"],
    )
    if parent:
        facts = read_metadata(metadata_path(parent))
        check_metadata(facts, parent, layout=layout)
        load_network(network, parent)
    changes = []
    if initial:
        changes = load_initial_weights(
            network,
            initial,
            model=settings["model"],
            stream=settings["stream"],
            layout=clips.layout,
            labels=labels,
            limbs=settings["limbs"],
        )
    recogniser = Recogniser(
        network,
        len(labels),
        settings,
        vectors=class_vectors(settings, labels, seed),
        skeleton=settings["stream"] in SKELETON_STREAMS,
    )
    facts = {
        "modality": modality,
        "round": int(round),
        "stream": settings["stream"],
        "model": settings["model"],
        "options": settings["model_options"],
        "layout": layout,
        "coordinates": clips.dims,
        "num_classes": len(labels),
        "labels": list(labels),
        "seed": seed,
        "clips": {"labelled": len(labelled), "pseudo_labelled": len(added)},
        "parent": str(parent) if parent else None,
        "initial_weights": first_weights(initial, changes) if initial else None,
        "settings": settings,
        "provenance": {
            **(provenance or {}),
            **describe_device(accelerator, threads),
            **describe_batch_norm(recogniser, settings, accelerator),
        },
    }
    held = state if accelerator.is_main_process else None
    with ending_at_safe_places(), state_held(held, "this very training"):
        result = train(
            recogniser,
            clips,
            np.concatenate([labelled, added]),
            labelled_clips(clips, "val", len(labels)),
            streams,
            settings,
            accelerator,
            counts=clips.counts(labelled, len(labels)),
            seed=seed,
            state=Path(state) if state else None,
            fingerprint=fingerprint(facts),
            title=f"{modality}, round {round}",
        )
        if accelerator.is_main_process:
            write_result(result, facts, outputs, f"{modality}, round {round}")


def first_weights(initial: str, changes: list[str]) -> dict:
    """What the metadata say of the weights that a training started from."""
    seen = pretraining_of(initial)
    about = {"checkpoint": str(initial), "changes": changes}
    return about | ({"pretraining": seen} if seen else {})


def labelled_clips(clips: Clips, split: str, num_classes: int) -> np.ndarray:
    """Numbers of the labelled clips of a split. BadInput for a label beyond the classes."""
    chosen = clips.where(split)
    chosen = chosen[clips.labels[chosen] >= 0]
    wrong = chosen[clips.labels[chosen] >= num_classes]
    if len(wrong):
        raise BadInput(
            f"clip {clips.clips[wrong[0]]!r} has the label {clips.labels[wrong[0]]}, the labels "
            f"table ends at {num_classes - 1}"
        )
    return chosen


def read_pseudo_labels(path: str | Path, num_classes: int) -> dict[str, int]:
    """Clip -> label. BadInput for missing columns and labels beyond the classes."""
    table = pd.read_parquet(path)
    if not {"clip", "label"} <= set(table.columns):
        raise BadInput(f"{path}: has no columns clip and label; run select_pseudo_labels again")
    wrong = table[(table["label"] < 0) | (table["label"] >= num_classes)]
    if len(wrong):
        raise BadInput(f"{path}: clip {wrong['clip'].iloc[0]!r} has no label of this table")
    return dict(zip(table["clip"], table["label"].astype(int)))


def add_pseudo_labels(clips: Clips, pseudo: dict[str, int], weight: float) -> np.ndarray:
    """Give the clips their pseudo-labels and weight, in place. Returns their numbers, int64.

    Raises BadInput for a clip that is not there, for one that is labelled or in validation, and
    for one of a person (or, where nobody is known, of a video) with such clips.
    """
    numbers = {clip: number for number, clip in enumerate(clips.clips)}
    allowed = may_be_target(clips.splits, clips.groups)
    added = []
    for clip, label in sorted(pseudo.items()):
        number = numbers.get(clip)
        if number is None or not allowed[number]:
            problem = "is not among the clips"
            if number is not None:
                problem = f"({clips.splits[number]}, {clips.groups[number]}) is no target clip"
            raise BadInput(
                f"pseudo-labels: clip {clip!r} {problem}; run select_pseudo_labels again"
            )
        clips.labels[number], clips.weights[number] = label, weight
        added.append(number)
    return np.array(added, np.int64)


def class_vectors(settings: dict, labels: list[str], seed: int) -> np.ndarray | None:
    """The class vectors of the semantic loss, (K, d); None without it."""
    group = settings["semantic_loss"]
    if group["form"] == "none":
        return None
    if group["vectors"] == "gaussian":
        return gaussian_class_vectors(len(labels), group["dimension"], seed)
    return read_class_vectors(group["vectors"], labels)


def fingerprint(facts: dict) -> str:
    """Tells one training from another, by all that its numbers rest on: the commit is left out (the
    digest of the code says more), and so are threads and settings of the execution."""
    execution = names_that_change("execution")
    settings = {key: value for key, value in facts["settings"].items() if key not in execution}
    provenance = {
        key: value for key, value in facts["provenance"].items() if key not in ("commit", "threads")
    }
    text = json.dumps({**facts, "settings": settings, "provenance": provenance}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def write_result(result: TrainingResult, facts: dict, outputs: dict[str, str], title: str) -> None:
    """Write checkpoint, metadata and curves."""
    facts = {**facts, "epoch": result.epoch, "validation": result.scores}
    files = outputs["checkpoint"], outputs["metadata"]
    write_checkpoint(result.weights, facts, *files, earlier=result.snapshots)
    write_curves(result.rows, outputs["curves"])
    shown = ", ".join(f"{name} {value:.3f}" for name, value in result.scores.items())
    LOGGER.info("%s: %s after epoch %d", title, shown or "no validation clips", result.epoch)
