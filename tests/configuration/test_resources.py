"""What jobs ask for, worked out by hand."""

import pandas as pd
import pytest

from microgesture.configuration import resources
from microgesture.configuration.resources import grown, minutes


def clips(count=2, frames=48, video="v"):
    rows = [(video, frames * number, frames * (number + 1) - 1) for number in range(count)]
    return pd.DataFrame(rows, columns=["video", "start", "end"])


def test_it_grows_with_the_attempt():
    assert [grown(4000)(None, attempt) for attempt in (1, 2, 3)] == [4000, 8000, 12000]
    assert grown(lambda wildcards: wildcards * 10, most=25)(1, 2) == 20
    assert grown(10.2)("", 1) == 11 and grown(lambda wildcards: 20, most=25)(1, 2) == 25
    assert [minutes(1)("", attempt) for attempt in (1, 2)] == [30, 60]
    assert minutes(10**9)("", 1) == minutes(10**9)("", 2) == 7 * 24 * 60


def test_frames_are_known_from_the_sheet_and_the_files(tmp_path):
    table = pd.concat([clips(2), clips(1, video="w")])
    assert resources.frames_of_clips(table) == 144
    assert resources.frames_of_videos(table, []) == 96 + 48
    (tmp_path / "v.mp4").write_bytes(b"x" * 1_000_000)
    paths = [str(tmp_path / "v.mp4"), str(tmp_path / "v.mp4"), "not there", ""]
    assert resources.frames_of_videos(table, paths) == 500
    assert resources.frames_of_videos(table.iloc[:0], []) == 0


def test_memory_of_many_clips():
    """100,000 clips of 48 frames and 68 joints with three channels: 3.65 GiB of coordinates."""
    assert resources.skeleton_megabytes(100_000 * 48, 68, 3) == pytest.approx(3735, abs=1)
    settings = {"persons": 1, "cache_megabytes": 2048, "loader_workers": 2}
    few = resources.learning_megabytes(clips(10), ["joint"], settings, 68)
    many = resources.learning_megabytes(clips(1000), ["joint"], settings, 68)
    skeletons, motion = (990 * 48 * each * 4 / 2**20 for each in (68 * 4, 1))
    assert many - few == pytest.approx(skeletons + 1.3 * motion)
    rgb = resources.learning_megabytes(clips(10), ["rgb"], settings, 68)
    skeletons = 480 * 68 * 16 / 2**20
    assert rgb - few == pytest.approx(1.3 * 2048 - skeletons)
    four = resources.learning_megabytes(clips(10), ["joint"], settings, 68, 4)
    assert four == pytest.approx(4 * (few - skeletons) + skeletons)  # one copy for all processes


def test_time_follows_what_is_done():
    assert resources.pose_minutes(4800) == pytest.approx(10)
    once = resources.training_minutes(clips(100), {"epochs": 10})
    assert once == pytest.approx(100 * 10 * 1.2 / 2 / 60)
    retrained = {"epochs": 5, "repeats": 2, "classifier_retraining": {"epochs": 5}}
    assert resources.training_minutes(clips(100), retrained) == pytest.approx(2 * once)
    views = {"test_clips": 5, "test_flip": True}
    assert resources.predicting_minutes(clips(60), views) == pytest.approx(60 * 10 / 6 / 60)
    pictures = resources.decoding_megabytes({"frames_per_clip": 32, "size": 256})
    assert pictures == pytest.approx(1500 + 1000 + 8 * 6)


def test_magnified_motion_asks_for_more():
    settings = {"frames_per_clip": 16, "size": 96, "magnification": {"factor": 0}}
    memory, time = (
        resources.decoding_megabytes(settings),
        resources.decoding_minutes(60, settings),
    )
    assert time == resources.decoding_minutes(60) == pytest.approx(1 / 60)
    settings["magnification"]["factor"] = 4
    assert resources.decoding_minutes(60, settings) == pytest.approx((1 + 60 * 96**2 / 5e5) / 60)
    # 8 clips of 300 frames instead of 16, and 300 pyramids of 64 bytes a pixel
    more = 8 * 284 * 96**2 * 3 + 300 * 96**2 * 64
    assert resources.decoding_megabytes(settings) - memory == pytest.approx(more / 2**20)
