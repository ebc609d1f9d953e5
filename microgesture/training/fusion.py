"""Train the two-branch network from its best parents."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from microgesture.configuration.model_files import PARENT_MODELS
from microgesture.configuration.settings import FUSION_SETTINGS, complete_settings
from microgesture.datasets.clips import Clips, read_clip_table
from microgesture.datasets.streams import in_channels
from microgesture.models.rgbpose_fusion import POSE_STREAMS, RGB_STREAMS, merge_parents
from microgesture.provenance.errors import BadInput
from microgesture.provenance.state import state_held
from microgesture.provenance.termination import ending_at_safe_places
from microgesture.training.device import describe_device, make_accelerator
from microgesture.training.loop import hash_seed, train
from microgesture.training.modality import (
    class_vectors,
    fingerprint,
    labelled_clips,
    write_result,
)
from microgesture.training.normalisation import describe_batch_norm
from microgesture.training.prediction import score_logits
from microgesture.training.recogniser import Recogniser
from microgesture.training.stores import load_stores
from microgesture.weights.checkpoints import (
    check_metadata,
    limbs_of,
    metadata_path,
    read_metadata,
    read_network_weights,
)
from microgesture.weights.initial_weights import load_initial_weights
from microgesture.weights.networks import call_build, model_module

LOGGER = logging.getLogger(__name__)
PARENT_STREAMS = {"rgb": RGB_STREAMS, "pose": POSE_STREAMS}


def train_fusion(
    stores: dict[str, list[str]],
    parents: dict[str, list[str]],
    parent_logits: dict[str, list[str]],
    outputs: dict[str, str],
    *,
    settings: dict,
    layout: str,
    labels: list[str],
    seed: int,
    state: str | Path | None = None,
    provenance: dict | None = None,
    threads: int = 1,
    gpu: bool = False,
) -> None:
    """Train the fusion network and write its checkpoint, metadata and curves.

    parents, parent_logits: "rgb" and "pose", candidate checkpoints and, in the same order, their
    tables of logits; the candidate with the best validation score is taken. What `initial_weights`
    names is laid over the parents' weights. See `train_modality` for the rest.
    """
    settings = complete_settings(settings, FUSION_SETTINGS)
    accelerator = make_accelerator(gpu, settings["precision"], threads=threads)
    truth = validation_labels(stores["clips"])
    chosen, choices = {}, {}
    for branch in ("rgb", "pose"):
        chosen[branch], choices[branch] = choose_parent(
            branch, parents[branch], parent_logits[branch], truth, settings["choose_parents"]
        )
    facts = {branch: read_metadata(metadata_path(path)) for branch, path in chosen.items()}
    for branch, path in chosen.items():
        check_metadata(facts[branch], path, layout=layout)
    streams = (facts["rgb"]["stream"], facts["pose"]["stream"])
    settings["limbs"] = limbs_of(facts["pose"])
    clips = load_stores(stores, streams, settings, layout, ("train", "val"))
    labelled = labelled_clips(clips, "train", len(labels))
    torch.manual_seed(hash_seed(seed, 10**6))
    options = fusion_options(settings, facts["rgb"]["options"], facts["pose"]["options"])
    network = build_fusion(
        settings["model"],
        len(labels),
        clips,
        streams,
        options,
        settings["dropout"],
        settings["limbs"],
    )
    merge_parents(network, *(read_network_weights(chosen[branch]) for branch in ("rgb", "pose")))
    changes = []
    if settings["initial_weights"]:
        changes = load_initial_weights(
            network,
            settings["initial_weights"],
            model=settings["model"],
            stream=streams[1],
            layout=clips.layout,
            labels=labels,
            limbs=settings["limbs"],
        )
    check_sizes(network, clips, streams, settings)
    recogniser = Recogniser(
        network, len(labels), settings, vectors=class_vectors(settings, labels, seed)
    )
    described = {
        "modality": "fusion",
        "round": "final",
        "streams": list(streams),
        "model": settings["model"],
        "options": options,
        "layout": layout,
        "coordinates": clips.dims,
        "num_classes": len(labels),
        "labels": list(labels),
        "seed": seed,
        "clips": {"labelled": len(labelled), "pseudo_labelled": 0},
        "parents": {branch: str(path) for branch, path in chosen.items()},
        "parent_choices": choices,
        "initial_weights": {"checkpoint": settings["initial_weights"], "changes": changes}
        if settings["initial_weights"]
        else None,
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
            labelled,
            labelled_clips(clips, "val", len(labels)),
            streams,
            settings,
            accelerator,
            counts=clips.counts(labelled, len(labels)),
            seed=seed,
            state=Path(state) if state else None,
            fingerprint=fingerprint(described),
            title="fusion",
        )
        if accelerator.is_main_process:
            write_result(result, described, outputs, "fusion")


def validation_labels(tables: list[str]) -> dict[str, int]:
    """Clip -> label of the labelled validation clips."""
    table = pd.concat([read_clip_table(path) for path in tables])
    table = table[(table["split"] == "val") & (table["label"] >= 0)]
    return dict(zip(table["clip"], table["label"].astype(int)))


def choose_parent(
    branch: str, checkpoints: list[str], logits: list[str], truth: dict[str, int], score: str
) -> tuple[str, list[dict]]:
    """The best candidate of a branch by a validation score, and all candidates with their scores.

    Equal scores: the first one. Candidates that are no parent for this branch are passed over;
    BadInput when none is left. Without labelled validation clips the last candidate is taken.
    """
    choices, best = [], None
    for checkpoint, table in zip(checkpoints, logits, strict=True):
        facts = read_metadata(metadata_path(checkpoint))
        if facts["model"] != PARENT_MODELS[branch] or facts["stream"] not in PARENT_STREAMS[branch]:
            LOGGER.warning("%s: model %s is no %s parent", checkpoint, facts["model"], branch)
            continue
        rows = pd.read_parquet(table)
        rows = rows[rows["clip"].isin(truth)]
        scores = {}
        if len(rows):
            columns = [f"logit_{k}" for k in range(facts["num_classes"])]
            labels = np.array([truth[clip] for clip in rows["clip"]])
            scores = score_logits(rows[columns].to_numpy(np.float64), labels)
        choices.append({"checkpoint": str(checkpoint), **scores})
        value = -scores["nll"] if score == "nll" and scores else scores.get(score, len(choices))
        if best is None or value > best[0]:
            best = value, checkpoint
    if best is None:
        streams = " or ".join(PARENT_STREAMS[branch])
        raise BadInput(
            f"fusion: none of {', '.join(map(str, checkpoints))} can be the {branch} parent; name "
            f"a modality with stream {streams} and model {PARENT_MODELS[branch]}"
        )
    LOGGER.info("%s parent: %s", branch, best[1])
    return str(best[1]), choices


def fusion_options(settings: dict, rgb_options: dict, pose_options: dict) -> dict:
    """Arguments of the fusion network's build: the parents' own, and the ratio of their frames."""
    if settings["frames"] % settings["rgb_frames"]:
        raise BadInput(
            f"fusion: frames is {settings['frames']} and rgb_frames is {settings['rgb_frames']}; "
            f"write frames as a multiple of rgb_frames"
        )
    return {
        "speed_ratio": settings["frames"] // settings["rgb_frames"],
        "rgb_options": rgb_options,
        "pose_options": pose_options,
        **settings["model_options"],
    }


def build_fusion(
    model: str,
    num_classes: int,
    clips: Clips,
    streams: tuple,
    options: dict,
    dropout: float,
    limbs: str = "bones",
) -> torch.nn.Module:
    """The fusion network for these streams."""
    return call_build(
        model_module(model),
        num_classes,
        in_channels=in_channels(streams[1], clips.layout, clips.dims, limbs),
        rgb_in_channels=in_channels(streams[0], clips.layout),
        layout=clips.layout,
        dropout=dropout,
        **options,
    )


@torch.no_grad()
def check_sizes(network: torch.nn.Module, clips: Clips, streams: tuple, settings: dict) -> None:
    """Run one empty sample, so that branches that do not meet are told before the training."""
    frames, size = settings["frames"], settings["size"]
    channels = in_channels(streams[1], clips.layout, limbs=settings["limbs"])
    heatmap = torch.zeros(1, channels, frames, size, size)
    side = settings["rgb_size"]
    network.eval()
    network(torch.zeros(1, 3, settings["rgb_frames"], side, side), heatmap)
