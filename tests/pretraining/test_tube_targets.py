"""Targets of masked tubes, by hand."""

import pytest
import torch

from microgesture.pretraining.tube_targets import (
    joint_motion,
    joint_places,
    place_shares,
    standardised_pixels,
    tube_energy,
    tubelet_pixels,
)


def test_pixels_of_every_tubelet():
    frame, row, column, colour = torch.meshgrid(
        *(torch.arange(size) for size in (4, 4, 6, 3)), indexing="ij"
    )
    values = 1000 * frame + 100 * row + 10 * column + colour
    x = values.permute(3, 0, 1, 2)[None].float()  # (1, 3, 4, 4, 6)
    pixels = tubelet_pixels(x, (2, 2, 3))
    assert pixels.shape == (1, 2 * 2 * 2, 12, 3)
    # the tubelet of frames 2 and 3, rows 0 and 1, columns 3 to 5: number 1 * 4 + 0 * 2 + 1
    expected = [1000 * f + 100 * r + 10 * c for f in (2, 3) for r in (0, 1) for c in (3, 4, 5)]
    assert pixels[0, 5, :, 0].tolist() == expected
    assert pixels[0, 5, :, 2].tolist() == [value + 2 for value in expected]


def test_every_colour_of_a_tubelet_is_standardised():
    pixels = torch.tensor(
        [[[[0.0, 5], [2, 5], [4, 5]]]]
    )  # one tubelet of three pixels, two colours
    found = standardised_pixels(pixels)
    assert found.shape == (1, 1, 6)
    assert found[0, 0, 0::2].tolist() == pytest.approx([-1, 0, 1], abs=1e-5)  # deviation 2
    assert found[0, 0, 1::2].tolist() == [0, 0, 0]


def test_a_tube_that_moves_has_energy():
    pixels = torch.zeros(1, 3 * 2, 4, 3)  # three tubelets along time, two tubes
    pixels[0, 1] = 6  # tube 1 changes by 6 and back
    pixels[0, 3] = 0
    assert tube_energy(pixels, (3, 1, 2)).tolist() == [[0.0, 3.0]]
    assert tube_energy(pixels[:, :2], (1, 1, 2)).tolist() == [[0.0, 0.0]]


def joints_at(*frames, score=0.9):
    """(1, 3, T, V, 1) of places from 0 to 1."""
    points = torch.tensor(frames)  # (T, V, 2)
    values = torch.cat([2 * points - 1, torch.full_like(points[..., :1], score)], dim=-1)
    return values.permute(2, 0, 1)[None, ..., None]


def test_places_are_means_over_a_tubelet():
    joints = joints_at(*[[[0.1, 0.5], [0.2, 1.1]], [[0.3, 0.7], [0.2, 1.1]]])
    places, known = joint_places(joints, steps=1)
    assert places[0, 0, 0].tolist() == pytest.approx([0.2, 0.6])
    assert known.tolist() == [[[True, False]]]  # the second lies below the picture
    joints[:, 2, 1, 0] = 0  # the first is not seen in the second frame
    assert joint_places(joints, steps=1)[1].tolist() == [[[False, False]]]
    assert joint_places(joints_at([[0.5, 0.5]]).repeat(1, 1, 1, 1, 2), 1)[0].shape == (1, 1, 2, 2)


def test_a_place_is_shared_out_to_the_nearest_tubelets():
    # 2 rows of 4 columns; their centres lie at 1/8, 3/8, ... and 1/4, 3/4
    places = torch.tensor([[[[0.25, 0.25], [1.0, 0.75], [0.125, 0.5]]]])
    shares = place_shares(places, (1, 2, 4))
    assert shares.shape == (1, 1, 8, 3)
    between, corner, rows = shares[0, 0].T.reshape(3, 2, 4)
    assert between.tolist() == [[0.5, 0.5, 0, 0], [0, 0, 0, 0]]
    assert corner.tolist() == [[0, 0, 0, 0], [0, 0, 0, 1]]
    assert rows.tolist() == [[0.5, 0, 0, 0], [0.5, 0, 0, 0]]


def test_motion_is_measured_by_the_clips_own():
    places = torch.zeros(1, 3, 2, 2)
    places[0, :, 0, 0] = torch.tensor([0.0, 0.1, 0.3])
    known = torch.tensor([[[True, True], [True, True], [True, False]]])
    motion, moves = joint_motion(places, known)
    assert moves.tolist() == [[[True, True], [True, False], [False, False]]]
    size = ((0.1**2 + 0.2**2) / 6) ** 0.5  # three known motions of two coordinates
    assert motion[0, :, 0, 0].tolist() == pytest.approx([0.1 / size, 0.2 / size, 0], abs=1e-4)
    assert not motion[..., 1].any() and not motion[0, :, 1].any()
    assert not joint_motion(places * 0, known)[0].any()
