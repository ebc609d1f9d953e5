"""The region's points against the single clip's: equal where the pixels are equal."""

import numpy as np
import pytest

from bench.split_screen import compare, split_screen
from tests.pose.footage import frames_of, needs_footage


def test_compare_counts_by_part():
    alone = np.zeros((2, 133, 3), np.float32)
    alone[:, :17] = (100.0, 50.0, 0.9)
    alone[:, 91:96] = (20.0, 20.0, 0.5)
    beside = alone.copy()
    beside[..., 0] += np.where(beside[..., 2] > 0, 640, 0)
    beside[0, 5, 0] += 3.0  # one point of 34 is three pixels off
    beside[1, 91] = 0.0  # one is lost, another one new
    beside[1, 112] = (700.0, 20.0, 0.4)
    found = compare(alone, beside, 640)
    assert found["body"]["near"] == pytest.approx(33 / 34)
    assert found["body"]["farthest"] == pytest.approx(3.0)
    assert (found["hands"]["lost"], found["hands"]["new"]) == (1, 1)
    assert np.isnan(found["face"]["near"])


@needs_footage
def test_a_region_gives_the_points_of_the_single_video(tmp_path):
    pytest.importorskip("mediapipe")
    clips = [frames_of("sorry.mkv", 20, 23), frames_of("hungry.mkv", 20, 23)]
    for side, _, parts in split_screen(clips, 0, tmp_path):  # lossless: only the region differs
        for part, values in parts.items():
            assert values["near"] == 1.0, (side, part, values)
            assert values["lost"] == values["new"] == 0
