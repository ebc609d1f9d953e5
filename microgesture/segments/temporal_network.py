"""A small network over the frames of whole videos: dilated convolutions in stages.

After MS-TCN (Abu Farha and Gall, CVPR 2019): residual layers whose dilation doubles, so that the
last one sees minutes; a second stage refines the first one's probabilities; cross-entropy and a
truncated squared difference of neighbouring log-probabilities against over-segmentation. It reads
what windows say of a frame (probabilities and features), at a lower rate than the video's, for
neighbouring frames share their windows. Trained on whole videos, one a step.
"""

import logging
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from microgesture.datasets.balancing import class_weights

LOGGER = logging.getLogger(__name__)

TRUNCATION = 4.0  # of a log-probability's step from frame to frame (tau in the paper)


@dataclass(frozen=True)
class TemporalSettings:
    """width: channels; layers: per stage, dilation 1, 2, 4 ..; stages: 1 or more; every: frames
    that one step of the network stands for; dropout: of the inputs' channels, whole videos long,
    and within layers; noise: standard deviation added to the standardised inputs; smoothness:
    weight of the truncated squared difference (lambda); class_weights: see
    `datasets.balancing.class_weights`."""

    width: int = 48
    layers: int = 7
    stages: int = 2
    every: int = 4
    epochs: int = 40
    learning_rate: float = 0.002
    weight_decay: float = 0.001
    dropout: float = 0.3
    noise: float = 0.3
    smoothness: float = 0.15
    class_weights: str = "sqrt"


