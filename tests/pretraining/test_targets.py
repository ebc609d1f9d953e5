"""Targets against numbers worked out by hand."""

import pytest
import torch

from microgesture.pretraining.targets import (
    in_segments,
    mean_error,
    motion_of,
    place_distribution,
    split_stream,
    standardised,
)


def test_motion_is_the_next_frame_minus_this_one_where_both_are_seen():
    x = torch.zeros(1, 3, 4, 2)  # x, y, score; joint 1 is missing in frame 2
    x[0, 0, :, 0] = torch.tensor([1.0, 3.0, 6.0, 10.0])
    x[0, 1, :, 1] = torch.tensor([5.0, 4.0, 0.0, 1.0])
    x[0, 2] = 0.9
    x[0, 2, 2, 1] = 0.0
    values, known = split_stream(x, 2)
    assert values.shape == (1, 2, 4, 2) and known.shape == (1, 1, 4, 2)
    motion, both = motion_of(values, known)
    assert both[0, 0, :, 0].tolist() == [True, True, True, False]
    assert both[0, 0, :, 1].tolist() == [True, False, False, False]
    assert motion[0, 0, :, 0].tolist() == [2.0, 3.0, 4.0, 0.0]
    assert motion[0, 1, :, 1].tolist() == [-1.0, 0.0, 0.0, 0.0]


def test_in_space_a_joint_of_zeros_is_missing():
    x = torch.zeros(1, 3, 2, 2)
    x[0, 2, 0, 1] = 0.5
    values, known = split_stream(x, 3)
    assert torch.equal(values, x)
    assert known[0, 0].tolist() == [[False, True], [False, False]]


def test_segments_hold_the_values_of_their_frames():
    x = torch.arange(2 * 5 * 3, dtype=torch.float32).view(1, 2, 5, 3)
    tokens = in_segments(x, 4)
    assert tokens.shape == (1, 2, 3, 8)
    assert tokens[0, 0, 1].tolist() == [*x[0, 0, :4, 1].tolist(), *x[0, 1, :4, 1].tolist()]
    assert tokens[0, 1, 2].tolist() == [
        x[0, 0, 4, 2].item(),
        0,
        0,
        0,
        x[0, 1, 4, 2].item(),
        0,
        0,
        0,
    ]


def test_scale_of_a_token():
    target = torch.tensor([[[[1.0, 3.0, 5.0, 99.0]]]])
    known = torch.tensor([[[[True, True, True, False]]]])
    expected = [-1.2247, 0.0, 1.2247, 0.0]  # (1, 3, 5): mean 3, deviation sqrt(8 / 3)
    assert standardised(target, known, "token")[0, 0, 0].tolist() == pytest.approx(
        expected, abs=1e-3
    )


def test_scale_of_a_clip():
    target = torch.tensor([[[[3.0, 50.0]], [[4.0, 0.0]]]])  # two segments of one joint
    known = torch.tensor([[[[True, False]], [[True, True]]]])
    size = (25 / 3) ** 0.5  # of 3, 4 and 0
    found = standardised(target, known, "clip")[0, :, 0]
    assert found.tolist() == [pytest.approx([3 / size, 0]), pytest.approx([4 / size, 0])]


def test_nothing_known_is_no_error_and_nothing_breaks():
    nothing = torch.zeros(2, 1, 1, 4, dtype=torch.bool)
    for scale in ("token", "clip"):
        target = standardised(torch.zeros(2, 1, 1, 4), nothing, scale)
        assert target.isfinite().all()
        assert mean_error(torch.ones(2, 1, 1, 4), target, nothing).item() == 0


def test_error_is_the_mean_of_what_counts():
    predicted, target = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([0.0, 0.0, 0.0])
    assert mean_error(predicted, target, torch.tensor([True, False, True])).item() == 5.0


def test_places_are_shares_of_the_coarse_cells():
    heatmaps = torch.zeros(1, 2, 2, 4, 4)
    heatmaps[0, 0, :, 0, 0] = 1.0
    heatmaps[0, 0, 0, 3, 3] = 3.0
    places, known = place_distribution(heatmaps, (1, 2, 2))
    assert known.tolist() == [[[True], [False]]]
    assert places[0, 0, 0].flatten().tolist() == pytest.approx([0.4, 0, 0, 0.6])
    assert places[0, 1].sum() == 0
