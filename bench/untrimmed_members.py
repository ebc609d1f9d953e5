"""Small skeleton recognisers on cut clips, and what they say about windows of whole videos."""

import copy

import numpy as np
import pandas as pd
import torch

from microgesture.configuration.settings import complete_settings
from microgesture.ensembles.temperature import fit_temperature
from microgesture.pose.layouts import get_layout
from microgesture.segments.members import predict_windows
from microgesture.segments.window_clips import windows_as_clips
from microgesture.stores.sequences import Sequence
from microgesture.training.device import make_accelerator
from microgesture.training.loop import hash_seed, train
from microgesture.training.recogniser import Recogniser
from microgesture.weights.networks import build_network

# The recipe of datasets/msr_action3d.yaml, with half of its epochs and one sample a window.
RECIPE = {
    "model": "st_gcn_pp",
    "model_options": {
        "base_channels": 32, "num_stages": 6, "inflate_stages": [3, 5], "down_stages": [2, 4],
    },
    "frames": 32, "epochs": 40, "batch_size": 16, "optimizer": "adamw", "learning_rate": 0.002,
    "weight_decay": 0.05, "decay_norm_and_bias": False, "warmup_epochs": 5, "gradient_clip": 5,
    "label_smoothing": 0.1, "dropout": 0.2, "class_weights": "none", "validate_every": 40,
    "augmentation": {"flip": 0.0, "rotation": 0.3, "scale": 0.2},
}  # fmt: skip


def train_member(
    clips: pd.DataFrame,
    sequences: dict[str, Sequence],
    layout: str,
    stream: str,
    num_classes: int,
    seed: int,
    **changes,
) -> tuple[Recogniser, dict]:
    """(recogniser, settings) trained on the rows of `clips` (video, start, end, label)."""
    settings = complete_settings(copy.deepcopy(RECIPE) | {"stream": stream} | changes)
    accelerator = make_accelerator(False, settings["precision"])
    data = windows_as_clips(clips, sequences, get_layout(layout), labels=clips["label"].to_numpy())
    torch.manual_seed(hash_seed(seed, 10**6))
    network = build_network(
        settings["model"], stream, num_classes, data.layout, dims=data.dims,
        dropout=settings["dropout"], options=settings["model_options"],
    )  # fmt: skip
    recogniser = Recogniser(network, num_classes, settings, skeleton=True)
    numbers = np.arange(len(clips))
    result = train(
        recogniser, data, numbers, np.empty(0, np.int64), (stream,), settings, accelerator,
        counts=data.counts(numbers, num_classes), seed=seed,
    )  # fmt: skip
    recogniser.load_state_dict(result.weights)
    return recogniser.eval(), settings


def predict_member(
    recogniser: Recogniser,
    settings: dict,
    windows: pd.DataFrame,
    sequences: dict[str, Sequence],
    layout: str,
    num_classes: int,
    views: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """(logits (N, K), features (N, F)) of the rows of `windows` (video, start, end)."""
    data = windows_as_clips(windows, sequences, get_layout(layout))
    accelerator = make_accelerator(False, settings["precision"])
    settings = {**settings, "batch_size": 128, "test_clips": views}
    return predict_windows(
        recogniser, data, (settings["stream"],), settings, accelerator, num_classes
    )


def clip_temperature(logits: np.ndarray, labels: np.ndarray, name: str) -> float:
    """The temperature that makes a member's confidences on cut validation clips honest."""
    return fit_temperature(logits, labels, name).value
