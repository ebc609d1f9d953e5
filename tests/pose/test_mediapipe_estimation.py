"""From frames to the points of one person through MediaPipe, on real footage."""

import numpy as np
import pytest

from microgesture.pose import mediapipe_models
from microgesture.pose.mediapipe_estimation import MediapipeSettings, follow_person
from tests.pose.footage import frames_of, needs_footage

pytestmark = [
    needs_footage,
    pytest.mark.skipif(
        mediapipe_models._MISSING is not None, reason="mediapipe has no package for this Python"
    ),
]


def followed(frames, chunk=16, fps=30.0, hand_confidence=0.25):
    """Points (T, 133, 3), present (T,) and the choices by frame."""
    settings = MediapipeSettings(hand_confidence=hand_confidence)
    batches = (frames[first : first + chunk] for first in range(0, len(frames), chunk))
    rows = list(follow_person(batches, settings, fps))
    choices = {frame: row[2] for frame, row in enumerate(rows) if row[2] is not None}
    return np.stack([row[0] for row in rows]), np.array([row[1] for row in rows]), choices


@pytest.fixture(scope="module")
def eating():
    """Frames in which the right hand rises, blurred, from below the picture's edge."""
    frames = frames_of("eat.mkv", 2, 15)
    return frames, followed(frames)


def test_batches_and_runs_do_not_matter(eating):
    frames, (points, present, _) = eating
    again, shown, _ = followed(frames, chunk=5)
    np.testing.assert_array_equal(points, again)
    np.testing.assert_array_equal(present, shown)


def test_the_second_look_finds_blurred_hands_and_invents_none(eating):
    frames, (points, present, _) = eating
    once, _, _ = followed(frames, hand_confidence=1)
    assert present.all()
    twice, single = (found[:, 112, 2] > 0 for found in (points, once))
    assert (twice | ~single).all() and twice.sum() >= single.sum() + 3
    # what the first look found stays as it is; the body too
    np.testing.assert_array_equal(points[single, 112:], once[single, 112:])
    np.testing.assert_array_equal(points[:, :91], once[:, :91])
    found = points[twice]
    away = np.linalg.norm(found[:, 112, :2] - found[:, 10, :2], axis=1)
    assert away.max() < 60, "a hand's root lies at the wrist"
    assert not (points[:, 91:112, 2] > 0).any(), "the left hand hangs below the picture"


def test_the_choice_is_told(eating):
    _, (_, _, choices) = eating
    assert choices[0].reason == "alone" and choices[0].people == 1
    assert 0.8 <= choices[0].score <= 1 and 0.5 < choices[0].size < 2


def test_an_empty_room_stays_empty_until_somebody_comes():
    frames = frames_of("room_people_passing.mp4", 30, 79)
    points, present, _ = followed(frames, fps=10.0)
    assert not present[:30].any() and not points[:30].any()
    assert present[-10:].all()


def test_the_person_at_the_edge_is_not_the_subject():
    frames = frames_of("please.mkv", 0, 3)
    points, present, _ = followed(frames)
    assert present.all()
    nose = points[:, 0, 0]
    assert (np.abs(nose - 320) < 60).all()
