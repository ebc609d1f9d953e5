"""Prototype loss: refine ambiguous samples against class prototypes.

Equations 5 to 9 of "Prototype Learning for Micro-gesture Classification" (arXiv 2408.03097),
which takes the idea from FR-Head (Zhou et al. 2023, "Learning Discriminative Representations for
Skeleton Based Action Recognition").
"""

import torch
import torch.distributed
import torch.nn.functional as F
from torch import Tensor, nn

EPS = 1e-8


def prototype_loss(
    features: Tensor,
    logits: Tensor,
    labels: Tensor,
    prototypes: Tensor,
    known: Tensor,
    temperature: float = 0.125,
    anchors: str = "true_positive",
    sample_weights: Tensor | None = None,
) -> Tensor:
    """Mean over the anchors i (class k) of two cross-entropies over the known classes l.

    Their scores are cos(f_i, P_l) / temperature - [l = k] (1 - p_ik) penalty_i with the penalties
    1 + cos(f_i, mu_FP) and 1 - cos(f_i, mu_FN): mu_FP is the mean feature of the batch's samples
    wrongly predicted k, mu_FN that of the samples of class k predicted otherwise; an empty set
    gives no penalty. p = softmax(logits).

    features: (N, D); logits: (N, K); labels: int64 (N,); prototypes: (K, D); known: bool (K,),
    classes that have a prototype; the others are masked out and are no anchors. anchors:
    true_positive (rightly predicted samples, the paper) or all (FR-Head). Without anchors the loss
    is 0. The gradient runs through features, means and probabilities, not through prototypes.
    sample_weights: (N,), each anchor's share of the sum (which is divided by the number of anchors)
    and each sample's share of the means mu.
    """
    classes = logits.shape[1]
    predicted = logits.argmax(dim=1)
    probability = logits.softmax(dim=1).gather(1, labels[:, None])[:, 0]
    right = predicted == labels
    chosen = known[labels] & (right if anchors == "true_positive" else True)
    unit = F.normalize(features, dim=1, eps=EPS)
    scores = unit @ F.normalize(prototypes, dim=1, eps=EPS).T / temperature
    scores = scores.masked_fill(~known, -1e9)
    wrong = (~right).to(features.dtype)[:, None]
    if sample_weights is not None:
        wrong = wrong * sample_weights.to(features.dtype)[:, None]
    missed, has_missed = _class_means(features, wrong, labels, classes)
    mistaken, has_mistaken = _class_means(features, wrong, predicted, classes)
    away = 1 - (unit * F.normalize(missed, dim=1, eps=EPS)[labels]).sum(dim=1)
    near = 1 + (unit * F.normalize(mistaken, dim=1, eps=EPS)[labels]).sum(dim=1)
    losses = torch.zeros_like(probability)
    for penalty, exists in ((near, has_mistaken), (away, has_missed)):
        lowered = (1 - probability) * penalty * exists[labels]
        offset = torch.zeros_like(scores).scatter(1, labels[:, None], lowered[:, None])
        losses = losses + F.cross_entropy(scores - offset, labels, reduction="none")
    # An anchor's class is known, so its losses are finite; the others are cut off before the sum.
    losses = torch.where(chosen, losses, torch.zeros_like(losses))
    if sample_weights is not None:
        losses = losses * sample_weights
    return losses.sum() / chosen.sum().clamp(min=1)


def _class_means(features, mask, groups, classes) -> tuple[Tensor, Tensor]:
    """Mean feature (K, D) of every group's samples, weighted by `mask` (N, 1), and whether there is
    a sample of a weight above 0 (K,)."""
    member = F.one_hot(groups, classes).to(features.dtype) * mask
    return _divided(member.T @ features, member.sum(dim=0)), member.sum(dim=0) > 0


def _divided(sums: Tensor, counts: Tensor) -> Tensor:
    """Means (K, D) of sums (K, D) and weights (K,), which may add up to less than 1; 0 for none."""
    return sums / torch.where(counts > 0, counts, torch.ones_like(counts))[:, None]


class PrototypeHead(nn.Module):
    """Embedding f = Linear(pool(F)) and one prototype per class, kept as buffers.

    pool is the mean over time, then the maximum over space (joints); over several people the mean.
    """

    def __init__(
        self,
        channels: int,
        num_classes: int,
        dimension: int = 256,
        momentum: float = 0.9,
        skeleton: bool = False,
    ):
        """skeleton: the feature maps are (N, M, C, T, V) instead of (N, C, T, H, W)."""
        super().__init__()
        self.skeleton = skeleton
        self.embed = nn.Linear(channels, dimension)
        self.momentum = momentum
        self.register_buffer("prototypes", torch.zeros(num_classes, dimension))
        self.register_buffer("known", torch.zeros(num_classes, dtype=torch.bool))

    def forward(self, features: Tensor) -> Tensor:
        """Feature map -> (N, dimension)."""
        if self.skeleton:
            return self.embed(features.mean(dim=3).amax(dim=3).mean(dim=1))
        return self.embed(features.mean(dim=2).amax(dim=(2, 3)))

    @torch.no_grad()
    def update(
        self,
        embeddings: Tensor,
        logits: Tensor,
        labels: Tensor,
        sample_weights: Tensor | None = None,
        share: float = 1.0,
    ) -> None:
        """P_k <- rho P_k + (1 - rho) mean of the rightly predicted samples of class k.

        Prototypes start at 0: only their direction counts. Classes without such a sample in the
        batch stay as they are. With several processes the mean is over all of them.
        sample_weights: (N,), each sample's share of the mean, so that a pseudo-labelled clip of
        weight 0.5 moves a prototype half as far as a labelled one beside it; weight 0: not at all.
        share: of the step's clips that these are; rho ** share is kept, so that the parts of a
        batch together move a prototype about as far as the whole.
        """
        classes = len(self.prototypes)
        right = (logits.argmax(dim=1) == labels).float()[:, None]
        if sample_weights is not None:
            right = right * sample_weights.float()[:, None]
        member = F.one_hot(labels, classes).float() * right
        sums, counts = member.T @ embeddings.float(), member.sum(dim=0)
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            torch.distributed.all_reduce(sums)
            torch.distributed.all_reduce(counts)
        found = counts > 0
        kept = self.momentum if share == 1 else self.momentum**share
        moved = kept * self.prototypes + (1 - kept) * _divided(sums, counts)
        self.prototypes.copy_(torch.where(found[:, None], moved, self.prototypes))
        self.known |= found
