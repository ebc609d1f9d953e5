from dataclasses import replace

import numpy as np
import pytest

from microgesture.demo.body import solve
from microgesture.demo.motion import envelope
from microgesture.demo.renderer import perform
from microgesture.demo.schedule import LABELS, Gesture, VideoPlan
from microgesture.demo.subjects import make_subject

FACE, EAR, NECK, NOTCH, FOLD, RUB, CROSS, LIPS, SHOULDERS, ILLUSTRATE = range(10)
START, END = 20, 46
EMPTY = VideoPlan("v", "v", "train", 0, 70, 15.0, (), None)


def figures(label, person):
    """The same person without and with one gesture."""
    subject = make_subject((3, 1, person))
    plan = replace(EMPTY, gestures=(Gesture(START, END, label, 0),))
    idle, motion = perform(subject, EMPTY), perform(subject, plan)
    return subject, idle, motion, solve(subject, idle), solve(subject, motion)


def test_one_performer_for_every_label():
    assert len(LABELS) == 10


@pytest.mark.parametrize("label", range(10))
def test_nothing_moves_outside_the_gesture_and_something_at_its_ends(label):
    for person in range(3):
        _, _, _, idle, figure = figures(label, person)
        outside = np.r_[0:START, END + 1 : 70]
        moved = np.zeros(70)
        for name in ("hands", "elbows", "shoulders", "face"):
            first, second = getattr(idle, name), getattr(figure, name)
            np.testing.assert_array_equal(first[outside], second[outside])
            moved += np.abs(first - second).reshape(70, -1).max(1)
        assert moved[START] > 0
        assert moved[END] > 0
        assert moved.max() > 0.5


@pytest.mark.parametrize(
    ("label", "place", "limit"),
    [
        (FACE, lambda f, s: f.face[:, 30] * 0.5 + f.face[:, 8] * 0.5, 17),
        (EAR, lambda f, s: f.ears[:, s], 16),
        (NECK, lambda f, s: f.neck * 0.5 + f.face[:, 8] * 0.5, 22),
        (NOTCH, lambda f, s: f.neck, 15),
    ],
)
def test_a_hand_reaches_the_place_that_the_label_names(label, place, limit):
    for person in range(5):
        _, _, _, idle, figure = figures(label, person)
        middle = slice(28, 38)
        distances = []
        for side in (0, 1):
            tips = figure.hands[middle, side][:, [8, 12, 16]]
            target = place(figure, side)[middle, None]
            distances.append(np.linalg.norm((tips - target)[..., :2], axis=-1).min(-1).mean())
        assert min(distances) < limit
        at_rest = np.linalg.norm((idle.wrists - idle.neck[:, None])[..., :2], axis=-1)
        assert at_rest.min() > 2 * limit  # the rest pose is far from all these places


def test_folded_arms_cross_and_joined_hands_meet():
    for person in range(4):
        figure = figures(FOLD, person)[4]
        right, left = figure.wrists[33, 0, 0], figure.wrists[33, 1, 0]
        assert right > left  # the right wrist is on the left one's side
        for label in (RUB, CROSS):
            figure = figures(label, person)[4]
            hands = figure.hands[33].mean(1)
            assert np.linalg.norm((hands[0] - hands[1])[:2]) < 16


def test_pressing_lips_moves_lips_and_no_hand():
    for person in range(4):
        _, _, _, idle, figure = figures(LIPS, person)
        np.testing.assert_allclose(idle.wrists, figure.wrists, atol=1e-9)
        height = lambda f: np.linalg.norm(f.face[:, 51 + 23 - 23] - f.face[:, 57], axis=-1)  # noqa: E731
        assert height(figure)[33] < 0.75 * height(idle)[33]


def test_shaking_shoulders_raises_shoulders_and_leaves_hands():
    for person in range(4):
        _, _, _, idle, figure = figures(SHOULDERS, person)
        lift = np.abs(figure.shoulders - idle.shoulders)[..., 1].max()
        assert lift > 2
        hands = np.abs(figure.wrists - idle.wrists).max()
        assert hands < 3


def test_illustrative_gestures_touch_nothing_of_the_head():
    for person in range(6):
        figure = figures(ILLUSTRATE, person)[4]
        nose = figure.face[:, None, None, 30, :2]
        assert np.linalg.norm(figure.hands[..., :2] - nose, axis=-1).min() > 14


def test_amplitude_scales_the_rubbing():
    subject = make_subject((3, 1, 0))
    plan = replace(EMPTY, gestures=(Gesture(START, END, RUB, 0),))
    swings = []
    for amplitude in (0.5, 1.0, 2.0):
        wrists = solve(subject, perform(subject, plan, amplitude)).wrists[28:38]
        swings.append(np.ptp(wrists[:, :, 0], axis=0).sum())
    assert swings[0] < swings[1] < swings[2]


def test_envelope_starts_and_ends_above_zero_and_reaches_one():
    for length in (15, 22, 39):
        weight = envelope(length, 15.0, 0.45, 0.42)
        assert weight.min() > 0
        assert weight.max() == pytest.approx(1, abs=1e-6)
        assert weight[0] < 0.1
        assert weight[-1] < 0.1
