from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from microgesture.configuration.settings import complete_settings
from microgesture.datasets.more_numbers import draw_more
from microgesture.provenance.errors import BadInput
from microgesture.training.mixing import loss_of_batch, mixed
from microgesture.training.recogniser import Objective

AUGMENTATION = complete_settings({})["augmentation"]


def inputs():
    first = torch.arange(3.0).view(3, 1, 1, 1, 1).expand(3, 2, 4, 10, 10).clone()
    second = 10 + torch.arange(3.0).view(3, 1, 1, 1, 1).expand(3, 3, 2, 20, 20).clone()
    return first, second


def test_mixup_by_hand():
    # 0.75 of clip n and 0.25 of clip n - 1: 0 * .75 + 2 * .25, 1 * .75 + 0, 2 * .5 + 1 * .5
    mix = torch.tensor([[0.75, 0, 0.1, 0.9], [0.75, 0, 0, 0], [0.5, 0, 0, 0]])
    (first, second), left = mixed(inputs(), mix)
    assert left.tolist() == [0.75, 0.75, 0.5]
    for clip, value in enumerate((0.5, 0.75, 1.5)):
        assert torch.equal(first[clip], torch.full_like(first[clip], value))
        assert torch.equal(second[clip], torch.full_like(second[clip], 10 + value))


def test_mixup_of_skeletons():
    skeletons = torch.arange(2.0).view(2, 1, 1, 1, 1).expand(2, 3, 4, 17, 1).clone()
    mix = torch.tensor([[0.75, 0, 0.1, 0.9], [0.5, 0, 0, 0]])
    (found,), left = mixed((skeletons,), mix)
    assert left.tolist() == [0.75, 0.5] and found.shape == skeletons.shape
    assert torch.equal(found[0], torch.full_like(found[0], 0.25))
    assert torch.equal(found[1], torch.full_like(found[1], 0.5))


def test_cutmix_by_hand():
    # A rectangle of area .25 around the middle: rows and columns from .25 to .75, in every frame.
    # One around the corner (0, 0): a quarter of it lies inside, 1 / 16.
    mix = torch.tensor([[0.75, 1, 0.5, 0.5], [0.75, 1, 0, 0], [1.0, 1, 0.3, 0.3]])
    (first, second), left = mixed(inputs(), mix)
    assert left.tolist() == pytest.approx([0.75, 1 - 1 / 16, 1])
    expected = torch.zeros(20, 20)
    expected[5:15, 5:15] = 2
    assert torch.equal(second[0], 10 + expected.expand(3, 2, 20, 20))
    corner = torch.ones(20, 20)
    corner[:5, :5] = 0
    assert torch.equal(second[1], 10 + corner.expand(3, 2, 20, 20))
    assert torch.equal(first[2], torch.full_like(first[2], 2.0))
    # On ten pixels: those whose middle (.25, .35, ...) lies inside.
    assert (first[0, 0, 0] == 2).sum() == 25


PLAIN = SimpleNamespace(prototype=None)


def test_the_loss_is_shared():
    objective = Objective(
        complete_settings({"class_weights": "none"}), np.array([4, 4, 4]), torch.device("cpu")
    )
    logits = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    labels, weights = torch.tensor([0, 1, 2, 2]), torch.tensor([1.0, 1.0, 0.5, 1.0])
    batch = {"label": labels, "weight": weights}
    plain = loss_of_batch(objective, PLAIN, [{"logits": logits}], batch)
    each = nn.functional.cross_entropy(logits, labels, reduction="none")
    torch.testing.assert_close(plain, (each * weights).mean())
    left = torch.tensor([1.0, 0.7, 0.2, 0.5])
    found = loss_of_batch(objective, PLAIN, [{"logits": logits}], batch | {"left": left})
    others = nn.functional.cross_entropy(logits, labels[[3, 0, 1, 2]], reduction="none")
    terms = left * weights * each + (1 - left) * weights[[3, 0, 1, 2]] * others
    torch.testing.assert_close(found, terms.mean())
    recogniser = SimpleNamespace(prototype=nn.ModuleList())
    with pytest.raises(BadInput, match="prototypes are means of whole ones"):
        loss_of_batch(objective, recogniser, [{"logits": logits}], batch | {"left": left})


def test_numbers_are_drawn_where_they_are_asked_for():
    def drawn(seed=0, joints=5, **given):
        return draw_more(np.random.default_rng(seed), {**AUGMENTATION, **given}, joints)

    generator = np.random.default_rng(7)
    assert draw_more(generator, AUGMENTATION, 5) == {}
    assert generator.random() == np.random.default_rng(7).random()  # nothing was drawn
    assert set(drawn(turn=0.1)) == {"random_more"} and set(drawn(bone_lengths=0.1)) == {
        "random_bones"
    }
    assert drawn(bone_lengths=0.1, joints=0) == {}
    shares = [drawn(seed, mixup=0.4)["mix"] for seed in range(400)]
    assert {mix[1] for mix in shares} == {0}
    values = np.array([mix[0] for mix in shares])
    # Beta(a, a) has the mean 1/2 and the variance 1 / (4 (2 a + 1)).
    assert values.mean() == pytest.approx(0.5, abs=0.06)
    assert values.var() == pytest.approx(1 / (4 * 1.8), rel=0.15)
    assert {drawn(seed, cutmix=1.0)["mix"][1] for seed in range(9)} == {1}
    either = np.mean([drawn(seed, mixup=1.0, cutmix=1.0)["mix"][1] for seed in range(400)])
    assert either == pytest.approx(0.5, abs=0.08)
