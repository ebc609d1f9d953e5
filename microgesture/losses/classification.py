"""Cross-entropy with class weights, sample weights, label smoothing and logit adjustment."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def weighted_cross_entropy(
    logits: Tensor,
    labels: Tensor,
    class_weights: Tensor | None = None,
    sample_weights: Tensor | None = None,
    label_smoothing: float = 0.0,
    offsets: Tensor | None = None,
) -> Tensor:
    """mean_i w[y_i] s_i CE(logits_i + offsets, y_i), the mean over the number of samples.

    logits: (N, K); labels: int64 (N,); class_weights, offsets: (K,); sample_weights: (N,). The
    mean is not divided by the weights (as torch's own weighted mean is): the class weights already
    average to 1, and a pseudo-labelled clip of weight 0.5 must count half. Smoothing mixes the
    label with the uniform distribution: (1 - e) onehot + e / K. `offsets` = tau log prior is
    logit adjustment (Menon et al. 2021).
    """
    if offsets is not None:
        logits = logits + offsets
    losses = F.cross_entropy(logits, labels, reduction="none", label_smoothing=label_smoothing)
    if class_weights is not None:
        losses = losses * class_weights[labels]
    if sample_weights is not None:
        losses = losses * sample_weights
    return losses.mean()


def log_mean_probability(logits: list[Tensor]) -> Tensor:
    """Log of the mean of softmax(logits) over the branches, (N, K): logits of the soft vote."""
    stacked = torch.stack([branch.log_softmax(dim=1) for branch in logits])
    return stacked.logsumexp(dim=0) - math.log(len(logits))
