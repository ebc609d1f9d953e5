"""A step in several passes against the whole batch, and against gradients computed apart."""

import numpy as np
import pytest
import torch
from torch import nn

from microgesture.configuration.settings import complete_settings
from microgesture.datasets.samples import Share, number_of_passes
from microgesture.models import video_swin
from microgesture.training.averaging import WeightAverage
from microgesture.training.device import make_accelerator
from microgesture.training.epochs import gradient_weight
from microgesture.training.learner import Learner
from microgesture.training.optimisers import make_optimiser
from microgesture.training.recogniser import Objective, Recogniser

COUNTS = np.array([4, 2, 1])


class Pictures:
    """A batch's pictures, as they are."""

    streams = ("rgb",)

    def __call__(self, batch, training):
        assert training
        return (batch["rgb"],)


class Linear(nn.Module):
    """Logits are linear in the mean picture."""

    num_features = 3

    def __init__(self):
        super().__init__()
        self.classifier = nn.Linear(3, 3)

    def forward_features(self, x):
        return x

    def pool(self, features):
        return features.mean(dim=(2, 3, 4))

    def head(self, pooled):
        return self.classifier(pooled)


def make(network, given):
    settings = complete_settings({"precision": "float32", "momentum": 0.0, **given})
    accelerator = make_accelerator(False, "float32")
    recogniser = Recogniser(network, 3, settings, vectors=np.eye(3, 4))
    model, optimiser = accelerator.prepare(recogniser, make_optimiser(recogniser, settings))
    objective = Objective(settings, COUNTS, accelerator.device)
    average = WeightAverage(recogniser, 0.5)
    parts = (recogniser, model, optimiser, objective, Pictures(), accelerator, settings, average)
    model.train()
    return Learner(*parts)


def batch_of(clips, size=32):
    generator = torch.Generator().manual_seed(4)
    return {
        "rgb": torch.rand(clips, 3, 4, size, size, generator=generator),
        "label": torch.arange(clips) % 3,
        "weight": torch.where(torch.arange(clips) % 4 == 1, 0.5, 1.0),
    }


def step(learner, batch, rate=0.1, weight=1.0, counting=None, whole=None):
    """whole: clips of the batch; counting: those of this process that are no stand-ins."""
    clips = len(batch["label"])
    passes = number_of_passes(clips, learner.settings["micro_batch"])
    counting = clips if counting is None else counting
    share = Share(whole or clips, counting, clips, passes)
    return learner.step(learner.prepare(batch, passes), share, rate, weight)


def swin():
    torch.manual_seed(0)
    return video_swin.build(
        *(3,),
        dropout=0.0,
        embed_channels=8,
        stage_blocks=(1, 1),
        stage_heads=(1, 2),
        stochastic_depth=0.0,
    )


@pytest.mark.parametrize("micro", [1, 3, 4])
def test_passes_add_up_to_the_whole_batch(micro):
    given = {"semantic_loss": {"form": "softmax"}, "label_smoothing": 0.1, "gradient_clip": 0.0}
    whole, parts = make(swin(), given), make(swin(), {**given, "micro_batch": micro})
    for _ in range(2):
        seen = [step(learner, batch_of(7)) for learner in (whole, parts)]
        torch.testing.assert_close(seen[0][0], seen[1][0], rtol=1e-5, atol=1e-6)
        assert seen[0][1] == seen[1][1]
    gradients = [dict(learner.recogniser.named_parameters()) for learner in (whole, parts)]
    largest = max(p.grad.abs().max() for p in gradients[0].values())
    for name, parameter in gradients[0].items():
        difference = (parameter.grad - gradients[1][name].grad).abs().max()
        assert difference < 1e-5 * largest, name
    for name, value in whole.average.tensors.items():
        torch.testing.assert_close(value, parts.average.tensors[name], rtol=1e-4, atol=1e-6)
    assert parts.average.steps == 2  # one a step, not one a pass


@pytest.mark.parametrize("micro", [0, 2])
def test_a_step_by_hand(micro):
    """Softmax regression: the gradient is the mean of w_y s (p - onehot) x; this process has 5 of
    the batch's 4 clips, which makes a factor of 5 / 4."""
    torch.manual_seed(0)
    given = {"micro_batch": micro, "gradient_clip": 0.0, "weight_decay": 0.0}
    learner = make(Linear(), {**given, "class_weights": "inverse"})
    layer = learner.recogniser.network.classifier
    weight, bias = (p.detach().double().numpy().copy() for p in (layer.weight, layer.bias))
    batch = batch_of(5, size=2)
    loss, right = step(learner, batch, rate=0.2, weight=0.5, whole=4)
    x = batch["rgb"].double().mean(dim=(2, 3, 4)).numpy()
    labels = batch["label"].numpy()
    logits = x @ weight.T + bias
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    each = (COUNTS.sum() / (3 * COUNTS))[labels] * batch["weight"].numpy()
    errors = each[:, None] * (p - np.eye(3)[labels])
    expected = 1.25 * np.mean(each * -np.log(p[np.arange(5), labels]))
    assert float(loss) == pytest.approx(expected, rel=1e-5)
    assert int(right) == (logits.argmax(axis=1) == labels).sum()
    moved = 0.2 * 1.25 * 0.5 / 5  # rate, factor, weight, mean over the clips
    np.testing.assert_allclose(layer.weight.detach(), weight - moved * errors.T @ x, atol=1e-6)
    np.testing.assert_allclose(layer.bias.detach(), bias - moved * errors.sum(axis=0), atol=1e-6)


def test_stand_ins_are_not_counted():
    learner = make(Linear(), {"micro_batch": 2})
    torch.nn.init.zeros_(learner.recogniser.network.classifier.weight)
    with torch.no_grad():
        learner.recogniser.network.classifier.bias.copy_(torch.tensor([1.0, 0.0, 0.0]))
    batch = batch_of(7, size=2)
    batch["label"] = torch.zeros(7, dtype=torch.int64)  # all are right, for these weights
    assert [int(step(learner, batch, 0.0, counting=n)[1]) for n in (7, 5, 0)] == [7, 5, 0]


def test_a_short_batch_by_hand():
    settings = {"batch_size": 16, "last_batch": "short"}
    assert gradient_weight(Share(5, 2, 2, 1), settings) == 1
    settings["last_batch"] = "weighted"
    assert gradient_weight(Share(5, 2, 2, 1), settings) == 5 / 16
    assert gradient_weight(Share(16, 8, 8, 1), settings) == 1


def test_parts_of_a_step_move_a_prototype_as_far_as_the_whole():
    """All clips of a class alike and rightly predicted: four passes move it as one step does."""
    found = {}
    for micro in (0, 2):
        torch.manual_seed(0)
        given = {"micro_batch": micro, "prototype_loss": {"weight": 0.1, "dimension": 4}}
        learner = make(Linear(), given)
        with torch.no_grad():
            learner.recogniser.network.classifier.bias.copy_(torch.tensor([9.0, 0.0, 0.0]))
        batch = batch_of(8, size=2)
        batch["rgb"] = batch["rgb"][:1].expand(8, -1, -1, -1, -1)
        batch["label"] = torch.zeros(8, dtype=torch.int64)
        step(learner, batch, rate=0.0)
        found[micro] = learner.recogniser.prototype[0].prototypes
    assert found[0][0].abs().sum() > 0
    torch.testing.assert_close(found[2], found[0])
