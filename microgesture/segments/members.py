"""What a trained recogniser says about windows: its logits and the features beneath them."""

from collections.abc import Sequence

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor, nn

from microgesture.datasets.clips import Clips
from microgesture.losses.classification import log_mean_probability
from microgesture.segments.condensing import condensed
from microgesture.training.prediction import predict_logits
from microgesture.training.recogniser import Recogniser
from microgesture.training.snapshots import mean_logits


class LogitsAndFeatures(nn.Module):
    """A recogniser whose one output holds the logits (K) with the pooled features behind them.

    Of several branches: the log of their mean probability, and all their features in a row. Of
    several snapshots: the mean of their logits, and the last one's features. Features of a very
    wide network are `condensed`.
    """

    def __init__(self, recogniser: Recogniser, earlier: Sequence[Recogniser] = ()):
        super().__init__()
        self.recogniser, self.earlier = recogniser, nn.ModuleList(earlier)

    def forward(self, *inputs: Tensor) -> list[dict[str, Tensor]]:
        maps, pooled = self.recogniser.features(*inputs)
        outputs = self.recogniser.logits(maps, pooled)
        if len(self.earlier):
            outputs = mean_logits([outputs, *(one(*inputs) for one in self.earlier)])
        branches = [output["logits"] for output in outputs]
        logits = branches[0] if len(branches) == 1 else log_mean_probability(branches)
        features = condensed(torch.cat([x.flatten(1) for x in pooled], dim=1))
        return [{"logits": torch.cat([logits, features], dim=1)}]


def predict_windows(
    recogniser: Recogniser,
    windows: Clips,
    streams: tuple[str, ...],
    settings: dict,
    accelerator: Accelerator,
    num_classes: int,
    chosen: np.ndarray | None = None,
    earlier: Sequence[Recogniser] = (),
) -> tuple[np.ndarray, np.ndarray]:
    """(logits float32 (N, K), features float32 (N, F)) of the windows `chosen` (all without).

    windows: from `windows_as_clips`; settings: those of the training; `test_clips` samples of a
    window are averaged and, with `test_flip`, their mirror images, features as logits (F: all of
    the network's, or as many as `condensed` leaves). earlier: snapshots that predict together with
    the recogniser.
    """
    chosen = np.arange(len(windows)) if chosen is None else np.asarray(chosen)
    model = accelerator.prepare_model(LogitsAndFeatures(recogniser, earlier), evaluation_mode=True)
    values = predict_logits(
        model,
        windows,
        chosen,
        streams,
        settings,
        accelerator,
        views=settings["test_clips"],
        flip=settings["test_flip"],
    ).astype(np.float32)
    if not len(chosen):
        return np.zeros((0, num_classes), np.float32), np.zeros((0, 0), np.float32)
    return values[:, :num_classes], values[:, num_classes:]
