"""Masks: how many, which, and that moving tokens are hidden more often."""

import math

import pytest
import torch

from microgesture.pretraining.masking import draw_hidden, hidden_count, motion_energy, told_by


@pytest.mark.parametrize(
    ("tokens", "ratio", "count"), [(100, 0.9, 90), (20, 0.01, 1), (10, 0.99, 9), (2, 0.5, 1)]
)
def test_something_is_hidden_and_something_shown(tokens, ratio, count):
    assert hidden_count(tokens, ratio) == count
    torch.manual_seed(0)
    hidden = draw_hidden(torch.rand(5, tokens), ratio, 0.8)
    assert hidden.sum(dim=1).tolist() == [count] * 5


def test_energy_is_the_mean_change_from_the_segment_before():
    segments = torch.tensor([[[[0.0, 0.0]], [[1.0, 3.0]], [[1.0, 2.0]]]])  # (1, S=3, V=1, 2)
    assert motion_energy(segments)[0, :, 0].tolist() == [2.0, 2.0, 0.5]
    assert motion_energy(segments[:, :1]).tolist() == [[[0.0]]]


def test_odds_are_those_of_the_energies():
    """One of two tokens is hidden: the moving one exp(1 / temperature) times as often."""
    torch.manual_seed(0)
    energy = torch.tensor([[0.0, 5.0]]).repeat(40_000, 1)
    for temperature in (0.8, 0.5):
        share = draw_hidden(energy, 0.5, temperature)[:, 1].float().mean().item()
        odds = math.exp(1 / temperature)
        assert share == pytest.approx(odds / (1 + odds), abs=0.01)
    assert draw_hidden(energy, 0.5, 0.0)[:, 1].float().mean().item() == pytest.approx(0.5, abs=0.01)


def test_a_clip_that_stands_still_is_masked_evenly():
    torch.manual_seed(0)
    hidden = draw_hidden(torch.zeros(4000, 8), 0.5, 0.8)
    assert hidden.float().mean(dim=0).tolist() == pytest.approx([0.5] * 8, abs=0.04)


def test_the_same_seed_draws_the_same():
    energy = torch.rand(3, 30)
    masks = []
    for _ in range(2):
        torch.manual_seed(7)
        masks.append(draw_hidden(energy, 0.7, 0.8))
    assert torch.equal(*masks)


def test_what_can_be_told_of_the_other_streams():
    """Three joints in a row, three frames; the middle one is hidden in the second frame."""
    shown = torch.ones(1, 1, 3, 3, dtype=torch.bool)
    shown[0, 0, 1, 1] = False
    joints, bones, motions, bone_motions = told_by(shown, (0, 0, 1))[0, ::3].int().tolist()
    assert joints == [[1, 1, 1], [1, 0, 1], [1, 1, 1]]
    assert bones == [[1, 1, 1], [1, 0, 0], [1, 1, 1]]  # the last joint's bone begins at the middle
    assert motions == [[1, 0, 1], [1, 0, 1], [1, 1, 1]]
    assert bone_motions == [[1, 0, 0], [1, 0, 0], [1, 1, 1]]
