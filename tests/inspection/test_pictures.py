"""What is measured of pictures, against videos made for it."""

import cv2
import numpy as np
import pytest

from microgesture.inspection.pictures import PLACES, RUN, chosen_frames, look_at
from microgesture.videos.encoding import write_video


@pytest.fixture(scope="module")
def scene():
    """A picture of soft blots, uint8 (240, 320, 3)."""
    noise = np.random.default_rng(0).integers(30, 220, (12, 16, 3), dtype=np.uint8)
    return cv2.resize(noise, (320, 240), interpolation=cv2.INTER_CUBIC)


def looked_at(tmp_path, frames, region=""):
    write_video(tmp_path / "v.mp4", frames, 25, crf=5)
    return look_at(tmp_path / "v.mp4", len(frames), None, region)


def test_which_frames():
    assert chosen_frames(7).tolist() == list(range(7))
    assert chosen_frames(PLACES * RUN).tolist() == list(range(PLACES * RUN))
    found = chosen_frames(1000)
    assert len(found) == PLACES * RUN and found[0] == 0 and found[-1] == 999
    assert (np.diff(found)[: RUN - 1] == 1).all()


def test_light_and_contrast(tmp_path):
    grey = np.full((48, 64, 3), 60, np.uint8)
    grey[:, 32:] = 100
    found = looked_at(tmp_path, [grey] * 4)
    assert found.light == pytest.approx(80, abs=1.5)
    assert found.contrast == pytest.approx(20, abs=1.5)
    left = looked_at(tmp_path, [grey] * 4, "0,0,0.5,1")
    assert left.light == pytest.approx(60, abs=1.5) and left.contrast < 2


def test_a_picture_that_stands_still(tmp_path, scene):
    found = looked_at(tmp_path, [scene] * 12)
    assert found.pairs.tolist() == list(range(1, 12))
    assert found.same.all() and not found.shifts.any()


def test_something_small_that_moves_is_no_camera(tmp_path, scene):
    frames = []
    for number in range(12):
        frame = scene.copy()
        cv2.circle(frame, (60 + 12 * number, 120), 30, (250, 240, 230), -1)
        frames.append(frame)
    found = looked_at(tmp_path, frames)
    assert not found.same.any() and not found.shifts.any()


def test_a_camera_that_is_pushed(tmp_path, scene):
    """Every other frame is 16 pixels, a twentieth of the width, further right."""
    frames = [np.roll(scene, 16 * (number % 2), axis=1) for number in range(12)]
    found = looked_at(tmp_path, frames)
    assert found.shifts == pytest.approx(np.full(11, 0.05), abs=0.01)


def test_a_video_of_one_frame_has_no_neighbours(tmp_path, scene):
    found = looked_at(tmp_path, [scene])
    assert len(found.pairs) == len(found.same) == len(found.shifts) == 0
