import numpy as np
import pytest

from microgesture.segments.video_pictures import picture_positions, video_box

WIDTH, HEIGHT = 320, 240


def person(frames, x0, y0, x1, y1):
    """(1, T, 2, 3): two sure joints, at the corners of a box."""
    points = np.full((1, frames, 2, 3), 0.9)
    points[0, :, 0, :2], points[0, :, 1, :2] = (x0, y0), (x1, y1)
    return points


def test_the_square_holds_all_places_of_the_person():
    points = np.concatenate([person(50, 40, 60, 80, 160), person(50, 120, 50, 160, 150)], axis=1)
    box = video_box(points, np.ones(100, bool), WIDTH, HEIGHT, padding=0.25)
    # x from 40 to 160, y from 50 to 160: the longer side is 120, a quarter more is 150.
    assert box == (100 - 75, 105 - 75, 100 + 75, 105 + 75)
    assert video_box(points, np.ones(100, bool), WIDTH, HEIGHT, padding=0) == (40, 45, 160, 165)


def test_a_hundredth_of_the_frames_may_reach_out():
    points = person(1000, 100, 80, 140, 160)
    points[0, 17, 1, :2] = (310, 230)  # one wild joint in one frame
    box = video_box(points, np.ones(1000, bool), WIDTH, HEIGHT, padding=0)
    assert box == (80, 80, 160, 160)
    points[0, 100:200, 1, :2] = (310, 230)  # a tenth of the time is no accident
    box = video_box(points, np.ones(1000, bool), WIDTH, HEIGHT, padding=0)
    assert box == (100, 50, 310, 260)


def test_who_is_not_seen_does_not_count():
    points = person(100, 100, 80, 140, 160)
    points[0, :40, 0, :2] = (1, 1)
    present = np.arange(100) >= 40
    assert video_box(points, present, WIDTH, HEIGHT, padding=0) == (80, 80, 160, 160)
    points[0, 40:, 0, 2] = 0.3  # at the threshold is not above it
    box = video_box(points, present, WIDTH, HEIGHT, padding=0)
    assert box == (120, 140, 160, 180)  # one joint: an eighth of the longer side, 40 pixels
    points[0, 40:, 1, :2] = (400, 160)  # outside of the frame, however sure
    assert video_box(points, present, WIDTH, HEIGHT) == (0, -40, 320, 280)


def test_a_long_video_costs_what_its_frames_cost():
    """Ten minutes of a whole body: memory is that of the points, not of pairs of frames."""
    points = np.broadcast_to(np.array([160.0, 120.0, 0.9]), (1, 9000, 133, 3))
    box = video_box(points, np.ones(9000, bool), WIDTH, HEIGHT, padding=0)
    assert box == (140, 100, 180, 140)


def test_two_persons_share_the_square():
    points = np.concatenate([person(30, 40, 60, 80, 160), person(30, 240, 60, 260, 160)])
    points[1, 10:] = 0  # the second one leaves
    box = video_box(points, np.ones(30, bool), WIDTH, HEIGHT, padding=0)
    assert box == (40, 0, 260, 220)


def test_nobody_is_the_whole_frame():
    points = np.zeros((1, 9, 2, 3))
    box = video_box(points, np.zeros(9, bool), WIDTH, HEIGHT)
    assert box == (0, -40, 320, 280)


def test_pictures_are_spread_evenly():
    # 10 frames a second, 5 kept: of every pair the second one.
    assert picture_positions(10, 10.0, 5.0).tolist() == [1, 3, 5, 7, 9]
    assert picture_positions(4, 25.0, 100.0).tolist() == [0, 1, 2, 3]
    assert picture_positions(1, 25.0, 1.0).tolist() == [0]
    assert picture_positions(0, 25.0, 8.0).tolist() == []


@pytest.mark.parametrize("fps", [15.0, 29.97, 60.0])
def test_as_many_a_second_whatever_the_rate(fps):
    frames = round(60 * fps)
    positions = picture_positions(frames, fps, 8.0)
    assert abs(len(positions) - 480) <= 1
    assert positions.dtype == np.int64 and positions[0] >= 0 and positions[-1] < frames
    gaps = np.diff(positions / fps)
    assert (gaps > 0).all() and gaps.max() <= 1 / 8 + 1.01 / fps


@pytest.mark.parametrize(("fps", "per_second"), [(0, 8), (25, 0), (-1, 8), (float("nan"), 8)])
def test_rates_that_are_none(fps, per_second):
    with pytest.raises(ValueError, match="rates must be above 0"):
        picture_positions(10, fps, per_second)
