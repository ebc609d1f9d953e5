import math

import pytest
import torch

from microgesture.losses.classification import log_mean_probability, weighted_cross_entropy

LOGITS = torch.tensor([[0.0, 0.0], [math.log(3.0), 0.0]], dtype=torch.float64)


def test_weights_multiply_and_the_mean_is_over_samples():
    # CE: ln 2 for the first; softmax (3/4, 1/4), label 1: ln 4. Class weights 1 and 2, the second
    # sample pseudo-labelled with 0.5: (1 * 1 * ln 2 + 2 * 0.5 * ln 4) / 2 = 1.5 ln 2.
    loss = weighted_cross_entropy(
        LOGITS,
        torch.tensor([0, 1]),
        torch.tensor([1.0, 2.0], dtype=torch.float64),
        torch.tensor([1.0, 0.5], dtype=torch.float64),
    )
    assert loss.item() == pytest.approx(1.5 * math.log(2))


def test_label_smoothing_mixes_with_the_uniform_distribution():
    # e = 0.2, K = 2: target (0.1, 0.9) on probabilities (3/4, 1/4).
    loss = weighted_cross_entropy(LOGITS[1:], torch.tensor([1]), label_smoothing=0.2)
    assert loss.item() == pytest.approx(-0.1 * math.log(0.75) - 0.9 * math.log(0.25))


def test_offsets_are_added_to_the_logits():
    # Prior (1/4, 3/4) makes (3, 1) * (1, 3) = (3, 3): probability 1/2.
    offsets = torch.tensor([0.25, 0.75], dtype=torch.float64).log()
    loss = weighted_cross_entropy(LOGITS[1:], torch.tensor([1]), offsets=offsets)
    assert loss.item() == pytest.approx(math.log(2))


def test_log_mean_probability_of_two_branches():
    # (1/2, 1/2) and (3/4, 1/4): mean (5/8, 3/8).
    mean = log_mean_probability([LOGITS[:1], LOGITS[1:]])
    assert mean.exp().tolist()[0] == pytest.approx([0.625, 0.375])


def test_gradient():
    logits = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    labels = torch.tensor([0, 2, 1, 1])
    weights = torch.rand(3, dtype=torch.float64), torch.rand(4, dtype=torch.float64)
    assert torch.autograd.gradcheck(
        lambda x: weighted_cross_entropy(x, labels, *weights, 0.1), (logits,)
    )
