"""A bundle of small networks as they are before any training: for plans, and for what needs one."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch

from microgesture.bundles.card import trained_on
from microgesture.bundles.writing import write_bundle
from microgesture.configuration.checked import checked_configuration
from microgesture.configuration.plans import ROOT
from microgesture.configuration.settings import complete_settings
from microgesture.ensembles.vote import read_vote
from microgesture.pose.layouts import get_layout
from microgesture.segments.fitting import fit_segmenter
from microgesture.training.recogniser import Recogniser
from microgesture.weights.checkpoints import write_checkpoint
from microgesture.weights.networks import build_network
from tests.datasets.synthetic import LABELS

MODALITIES = {
    "joint": {
        "stream": "joint",
        "model": "st_gcn_pp",
        "model_options": {"base_channels": 8, "num_stages": 2, "inflate_stages": [2]},
        "frames": 8,
        "precision": "float32",
    },
    "rgb": {
        "stream": "rgb",
        "model": "resnet3d",
        "model_options": {"base_channels": 4, "stage_blocks": [1, 1], "stem_pool_stride": None},
        "rgb_frames": 4,
        "rgb_size": 16,
        "precision": "float32",
    },
}
TABLE = pd.DataFrame(
    [[n, name, f"The {name} move.", "limbs"] for n, name in enumerate(LABELS)],
    columns=["label", "name", "description", "group"],
)
SECONDS = (0.4, 0.8)
CONTRAST = 300
TRAINING = pd.DataFrame(
    {"video": "a", "subject": "a", "split": "train", "label": [0] * 9 + [1] * 6 + [2] * 6}
)
NO_CLIPS = pd.DataFrame({"video": [], "start": [], "end": [], "label": []})
FITTING = {
    "decoder": "best",
    "temporal": "auto",
    "features": True,
    "most_windows": 20000,
    "shortest_seconds": 0.3,
    "shortest_gap_seconds": 0.2,
    "error": 0.2,
}


def write_member(folder: Path, name: str, seed: int = 0, **changes) -> tuple[str, str]:
    """(weights, metadata) of a network as it is built, classes those of the synthetic stores."""
    settings = complete_settings({**MODALITIES[name], **changes})
    layout = get_layout("coco17")
    torch.manual_seed(seed)
    network = build_network(
        *(settings["model"], settings["stream"], len(LABELS), layout),
        dropout=settings["dropout"],
        options=settings["model_options"],
    )
    with torch.no_grad():  # as after a training: classes differ by more than the last digits
        network.classifier.weight.mul_(CONTRAST)
    facts = {
        "stream": settings["stream"],
        "model": settings["model"],
        "options": settings["model_options"],
        "labels": LABELS,
        "num_classes": len(LABELS),
        "layout": "coco17",
        "coordinates": 2,
        "settings": settings,
    }
    recogniser = Recogniser(network, len(LABELS), settings | {"prototype_loss": {"weight": 0}})
    files = folder / name / "model.safetensors", folder / name / "model.json"
    files[0].parent.mkdir(parents=True, exist_ok=True)
    weights = {k: v for k, v in recogniser.state_dict().items() if k.startswith("network.")}
    write_checkpoint(weights, facts, *files)
    return str(files[0]), str(files[1])


def write_vote(path: Path, names: tuple[str, ...]) -> Path:
    """A vote with equal weights and no temperature that matters."""
    columns = ["member", "vote", "temperature", "weight", "prior_correction"]
    rows = [[name, "soft", 1.5, 1 / len(names), np.nan] for name in names]
    rows.append(["(vote)", "soft", 1.0, np.nan, 0.0])
    pd.DataFrame(rows, columns=columns).to_csv(path, sep="\t", index=False)
    assert read_vote(path).members == list(names)
    return path


def configuration() -> dict:
    """The configuration of the run that the bundle comes from."""
    pose = ROOT / "resources" / "pose"
    return checked_configuration(
        {
            "videos": "videos.tsv",
            "clips": "clips.tsv",
            "labels": "labels.tsv",
            "layout": "coco17",
            "extract_keypoints": {
                "config": str(pose / "demo_wholebody.py"),
                "checkpoint": str(pose / "demo_wholebody.pth"),
            },
            "modalities": MODALITIES,
            "train_fusion": {"enabled": False},
            "predict_windows": {"seconds": list(SECONDS)},
            "combine_scores": {"submission": "none"},
        }
    )


def write_small_bundle(folder: Path, voters: tuple[str, ...] = ("all", "joint", "rgb")) -> Path:
    """The bundle below `folder`, with the segmenters of these voters, which know no background."""
    names = tuple(MODALITIES)
    members = {name: write_member(folder / "members", name) for name in names}
    files = []
    for voter in voters:
        heats = dict.fromkeys(names if voter == "all" else [voter], 1.5)
        one = fit_segmenter({}, {}, NO_CLIPS, heats, len(LABELS), FITTING, SECONDS)
        paths = folder / "segmenter" / f"{voter}.npz", folder / "segmenter" / f"{voter}.json"
        paths[0].parent.mkdir(exist_ok=True)
        one.save(*paths)
        files += paths
    write_bundle(
        folder / "bundle",
        name="Three limbs",
        labels=TABLE,
        settings=configuration(),
        members=members,
        vote=write_vote(folder / "vote.tsv", names),
        counts=np.array([9, 6, 6]),
        trained=trained_on(TRAINING, len(LABELS)),
        segmenter=files,
    )
    return folder / "bundle"
