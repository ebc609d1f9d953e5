from fractions import Fraction

import numpy as np
import pytest

from microgesture.videos.frame_index import (
    FrameIndex,
    frame_to_time,
    frames_to_span,
    span_to_frames,
    time_to_frame,
)


def made(stamps, unit=Fraction(1, 1000), origin=0, fps=25.0):
    stamps = np.asarray(stamps, dtype=np.int64)
    checksums = np.zeros(len(stamps), dtype=np.uint32)
    keys = np.empty(0, dtype=np.int64)
    return FrameIndex(stamps, unit, origin, fps, 64, 48, keys, checksums, True, "libav", 1)


def test_times_are_those_of_a_players_clock():
    index = made([3200, 3240, 3290], origin=3200)
    assert index.times.tolist() == [0.0, 0.04, 0.09]
    assert index.frames == 3 and index.end == pytest.approx(0.13)
    later = made([90_000, 93_003], Fraction(1, 90_000), origin=45_000)
    np.testing.assert_allclose(later.times, [0.5, 48_003 / 90_000], rtol=0, atol=1e-12)


def test_frames_and_seconds_lead_to_each_other_at_a_variable_rate():
    generator = np.random.default_rng(0)
    stamps = np.cumsum(generator.integers(5, 400, 500))
    index = made(stamps, origin=int(stamps[0]))
    numbers = np.arange(500)
    times = frame_to_time(index, numbers)
    np.testing.assert_array_equal(time_to_frame(index, times), numbers)
    middle = times[:-1] + np.diff(times) / 2
    np.testing.assert_array_equal(time_to_frame(index, middle), numbers[:-1])


@pytest.mark.parametrize("rate", [Fraction(30000, 1001), Fraction(24000, 1001), Fraction(60)])
def test_rounded_to_milliseconds_a_time_still_finds_its_frame(rate):
    index = made(range(2000), 1 / rate, fps=float(rate))
    times = frame_to_time(index, np.arange(2000))
    for written in (np.round(times, 3), np.floor(times * 1000) / 1000):
        np.testing.assert_array_equal(time_to_frame(index, written), np.arange(2000))


def test_at_a_thousand_frames_a_second_rounding_takes_no_neighbour():
    index = made(range(0, 50), Fraction(1, 1000), fps=1000.0)
    np.testing.assert_array_equal(time_to_frame(index, np.arange(50) / 1000), np.arange(50))


def test_times_outside():
    index = made([100, 140, 180], origin=0)
    assert time_to_frame(index, [0.0, 0.05]).tolist() == [0, 0]
    assert int(time_to_frame(index, 0.21)) == 2
    assert int(time_to_frame(index, 0.30)) == 3
    with pytest.raises(IndexError, match="frames 0 to 2"):
        frame_to_time(index, 3)


def test_spans_share_no_frame_and_come_back():
    index = made([0, 40, 80, 200, 240, 280])
    assert span_to_frames(index, 0.0, 0.08) == (0, 1)
    assert span_to_frames(index, 0.08, 0.24) == (2, 3)
    assert span_to_frames(index, 0.24, 0.32) == (4, 5)
    assert span_to_frames(index, 0.1, 0.11) == (2, 2)
    for first in range(6):
        for last in range(first, 6):
            assert span_to_frames(index, *frames_to_span(index, first, last)) == (first, last)


def test_a_span_behind_the_end_has_no_last_frame():
    index = made([0, 40, 80])
    assert span_to_frames(index, 0.04, 0.15) == (1, 2)
    assert span_to_frames(index, 0.04, 0.5) == (1, 3)
    assert span_to_frames(index, 0.4, 0.5) == (3, 3)


@pytest.mark.parametrize("stamps", [[], [0, 40, 40], [40, 0]])
def test_stamps_must_ascend(stamps):
    with pytest.raises(ValueError, match="ascending"):
        made(stamps)
