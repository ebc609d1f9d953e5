"""A network with what its losses need beside it, and the sum of these losses."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from microgesture.datasets.balancing import class_weights, log_priors
from microgesture.losses.classification import weighted_cross_entropy
from microgesture.losses.prototype import PrototypeHead, prototype_loss
from microgesture.losses.semantic import orthogonal_frame, semantic_loss


class Recogniser(nn.Module):
    """A network of one branch or several, with a semantic and a prototype head per branch.

    network: see microgesture/models; `num_features` is a number, or one per branch. A network may
    offer an auxiliary classifier that helps while training: a method `auxiliary_logits`, which
    makes logits (N, K) from the maps of `forward_features` (of several branches: one per branch),
    and its parameters in `auxiliary_classifier`. vectors: float (K, d) class vectors, or None
    without semantic loss. skeleton: its feature maps are (N, M, C, T, V).
    """

    def __init__(
        self,
        network: nn.Module,
        num_classes: int,
        settings: dict,
        *,
        vectors: np.ndarray | None = None,
        skeleton: bool = False,
    ):
        super().__init__()
        self.network = network
        self.frozen_statistics = settings["batch_norm"] == "frozen"
        features = network.num_features
        self.branches = features if isinstance(features, tuple) else (features,)
        self.semantic, self.prototype = None, None
        offers = hasattr(network, "auxiliary_logits")
        self.auxiliary = offers and settings["auxiliary_weight"] > 0
        if offers and not self.auxiliary:  # several processes wait for every gradient
            network.auxiliary_classifier.requires_grad_(False)
        group = settings["semantic_loss"]
        if vectors is not None and group["form"] != "none":
            raw = group["form"] == "squared_error"
            targets = vectors if raw else orthogonal_frame(vectors)
            self.register_buffer("targets", torch.tensor(targets, dtype=torch.float32))
            self.semantic = nn.ModuleList(nn.Linear(n, vectors.shape[1]) for n in self.branches)
        group = settings["prototype_loss"]
        if group["weight"] > 0:
            self.prototype = nn.ModuleList(
                PrototypeHead(n, num_classes, group["dimension"], group["momentum"], skeleton)
                for n in self.branches
            )

    def train(self, mode: bool = True) -> "Recogniser":
        """As every module; frozen statistics of batch normalisation (`batch_norm`) stay so."""
        super().train(mode)
        if self.frozen_statistics:
            for module in self.modules():
                if isinstance(module, _BatchNorm):
                    module.eval()
        return self

    def features(self, *inputs: Tensor) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """Last maps and pooled features (N, C), one per branch each."""
        maps = self.network.forward_features(*inputs)
        if len(self.branches) == 1:
            return (maps,), (self.network.pool(maps),)
        return maps, self.network.pool(*maps)

    def logits(
        self, maps: tuple[Tensor, ...], pooled: tuple[Tensor, ...]
    ) -> list[dict[str, Tensor]]:
        """What `features` gives -> one dictionary per branch with "logits" (N, K)."""
        if len(self.branches) == 1:
            return [{"logits": self.network.head(pooled[0])}]
        return [{"logits": branch} for branch in self.network.head(*maps)]

    def forward(self, *inputs: Tensor) -> list[dict[str, Tensor]]:
        """One dictionary per branch: "logits" (N, K) and, where their heads exist, "auxiliary"
        (N, K), "semantic" (N, d) and "prototype" (N, D). Without training only the logits."""
        maps, pooled = self.features(*inputs)
        outputs = self.logits(maps, pooled)
        if not self.training:
            return outputs
        if self.auxiliary:
            auxiliary = self.network.auxiliary_logits(*maps)
            branches = (auxiliary,) if len(self.branches) == 1 else auxiliary
            for output, logits in zip(outputs, branches):
                output["auxiliary"] = logits
        for number, output in enumerate(outputs):
            if self.semantic is not None:
                output["semantic"] = self.semantic[number](pooled[number])
            if self.prototype is not None:
                output["prototype"] = self.prototype[number](maps[number])
        return outputs


class Objective:
    """The training loss: the branches' sums of cross-entropy, auxiliary, semantic and prototype
    loss.

    The auxiliary classifier (EHCT, Huang et al., MiGA at IJCAI 2023) is there for the rare classes,
    so its cross-entropy weights every class by the inverse of its number of clips. The loss and its
    weight are this project's own: those of EHCT are not public.
    """

    judges = True  # there are classes, and a share of clips that is rightly predicted

    def __init__(self, settings: dict, counts: np.ndarray, device: torch.device):
        """counts: labelled training clips per class, (K,)."""
        self.settings = settings

        def tensor(values):
            return torch.tensor(values, dtype=torch.float32, device=device)

        self.class_weights = tensor(class_weights(counts, settings["class_weights"]))
        self.even_weights = tensor(class_weights(counts, "inverse"))
        strength = settings["logit_adjustment"]
        self.offsets = tensor(strength * log_priors(counts)) if strength else None

    def __call__(
        self,
        recogniser: Recogniser,
        outputs: list[dict],
        labels: Tensor,
        weights: Tensor,
        share: float = 1.0,
    ) -> Tensor:
        """A scalar; labels int64 (N,), weights float (N,). Moves the prototypes, as far as `share`
        of a step's batch does."""
        semantic, prototype = self.settings["semantic_loss"], self.settings["prototype_loss"]
        loss = 0.0
        for number, output in enumerate(outputs):
            logits = output["logits"].float()
            loss = loss + weighted_cross_entropy(
                logits,
                labels,
                self.class_weights,
                weights,
                self.settings["label_smoothing"],
                self.offsets,
            )
            if "auxiliary" in output:
                loss = loss + self.settings["auxiliary_weight"] * weighted_cross_entropy(
                    output["auxiliary"].float(),
                    labels,
                    self.even_weights,
                    weights,
                    self.settings["label_smoothing"],
                )
            if "semantic" in output:
                loss = loss + semantic["weight"] * semantic_loss(
                    output["semantic"].float(),
                    labels,
                    recogniser.targets,
                    semantic["form"],
                    semantic["temperature"],
                    weights,
                )
            if "prototype" in output:
                head, features = recogniser.prototype[number], output["prototype"].float()
                head.update(features, logits, labels, weights, share)
                loss = loss + prototype["weight"] * prototype_loss(
                    features,
                    logits,
                    labels,
                    head.prototypes.clone(),  # the next step's update is in place
                    head.known.clone(),
                    prototype["temperature"],
                    prototype["anchors"],
                    weights,
                )
        return loss
