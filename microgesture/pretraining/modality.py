"""Pre-train the network of one modality on clips without their labels."""

import hashlib
import logging
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from microgesture.configuration.settings import complete_settings
from microgesture.datasets.streams import in_channels
from microgesture.pretraining.clips import chosen_clips, people_among, scored_people
from microgesture.pretraining.pretrainers import (
    PretrainingObjective,
    make_pretrainer,
    unused_names,
)
from microgesture.pretraining.settings import (
    pretraining_settings,
    settings_that_count,
    streams_seen,
)
from microgesture.provenance.errors import BadInput
from microgesture.provenance.state import state_held
from microgesture.provenance.termination import ending_at_safe_places
from microgesture.tables.lost import read_all_clips
from microgesture.training.course import TrainingResult
from microgesture.training.curves import write_curves
from microgesture.training.device import describe_device, make_accelerator
from microgesture.training.loop import hash_seed, train
from microgesture.training.modality import fingerprint
from microgesture.training.stores import load_stores
from microgesture.weights.checkpoints import write_checkpoint
from microgesture.weights.initial_weights import load_initial_weights
from microgesture.weights.networks import build_network

LOGGER = logging.getLogger(__name__)
ROUND = "pretrained"  # where its files stand, beside those of the rounds


def pretrain_modality(
    stores: dict[str, list[str]],
    outputs: dict[str, str],
    *,
    lost: list[str],
    modality: str,
    settings: dict,
    mode: str,
    layout: str,
    seed: int,
    initial: str | None = None,
    state: str | Path | None = None,
    provenance: dict | None = None,
    threads: int = 1,
    gpu: bool = False,
) -> None:
    """Pre-train one network and write its checkpoint, metadata and curves.

    stores: "clips", "skeletons", "saliency", "rgb", files of the batches. outputs: "checkpoint",
    "metadata", "curves". lost: tables of clips in unreadable videos. settings: of the modality,
    with the group `pretrain`. mode: of select_pseudo_labels, by which people are scored. initial:
    checkpoint of another training that this one starts from. The rest is as for `train_modality`;
    an interrupted job goes on bit for bit. The checkpoint holds no classifier, and says which clips
    and people it saw and whether some of these are scored. Raises BadInput.
    """
    settings = complete_settings(settings)
    streams, own = streams_seen(settings), pretraining_settings(settings)
    accelerator = make_accelerator(gpu, own["precision"], threads=threads)
    index = read_all_clips(stores["clips"], lost)
    seen = what_is_seen(index, settings["pretrain"], mode)
    usable = index["clip"][seen.pop("chosen") & (index["problem"] == "").to_numpy()]
    if not len(usable):
        raise BadInput(f"{modality}: pretrain: none of the chosen clips lies in a readable video")
    clips = load_stores(stores, streams, own, layout, (), set(usable))
    torch.manual_seed(hash_seed(seed, 10**6 + 2))
    network = build_network(
        own["model"],
        own["stream"],
        1,  # it has no classes: the classifier learns nothing and is left out of the checkpoint
        clips.layout,
        dims=clips.dims,
        persons=own["persons"],
        options=own["model_options"],
        limbs=own["limbs"],
    )
    changes = []
    if initial:
        changes = load_initial_weights(
            network,
            initial,
            model=own["model"],
            stream=own["stream"],
            layout=clips.layout,
            labels=[],
            limbs=own["limbs"],
        )
    channels = in_channels(own["stream"], clips.layout, clips.dims, own["limbs"])
    points = clips.layout.num_joints * own["persons"]
    pretrainer = make_pretrainer(
        network, own, dims=clips.dims, channels=channels, layout=clips.layout, points=points
    )
    facts = {
        "modality": modality,
        "round": ROUND,
        "stream": own["stream"],
        "model": own["model"],
        "options": own["model_options"],
        "layout": layout,
        "coordinates": clips.dims,
        "num_classes": 0,
        "labels": [],
        "seed": seed,
        "pretraining": {**seen, "used": len(clips)},
        "initial_weights": {"checkpoint": str(initial), "changes": changes} if initial else None,
        "settings": settings_that_count(settings),
        "provenance": {**(provenance or {}), **describe_device(accelerator, threads)},
    }
    LOGGER.info("%s: pre-training on %s", modality, in_words(facts["pretraining"]))
    held = state if accelerator.is_main_process else None
    title = f"{modality}, pre-training"
    with ending_at_safe_places(), state_held(held, "this very pre-training"):
        result = train(
            pretrainer,
            clips,
            np.arange(len(clips)),
            np.zeros(0, np.int64),
            streams,
            own,
            accelerator,
            counts=np.zeros(0, np.int64),
            seed=seed,
            state=Path(state) if state else None,
            fingerprint=fingerprint(facts),
            title=title,
            make_objective=PretrainingObjective,
        )
        if accelerator.is_main_process:
            _write(result, facts, outputs, unused_names(network))
            LOGGER.info("%s: loss %.4f in the last epoch", title, result.rows[-1]["loss"])


def what_is_seen(index: pd.DataFrame, group: dict, mode: str) -> dict:
    """chosen: bool (N,), the clips of `index` that are seen; and about them method, clips (the
    choice), number, digest (of their names and spans' videos), people, scored_people."""
    chosen = chosen_clips(index, group["clips"], mode)
    rows = index.loc[chosen, ["clip", "video"]].itertuples(index=False)
    text = "\n".join("\t".join(row) for row in rows)
    return {
        "chosen": chosen,
        "method": group["method"],
        "clips": group["clips"],
        "number": int(chosen.sum()),
        "digest": hashlib.sha256(text.encode()).hexdigest(),
        "people": people_among(index, chosen),
        "scored_people": scored_people(index, chosen, mode),
    }


def in_words(seen: dict) -> str:
    """Such as "120 clips (labelled) of 5 people, none of whom is scored"."""
    scored = seen["scored_people"]
    told = f"{len(scored)} of whom are scored: transductive" if scored else "none of whom is scored"
    return f"{seen['used']} clips ({seen['clips']}) of {len(seen['people'])} people, {told}"


def _write(result: TrainingResult, facts: dict, outputs: dict, unused: list[str]) -> None:
    """Checkpoint without the parts that learned nothing, metadata and curves."""
    names = tuple(f"network.{name}." for name in unused)
    weights = {n: value for n, value in result.weights.items() if not n.startswith(names)}
    facts = {**facts, "epoch": result.epoch, "validation": {}}
    write_checkpoint(weights, facts, outputs["checkpoint"], outputs["metadata"])
    write_curves(result.rows, outputs["curves"])