class DilatedStage(nn.Module):
    """(N, C, T) -> logits (N, classes, T)."""

    def __init__(self, channels: int, width: int, layers: int, classes: int, dropout: float):
        super().__init__()
        self.reduce = nn.Conv1d(channels, width, 1)
        self.dilated = nn.ModuleList(
            nn.Conv1d(width, width, 3, padding=2**k, dilation=2**k) for k in range(layers)
        )
        self.mix = nn.ModuleList(nn.Conv1d(width, width, 1) for _ in range(layers))
        self.dropout = nn.Dropout(dropout)
        self.classify = nn.Conv1d(width, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.reduce(x)
        for dilated, mix in zip(self.dilated, self.mix):
            x = x + self.dropout(mix(functional.relu(dilated(x))))
        return self.classify(x)


class TemporalNetwork(nn.Module):
    """Stages one after the other; mean and scale of the inputs are kept with the weights."""

    def __init__(self, channels: int, classes: int, settings: TemporalSettings):
        super().__init__()
        self.settings = settings
        width, layers, dropout = settings.width, settings.layers, settings.dropout
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("scale", torch.ones(channels))
        self.drop_channels = nn.Dropout1d(dropout)
        self.stages = nn.ModuleList(
            DilatedStage(channels if stage == 0 else classes, width, layers, classes, dropout)
            for stage in range(settings.stages)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        """float (N, C, T) -> logits (N, classes, T) of every stage."""
        x = (x - self.mean[:, None]) / self.scale[:, None]
        if self.training:
            x = self.drop_channels(x + self.settings.noise * torch.randn_like(x))
        outputs = [self.stages[0](x)]
        for stage in self.stages[1:]:
            outputs.append(stage(outputs[-1].softmax(dim=1)))
        return outputs


def thinned(values: np.ndarray, every: int) -> np.ndarray:
    """Means over blocks of `every` frames, the last one maybe shorter: (T, C) -> (ceil, C)."""
    starts = np.arange(0, len(values), every)
    sums = np.add.reduceat(np.asarray(values, np.float64), starts, axis=0)
    return sums / np.diff(np.append(starts, len(values)))[:, None]


def thinned_labels(labels: np.ndarray, every: int) -> np.ndarray:
    """int64 (ceil(T / every),): the label in the middle of each block."""
    starts = np.arange(0, len(labels), every)
    ends = np.append(starts[1:], len(labels))
    return np.asarray(labels, np.int64)[(starts + ends - 1) // 2]


def spread(values: np.ndarray, every: int, frames: int) -> np.ndarray:
    """Back from blocks to frames, linear between the middles of blocks: (T, C) float64."""
    starts = np.arange(0, frames, every)
    ends = np.append(starts[1:], frames)
    middles = (starts + ends - 1) / 2
    places = np.arange(frames)
    return np.stack([np.interp(places, middles, column) for column in np.asarray(values).T], axis=1)


def train_temporal_network(
    inputs: list[np.ndarray],
    labels: list[np.ndarray],
    num_classes: int,
    settings: TemporalSettings | None = None,
    *,
    validation: tuple[list[np.ndarray], list[np.ndarray]] | None = None,
    seed: int = 0,
) -> TemporalNetwork:
    """Train on whole videos; with validation videos the weights of the lowest loss are kept.

    inputs: float (T, C) of every video; labels: int (T,) 0..K, K background, -1 unknown (left
    out); num_classes: K. Deterministic for a seed on one thread. Raises ValueError without a known
    frame.
    """
    settings = settings or TemporalSettings()
    every, classes = settings.every, num_classes + 1
    videos = [_tensors(x, y, every) for x, y in zip(inputs, labels, strict=True)]
    known = torch.cat([y[y >= 0] for _, y in videos]) if videos else torch.empty(0)
    if not len(known):
        raise ValueError("the temporal network needs frames whose class is known")
    held = [_tensors(x, y, every) for x, y in zip(*validation, strict=True)] if validation else []
    counts = np.bincount(known.numpy(), minlength=classes)
    weights = torch.tensor(class_weights(counts, settings.class_weights), dtype=torch.float32)
    state = torch.random.get_rng_state()
    torch.manual_seed(seed)
    try:
        network = TemporalNetwork(videos[0][0].shape[1], classes, settings)
        everything = torch.cat([x[0] for x, _ in videos], dim=1)
        network.mean.copy_(everything.mean(dim=1))
        network.scale.copy_(everything.std(dim=1).clamp_min(1e-4))
        optimiser = torch.optim.AdamW(
            network.parameters(), settings.learning_rate, weight_decay=settings.weight_decay
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, settings.learning_rate, total_steps=settings.epochs * len(videos)
        )
        order = np.random.default_rng(seed)
        best, lowest = None, np.inf
        for _ in range(settings.epochs):
            network.train()
            for number in order.permutation(len(videos)):
                x, y = videos[number]
                if not (y >= 0).any():
                    schedule.step()
                    continue
                loss = sum(_loss(logits[0], y, weights, settings) for logits in network(x))
                optimiser.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(network.parameters(), 5.0)
                optimiser.step()
                schedule.step()
            if held:
                value = _held_loss(network, held, weights)
                if value < lowest:
                    lowest = value
                    best = {name: kept.clone() for name, kept in network.state_dict().items()}
        if best is not None:
            network.load_state_dict(best)
            LOGGER.info("temporal network: validation loss %.4f", lowest)
    finally:
        torch.random.set_rng_state(state)
    return network.eval()


@torch.no_grad()
def temporal_probabilities(network: TemporalNetwork, inputs: np.ndarray) -> np.ndarray:
    """float64 (T, K + 1) of one video's frames from its inputs (T, C); rows add up to 1."""
    every = network.settings.every
    x = torch.tensor(thinned(inputs, every).T[None], dtype=torch.float32)
    network.eval()
    probabilities = network(x)[-1].softmax(dim=1)[0].T.double().numpy()
    return spread(probabilities, every, len(inputs))


def count_parameters(network: nn.Module) -> int:
    """Numbers that training changes."""
    return sum(parameter.numel() for parameter in network.parameters())


def _tensors(inputs, labels, every) -> tuple[Tensor, Tensor]:
    """(1, C, T') and (T',)."""
    x = torch.tensor(thinned(inputs, every).T[None], dtype=torch.float32)
    return x, torch.tensor(thinned_labels(labels, every))


def _loss(logits: Tensor, labels: Tensor, weights: Tensor, settings: TemporalSettings) -> Tensor:
    """logits (classes, T), labels (T,)."""
    loss = functional.cross_entropy(logits.T, labels, weights, ignore_index=-1)
    logs = logits.log_softmax(dim=0)
    steps = (logs[:, 1:] - logs[:, :-1].detach()).abs().clamp_max(TRUNCATION)
    return loss + settings.smoothness * (steps**2).mean() if steps.numel() else loss


def _held_loss(network: TemporalNetwork, held, weights: Tensor) -> float:
    network.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in held:
            known = int((y >= 0).sum())
            if known:
                logits = network(x)[-1][0].T
                loss = functional.cross_entropy(logits, y, weights, ignore_index=-1)
                total, count = total + float(loss) * known, count + known
    return total / max(count, 1)
