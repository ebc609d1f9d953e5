"""The stages of a training: the whole network, and then, where asked for, its classifier alone.

Classifier re-training (cRT): Kang et al., "Decoupling Representation and Classifier for Long-Tailed
Recognition", ICLR 2020. Features learn best from the clips as they are, a classifier from classes
that are seen equally often.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from microgesture.training.recogniser import Recogniser
from microgesture.weights.networks import classifier_names

NETWORK, CLASSIFIER = "network", "classifier"


@dataclass(frozen=True)
class Stage:
    """name: NETWORK or CLASSIFIER, what learns. first: epochs of the stages before. settings: those
    of the training, with this stage's own numbers."""

    name: str
    first: int
    settings: dict

    @property
    def end(self) -> int:
        """Epochs of this stage and of those before."""
        return self.first + self.settings["epochs"]


def plan_stages(settings: dict) -> list[Stage]:
    """The stages of a training in their order."""
    stages = [Stage(NETWORK, 0, settings)]
    if settings["classifier_retraining"]["epochs"]:
        stages.append(Stage(CLASSIFIER, settings["epochs"], retraining_settings(settings)))
    return stages


def retraining_settings(settings: dict) -> dict:
    """The settings of the classifier's stage: as in the paper the rate starts anew and falls as a
    cosine, and balanced drawing takes the place of every other weighting of classes."""
    group = settings["classifier_retraining"]
    own = {
        "epochs": group["epochs"],
        "learning_rate": group["learning_rate"] or settings["learning_rate"],
        "schedule": "cosine",
        "warmup_epochs": 0.0,
    }
    if group["learning_rate"]:  # a rate of its own is that rate, not a multiple of it
        own["rate_multipliers"] = {"backbone": 1.0, "head": 1.0}
    if group["balanced"]:
        own |= {"balanced_sampling": True, "class_weights": "none", "logit_adjustment": 0.0}
    return {**settings, **own}


class ClassifierOnly(nn.Module):
    """A Recogniser whose classifiers learn while all else stands still: fixed weights, batch
    normalisation and dropout as in prediction. Gives the logits alone."""

    def __init__(self, recogniser: Recogniser):
        super().__init__()
        self.recogniser = recogniser
        recogniser.zero_grad(set_to_none=True)  # gradients left over would count in the clipping
        recogniser.requires_grad_(False)
        for classifier in classifiers(recogniser):
            classifier.requires_grad_(True)

    def train(self, mode: bool = True) -> "ClassifierOnly":
        """Everything stays in evaluation mode."""
        return super().train(False)

    def forward(self, *inputs: Tensor) -> list[dict[str, Tensor]]:
        """One dictionary per branch: "logits" (N, K)."""
        with torch.no_grad():
            maps, pooled = self.recogniser.features(*inputs)
        return self.recogniser.logits(maps, pooled)


def classifiers(recogniser: Recogniser) -> list[nn.Linear]:
    """The last linear layer of every branch."""
    network = recogniser.network
    return [network.get_submodule(name) for name in classifier_names(network)]


def restart_classifiers(recogniser: Recogniser) -> None:
    """New weights, in place: normal with deviation 0.01, bias 0."""
    for classifier in classifiers(recogniser):
        nn.init.normal_(classifier.weight, std=0.01)
        nn.init.zeros_(classifier.bias)
