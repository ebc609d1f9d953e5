"""Logits of a trained network, averaged over views of a clip and its mirror image."""

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import broadcast, gather_object
from torch import nn

from microgesture.datasets.clips import Clips
from microgesture.datasets.samples import EpochBatches, make_loader
from microgesture.losses.classification import log_mean_probability
from microgesture.training.inputs import Inputs, make_samples, to_device


def predict_logits(
    model: nn.Module,
    clips: Clips,
    chosen: np.ndarray,
    streams: tuple[str, ...],
    settings: dict,
    accelerator: Accelerator,
    *,
    views: int = 1,
    flip: bool = False,
    batch_size: int | None = None,
) -> np.ndarray:
    """float64 (len(chosen), K): a clip's logits averaged over `views` samples and, with `flip`,
    their mirror images. Of several branches: the log of their mean probability.

    model: a `Recogniser` that the accelerator has prepared; chosen: clip numbers. batch_size: clips
    at once (None: as the settings say). Several processes take whole batches in turn, so that the
    logits are the same, bit for bit, for any number; none waits for another before all are done: a
    process may have none.
    """
    if accelerator.num_processes > 1:
        # The wrapper would exchange buffers at every batch, which not every process has.
        model = accelerator.unwrap_model(model)
        for buffer in model.buffers():
            broadcast(buffer, from_process=0)
    model.eval()
    make_inputs = Inputs(streams, clips, settings, accelerator.mixed_precision == "bf16")
    places = {int(number): place for place, number in enumerate(chosen)}
    total = None
    for view in range(views):
        samples = make_samples(clips, streams, settings, training=False, view=view, views=views)
        batches = EpochBatches(
            chosen,
            batch_size or settings["batch_size"],
            shuffle=False,
            process=accelerator.process_index,
            processes=accelerator.num_processes,
        )
        workers, pin = settings["loader_workers"], accelerator.device.type == "cuda"
        for batch in make_loader(samples, batches, workers, pin):
            batch = to_device(batch, accelerator.device)
            for mirrored in (False, True) if flip else (False,):
                with torch.no_grad():
                    outputs = model(*make_inputs(batch, flip=mirrored))
                logits = torch.stack([output["logits"].double() for output in outputs], dim=1)
                if total is None:  # one table: a small tensor a clip would scatter the memory
                    total = torch.zeros((len(chosen), *logits.shape[1:]), dtype=torch.float64)
                rows = torch.tensor([places[number] for number in batch["clip"].tolist()])
                total[rows] += logits.cpu()
    if accelerator.num_processes > 1:
        # Every process has the sums of its own clips and zeros for the others'.
        total = sum(part for part in gather_object([total]) if part is not None)
    if not len(chosen):
        return np.zeros((0, 0))
    mean = total / (views * (2 if flip else 1))
    branches = list(mean.unbind(dim=1))
    return (branches[0] if len(branches) == 1 else log_mean_probability(branches)).numpy()


def score_logits(logits: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """nll (mean negative log-likelihood), accuracy and mean_class_accuracy (over the classes that
    occur) of logits (N, K) against labels (N,)."""
    logits = logits - logits.max(axis=1, keepdims=True)
    log_probability = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    right = logits.argmax(axis=1) == labels
    recalls = [right[labels == label].mean() for label in np.unique(labels)]
    return {
        "nll": float(-log_probability[np.arange(len(labels)), labels].mean()),
        "accuracy": float(right.mean()),
        "mean_class_accuracy": float(np.mean(recalls)),
    }
