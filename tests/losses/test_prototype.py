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


def test_update_weighs_the_samples_by_hand():
    # Three rightly predicted samples of class 0, (1, 0), (0, 1) and (1, 1), of weights 1, 0.5 and 0:
    # their mean is (1, 0.5) / 1.5, a tenth of which moves the prototype. Class 1 has only a sample
    # of weight 0.25: the mean is that sample. Class 2 has one of weight 0, which is none.
    features = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 4.0], [5.0, 5.0]])
    labels = torch.tensor([0, 0, 0, 1, 2])
    logits = torch.nn.functional.one_hot(labels, 3).float()
    weights = torch.tensor([1.0, 0.5, 0.0, 0.25, 0.0])
    head = PrototypeHead(2, 3, dimension=2, momentum=0.9)
    head.update(features, logits, labels, weights)
    expected = torch.tensor([[0.2 / 3, 0.1 / 3], [0.2, 0.4], [0.0, 0.0]])
    torch.testing.assert_close(head.prototypes, expected)
    assert head.known.tolist() == [True, True, False]


def test_equal_weights_change_no_bit():
    generator = torch.Generator().manual_seed(1)
    features = torch.randn(40, 5, generator=generator)
    labels = torch.randint(0, 4, (40,), generator=generator)
    logits = torch.randn(40, 4, generator=generator)
    plain, weighted = (PrototypeHead(2, 4, dimension=5) for _ in range(2))
    for part in (features, 2 * features):
        plain.update(part, logits, labels)
        weighted.update(part, logits, labels, torch.ones(40))
    # as it was before samples had weights
    right = (logits.argmax(dim=1) == labels).float()[:, None]
    member = torch.nn.functional.one_hot(labels, 4).float() * right
    before = torch.zeros(4, 5)
    for part in (features, 2 * features):
        means = (member.T @ part) / member.sum(dim=0).clamp(min=1)[:, None]
        moved = 0.9 * before + (1 - 0.9) * means
        before = torch.where((member.sum(dim=0) > 0)[:, None], moved, before)
    assert torch.equal(plain.prototypes, before) and torch.equal(weighted.prototypes, before)
    known = torch.tensor([True] * 4)
    for anchors in ("true_positive", "all"):
        losses = [
            prototype_loss(features, logits, labels, before, known, 0.5, anchors, weights)
            for weights in (None, torch.ones(40))
        ]
        assert torch.equal(*losses)


def test_weighted_means_of_the_confused_by_hand():
    # Anchor 0 as above. A second sample is mistaken for class 0: (-1, 0) of label 1, predicted 0.
    # With weights 1 and 0.5 the mean of the mistaken is ((0, 1) + 0.5 (-1, 0)) / 1.5, its cosine to
    # (1, 0) is -0.5 / sqrt(1.25), and the penalty 1 + that. The missed one is sample 2 as before.
    features = torch.cat([FEATURES, torch.tensor([[-1.0, 0.0]], dtype=DOUBLE)])
    logits = torch.cat([LOGITS, LOGITS[:1]])
    labels = torch.tensor([0, 1, 0, 1])
    weights = torch.tensor([1.0, 1.0, 1.0, 0.5], dtype=DOUBLE)
    near = 1 - 0.5 / math.sqrt(1.25)
    expected = _cross_entropy(1 - 0.25 * near, 0.0) + _cross_entropy(0.9, 0.0)
    loss = prototype_loss(
        features, logits, labels, AXES, KNOWN, temperature=1.0, sample_weights=weights
    )
    assert loss.item() == pytest.approx(expected)
    # a sample of weight 0 is none: the same as without it
    weights[3] = 0
    loss = prototype_loss(features, logits, labels, AXES, KNOWN, 1.0, sample_weights=weights)
    alone = prototype_loss(FEATURES, LOGITS, LABELS, AXES, KNOWN, 1.0)
    assert loss.item() == pytest.approx(alone.item())


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
