import numpy as np
import pytest
import torch
from torch import nn

from microgesture.configuration.settings import complete_settings
from microgesture.training.recogniser import Objective, Recogniser


class TwoHeads(nn.Module):
    """Logits are the mean over time, auxiliary logits the maximum; no parameter in the way."""

    num_features = 3

    def __init__(self):
        super().__init__()
        self.auxiliary_classifier = nn.Linear(3, 3, bias=False)
        nn.init.eye_(self.auxiliary_classifier.weight)

    def forward_features(self, x):
        return x

    def pool(self, features):
        return features.mean(dim=2)

    def head(self, pooled):
        return pooled

    def auxiliary_logits(self, features):
        return self.auxiliary_classifier(features.amax(dim=2))


def make(**given):
    settings = complete_settings({"class_weights": "none", **given})
    return settings, Recogniser(TwoHeads(), 3, settings)


def test_auxiliary_loss_by_hand():
    """0.25 x the mean over two clips of n / (3 n_c) x cross-entropy of the maxima."""
    settings, recogniser = make(auxiliary_weight=0.25)
    x = torch.tensor([[[1.0, 3.0], [0.0, 0.0], [0.0, 2.0]], [[0.0, 0.0], [4.0, 0.0], [1.0, 1.0]]])
    labels, counts = torch.tensor([0, 1]), np.array([4, 2, 6])
    outputs = recogniser(x)
    found = Objective(settings, counts, torch.device("cpu"))(
        recogniser, outputs, labels, torch.ones(2)
    )

    def cross_entropy(logits, label):
        return float(np.log(np.exp(logits).sum()) - logits[label])

    main = np.mean([cross_entropy(np.array([2, 0, 1.0]), 0), cross_entropy([0, 2, 1.0], 1)])
    even = [12 / (3 * 4), 12 / (3 * 2)]  # every class weighs the same in sum
    auxiliary = np.mean(
        [even[0] * cross_entropy([3.0, 0, 2], 0), even[1] * cross_entropy([0, 4.0, 1], 1)]
    )
    assert float(found) == pytest.approx(main + 0.25 * auxiliary)


def test_auxiliary_logits_are_for_training_alone():
    _, recogniser = make()
    assert set(recogniser(torch.rand(2, 3, 4))[0]) == {"logits", "auxiliary"}
    assert set(recogniser.eval()(torch.rand(2, 3, 4))[0]) == {"logits"}


def test_without_weight_its_parameters_need_no_gradient():
    _, recogniser = make(auxiliary_weight=0.0)
    assert set(recogniser(torch.rand(2, 3, 4))[0]) == {"logits"}
    assert not recogniser.network.auxiliary_classifier.weight.requires_grad
