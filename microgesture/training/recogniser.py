"""A network with what its losses need beside it, and the sum of these losses."""

import numpy as np
import torch
from torch import Tensor, nn

from microgesture.datasets.balancing import class_weights, log_priors
from microgesture.losses.classification import weighted_cross_entropy
from microgesture.losses.prototype import PrototypeHead, prototype_loss
from microgesture.losses.semantic import orthogonal_frame, semantic_loss


class Recogniser(nn.Module):
    """A network of one branch or several, with a semantic and a prototype head per branch.

    network: see microgesture/models; `num_features` is a number, or one per branch. vectors:
    float (K, d) class vectors, or None without semantic loss. skeleton: its feature maps are
    (N, M, C, T, V).
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
        features = network.num_features
        self.branches = features if isinstance(features, tuple) else (features,)
        self.semantic, self.prototype = None, None
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

    def forward(self, *inputs: Tensor) -> list[dict[str, Tensor]]:
        """One dictionary per branch: "logits" (N, K) and, where their heads exist, "semantic"
        (N, d) and "prototype" (N, D). Without training only the logits."""
        if len(self.branches) == 1:
            maps = (self.network.forward_features(*inputs),)
            pooled = (self.network.pool(maps[0]),)
            logits = (self.network.head(pooled[0]),)
        else:
            maps = self.network.forward_features(*inputs)
            pooled = self.network.pool(*maps)
            logits = self.network.head(*maps)
        outputs = [{"logits": branch} for branch in logits]
        if self.training:
            for number, output in enumerate(outputs):
                if self.semantic is not None:
                    output["semantic"] = self.semantic[number](pooled[number])
                if self.prototype is not None:
                    output["prototype"] = self.prototype[number](maps[number])
        return outputs


class Objective:
    """The training loss: the branches' sums of cross-entropy, semantic and prototype loss."""

    def __init__(self, settings: dict, counts: np.ndarray, device: torch.device):
        """counts: labelled training clips per class, (K,)."""
        self.settings = settings

        def tensor(values):
            return torch.tensor(values, dtype=torch.float32, device=device)

        self.class_weights = tensor(class_weights(counts, settings["class_weights"]))
        strength = settings["logit_adjustment"]
        self.offsets = tensor(strength * log_priors(counts)) if strength else None

    def __call__(
        self, recogniser: Recogniser, outputs: list[dict], labels: Tensor, weights: Tensor
    ) -> Tensor:
        """A scalar; labels int64 (N,), weights float (N,). Moves the prototypes."""
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
                head.update(features, logits, labels)
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
