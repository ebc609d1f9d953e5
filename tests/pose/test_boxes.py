"""Turned boxes, against places worked out by hand."""

import numpy as np
import pytest

from microgesture.pose.boxes import box_from_ends, box_of_hand, hand_box


@pytest.mark.parametrize(
    ("end", "turn"),
    [((50, 20), 0), ((80, 50), np.pi / 2), ((20, 50), -np.pi / 2), ((50, 80), -np.pi)],
)
def test_a_box_stands_along_its_line(end, turn):
    box = box_from_ends(np.array([50, 50]), np.array(end), scale=1.25)
    np.testing.assert_allclose(box, [50, 50, 75, 75, turn], atol=1e-9)


def test_a_shift_goes_along_the_boxs_own_upright():
    np.testing.assert_allclose(hand_box(np.array([10, 20]), 8, 0, 2, -0.5), [10, 16, 16, 16, 0])
    turned = hand_box(np.array([10, 20]), 8, np.pi / 2, 2, -0.5)
    np.testing.assert_allclose(turned, [14, 20, 16, 16, np.pi / 2], atol=1e-9)


def upright_hand():
    """A hand that points up: root at (0, 0), the firm points in a box of 20 x 40 pixels."""
    points = np.zeros((21, 2))
    for finger, x in enumerate((-10, -6, 0, 6, 10)):
        points[1 + 4 * finger : 5 + 4 * finger] = [(x, -y) for y in (20, 40, 55, 70)]
    points[9] = points[5] * 0 + (0, -30)
    return points


def test_the_box_of_an_upright_hand():
    box = box_of_hand(upright_hand())
    # low and high of the firm points: y from -55 (the thumb's third point) to 0
    np.testing.assert_allclose(box[:4], [0, -27.5 - 5.5, 110, 110])
    assert abs(box[4]) < 0.1


@pytest.mark.parametrize("angle", [0.7, -2.0, 3.0])
def test_the_box_turns_with_the_hand(angle):
    points = upright_hand()
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    first, second = box_of_hand(points), box_of_hand(points @ turn + (300, 200))
    assert np.angle(np.exp(1j * (second[4] - first[4] - angle))) == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(second[:2], first[:2] @ turn + (300, 200))
    np.testing.assert_allclose(second[2:4], first[2:4])
