import math

import pytest
import torch

from microgesture.losses.prototype import PrototypeHead, prototype_loss

DOUBLE = torch.float64

# Two classes, prototypes on the axes, temperature 1.
# 0: feature (1, 0), label 0, predicted 0 with p = 3/4  -> true positive of class 0
# 1: feature (0, 1), label 1, predicted 0               -> missed by class 1, mistaken for class 0
# 2: feature (3, 4), label 0, predicted 1               -> missed by class 0, mistaken for class 1
FEATURES = torch.tensor([[1.0, 0.0], [0.0, 1.0], [3.0, 4.0]], dtype=DOUBLE)
LOGITS = torch.tensor([[math.log(3), 0.0], [math.log(3), 0.0], [0.0, math.log(4)]], dtype=DOUBLE)
LABELS = torch.tensor([0, 1, 0])
AXES, KNOWN = torch.eye(2, dtype=DOUBLE), torch.tensor([True, True])


def _cross_entropy(right, other):
    return math.log(math.exp(right) + math.exp(other)) - right


def test_true_positive_anchor_by_hand():
    # Anchor 0 alone (k = 0): cosines to the prototypes 1 and 0, 1 - p = 1/4.
    # Mistaken for 0: sample 1, cosine 0, penalty 1 + 0 = 1; score of k: 1 - 1/4 * 1 = 0.75.
    # Missed by 0: sample 2, cosine 0.6, penalty 1 - 0.6 = 0.4; score of k: 1 - 1/4 * 0.4 = 0.9.
    expected = _cross_entropy(0.75, 0.0) + _cross_entropy(0.9, 0.0)
    loss = prototype_loss(FEATURES, LOGITS, LABELS, AXES, KNOWN, temperature=1.0)
    assert loss.item() == pytest.approx(expected)


def test_all_anchors_by_hand():
    # Anchor 1 (k = 1, p = 1/4): cosines 0, 1. Mistaken for 1: sample 2 (cosine 0.8), penalty 1.8,
    # score 1 - 0.75 * 1.8 = -0.35. Missed by 1: itself, penalty 1 - 1 = 0, score 1.
    # Anchor 2 (k = 0, p = 1/5): cosines 0.6, 0.8. Mistaken for 0: sample 1 (cosine 0.8), penalty
    # 1.8, score 0.6 - 0.8 * 1.8 = -0.84. Missed by 0: itself, penalty 0, score 0.6.
    expected = _cross_entropy(0.75, 0.0) + _cross_entropy(0.9, 0.0)
    expected += _cross_entropy(-0.35, 0.0) + _cross_entropy(1.0, 0.0)
    expected += _cross_entropy(-0.84, 0.8) + _cross_entropy(0.6, 0.8)
    loss = prototype_loss(FEATURES, LOGITS, LABELS, AXES, KNOWN, temperature=1.0, anchors="all")
    assert loss.item() == pytest.approx(expected / 3)


def test_without_confusion_there_is_no_penalty():
    # Temperature 1/8 makes the score 8; both terms are the plain cross-entropy.
    loss = prototype_loss(FEATURES[:1], LOGITS[:1], LABELS[:1], AXES, KNOWN)
    assert loss.item() == pytest.approx(2 * _cross_entropy(8.0, 0.0))


def test_classes_without_prototype_are_masked():
    # Class 1 has none: the softmax runs over class 0 alone and the loss is 0; with class 0
    # unknown there is no anchor at all.
    for known in ([True, False], [False, True]):
        features = FEATURES.clone().requires_grad_()
        loss = prototype_loss(features, LOGITS, LABELS, AXES, torch.tensor(known))
        loss.backward()
        assert loss.item() == pytest.approx(0.0, abs=1e-12)
        assert torch.isfinite(features.grad).all()


def test_zero_features_stay_finite():
    features = torch.zeros(3, 2, requires_grad=True)
    prototype_loss(features, LOGITS.float(), LABELS, torch.zeros(2, 2), KNOWN).backward()
    assert torch.isfinite(features.grad).all()


@pytest.mark.parametrize("anchors", ["true_positive", "all"])
def test_gradient(anchors):
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(6, 4, dtype=DOUBLE, generator=generator, requires_grad=True)
    labels = torch.tensor([0, 1, 2, 0, 1, 2])
    logits = torch.randn(6, 3, dtype=DOUBLE, generator=generator)
    logits = (logits + 2 * torch.eye(3, dtype=DOUBLE)[[0, 1, 0, 1, 1, 2]]).requires_grad_()
    prototypes = torch.randn(3, 4, dtype=DOUBLE, generator=generator)
    known = torch.tensor([True, True, True])
    assert torch.autograd.gradcheck(
        lambda f, z: prototype_loss(f, z, labels, prototypes, known, 0.5, anchors),
        (features, logits),
    )


def test_update_moves_prototypes_of_rightly_predicted_classes_alone():
    head = PrototypeHead(2, 2, dimension=2, momentum=0.9)
    head.update(FEATURES.float(), LOGITS.float(), LABELS)
    # Class 0: 0.9 * 0 + 0.1 * (1, 0). Class 1 has no rightly predicted sample.
    torch.testing.assert_close(head.prototypes, torch.tensor([[0.1, 0.0], [0.0, 0.0]]))
    assert head.known.tolist() == [True, False]
    head.update(FEATURES.float(), LOGITS.float(), LABELS)
    assert head.prototypes[0, 0].item() == pytest.approx(0.19)  # 0.9 * 0.1 + 0.1
    assert {"prototypes", "known"} <= set(head.state_dict())


def test_pooling_of_volumes_and_skeletons():
    head = PrototypeHead(1, 2, dimension=1)
    skeleton = PrototypeHead(1, 2, dimension=1, skeleton=True)
    for one in (head, skeleton):
        torch.nn.init.ones_(one.embed.weight)
        torch.nn.init.zeros_(one.embed.bias)
    volume = torch.tensor([[[[[1.0, 5.0]], [[3.0, 1.0]]]]])  # (1, 1, T=2, 1, 2)
    assert head(volume).item() == 3.0  # means over time 2 and 3, the larger
    people = torch.cat([volume[:, :, :, 0][:, None], volume[:, :, :, 0][:, None] * 0], dim=1)
    assert skeleton(people).item() == 1.5  # 3 and 0 over two people
