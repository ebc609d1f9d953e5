"""Seconds become frames by the time stamps, and come back."""

import av
import numpy as np
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.videos.time_stamps import (
    end_of,
    frames_to_seconds,
    seconds_to_frames,
    time_stamps,
)
from tests.videos.made_videos import write_video

REGULAR = np.arange(10) / 25
LATE = np.array([3.2, 3.24, 3.3, 3.5, 3.52])  # a variable rate, and a late first frame


@pytest.mark.parametrize(
    ("times", "start", "end", "frames"),
    [
        (REGULAR, 0.04, 0.08, (1, 1)),  # the stop is the first moment after
        (REGULAR, 0.05, 0.09, (1, 2)),  # the frame on show counts, however short
        (REGULAR, 0.079, 0.081, (2, 2)),  # written in ms: 0.079 may mean 0.08
        (REGULAR, 0.1, 0.1, (2, 2)),  # a point
        (REGULAR, 0.08, 0.08, (2, 2)),
        (REGULAR, 0.3, 9.0, (7, 9)),
        (LATE, 3.29, 3.51, (1, 3)),
        (LATE, 3.4, 3.4, (2, 2)),  # long on show: 3.3 to 3.5
        (LATE, 0.0, 3.21, (0, 0)),
    ],
)
def test_the_frame_on_show(times, start, end, frames):
    assert tuple(map(int, seconds_to_frames(times, start, end))) == frames


def test_arrays():
    first, last = seconds_to_frames(REGULAR, np.array([0.0, 0.2]), np.array([0.04, 0.28]))
    assert first.tolist() == [0, 5] and last.tolist() == [0, 6]


@pytest.mark.parametrize("decimals", [6, 3])  # 3: as ELAN and BORIS write them
@pytest.mark.parametrize("rate", [10, 24000 / 1001, 29.97, 59.94, 240])
def test_frames_come_back_exactly(rate, decimals):
    generator = np.random.default_rng(round(rate))
    times = 0.9 + np.cumsum(generator.uniform(0.5, 2.0, 500) / rate)
    first = generator.integers(0, 500, 300)
    last = np.minimum(first + generator.integers(0, 60, 300), 499)
    start, end = frames_to_seconds(times, first, last)
    found = seconds_to_frames(times, start.round(decimals), end.round(decimals))
    assert (found[0] == first).all() and (found[1] == last).all()


def test_the_last_frame_lasts_as_long_as_the_median_one():
    assert end_of(np.array([0.0, 0.1, 0.2, 0.9])) == pytest.approx(1.0)
    assert end_of(np.array([2.0])) == pytest.approx(2.04)


def test_time_stamps_of_files(tmp_path):
    times = [900, 940, 1100, 1110, 2000]
    path = write_video(tmp_path / "variable.mkv", 5, 32, 32, times=times)
    assert time_stamps(path) == pytest.approx((np.array(times) - 900) / 1000)
    for name in ("regular.mp4", "regular.avi", "regular.ts"):  # with frames out of order
        regular = write_video(tmp_path / name, 40, 32, 32)
        assert time_stamps(regular) == pytest.approx(np.arange(40) / 25, abs=1e-4), name


def test_a_picture_that_begins_after_the_sound(tmp_path):
    path = tmp_path / "late.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width = video.height = 32
        video.pix_fmt = "yuv420p"
        sound = container.add_stream("aac", rate=8000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 32000), "f4"), "fltp", "mono")
        silence.sample_rate, silence.pts = 8000, 0
        container.mux(sound.encode(silence))
        container.mux(sound.encode())
        for number in range(20):
            frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), "u1"), format="rgb24")
            frame.pts = 80 + number  # 3.2 s
            container.mux(video.encode(frame))
        container.mux(video.encode())
    times = time_stamps(path)
    assert times[0] == pytest.approx(3.2, abs=0.13) and len(times) == 20


def test_no_video(tmp_path):
    path = tmp_path / "talk.mp4"
    path.write_text("no video")
    with pytest.raises(BadInput, match="not a readable video"):
        time_stamps(path)
