import itertools
import os
from pathlib import Path

import numpy as np
import pytest

from bench.untrimmed_videos import (
    CALM,
    FPS,
    PAUSE_SECONDS,
    SEAM,
    build_videos,
    calm_stretches,
    filled,
    lay_end_to_end,
    stand_still,
)
from microgesture.pose.layouts import get_layout

SHARED = Path(
    os.environ.get("MICROGESTURE_SHARED", Path(__file__).resolve().parents[2] / "../shared")
)
DATA = SHARED / "data" / "skeletons"


def recording(number, frames=30, still=8):
    """(T, 20, 3): still, a movement that tells the recording's number, still."""
    points = np.zeros((frames, 20, 3))
    points[:, :, 0] = number
    points[still : frames - still, 5, 1] = np.linspace(1, 2, frames - 2 * still)
    return points


def test_gestures_are_kept_whole_and_pauses_are_real():
    parts = [(0, recording(10)), (1, recording(20)), (-1, recording(30)), (0, recording(40))]
    points, clips = lay_end_to_end(parts, np.random.default_rng(0))
    assert sorted(label for _, _, label in clips) == [0, 0, 1]
    seen = []
    for start, end, label in clips:
        cut = points[start : end + 1]
        source = int(cut[0, 0, 0])
        seen.append((source, label))
        np.testing.assert_array_equal(cut, recording(source))
    assert sorted(seen) == [(10, 0), (20, 1), (40, 0)]
    # The movement that nobody asks for stands whole between two of them, without a label.
    places = np.flatnonzero((points[:, 0, 0] == 30) & (points[:, 5, 1] > 0))
    assert len(places) == 14 and np.array_equal(np.diff(places), np.ones(13))
    assert not any(start <= places[0] <= end for start, end, _ in clips)
    # Between two gestures: a pause, or two with a movement, and the seams.
    ends = sorted((start, end) for start, end, _ in clips)
    gaps = [after[0] - before[1] - 1 for before, after in itertools.pairwise(ends)]
    least, most = (round(s * FPS) + 2 * SEAM for s in PAUSE_SECONDS)
    assert all(least <= gap <= 2 * most + 30 for gap in gaps)
    # What is in no recording: seams only.
    real = {recording(n)[t].tobytes() for n in (10, 20, 30, 40) for t in range(30)}
    made_up = [frame for frame in range(len(points)) if points[frame].tobytes() not in real]
    seams = len(clips) * 2 + 2
    assert len(made_up) <= seams * SEAM


def test_calm_stretches_are_beginnings_and_ends():
    found = calm_stretches([recording(1), recording(2)])
    # The last still frame, from which the movement starts, is left out.
    assert [len(stretch) for stretch in found] == [7, 8, 7, 8]
    generator = np.random.default_rng(0)
    shaking = [np.cumsum(generator.normal(size=(30, 20, 3)), axis=0)]
    only = calm_stretches(shaking)
    assert len(only) == 1 and len(only[0]) == CALM


def test_a_pause_plays_forth_and_back():
    stretch = np.arange(5.0)[:, None, None]
    pause = stand_still([stretch], np.random.default_rng(1))[:, 0, 0]
    assert PAUSE_SECONDS[0] * FPS - 1 <= len(pause) <= PAUSE_SECONDS[1] * FPS + 1
    expected = np.tile([0, 1, 2, 3, 4, 3, 2, 1], 9)[: len(pause)]
    np.testing.assert_array_equal(pause, expected)


def test_lost_frames_are_held_and_hips_are_the_origin():
    points = np.arange(4.0)[:, None, None] + np.ones((4, 20, 3))
    points[[1, 3]] = 0
    whole = filled(points)
    assert whole[:, 0, 0].tolist() == [0, 0, 2, 2]
    assert not whole[0, get_layout("msr20").joints.index("middle_hip")].any()


@pytest.mark.skipif(not DATA.exists(), reason=f"no skeletons in {DATA}")
def test_videos_of_real_people():
    untrimmed = build_videos(DATA)
    videos, clips = untrimmed.videos, untrimmed.clips
    assert len(untrimmed.names) == 16 and clips["label"].between(0, 15).all()
    subjects = videos.groupby("split")["subject"].agg(set)
    assert subjects["train"] == {"01", "03", "05", "07"} and subjects["val"] == {"09"}
    assert len(subjects["test"]) == 5
    assert len(clips) == 441
    for video, own in clips.sort_values("start").groupby("video"):
        frames = len(untrimmed.sequences[video].present)
        assert own["start"].iloc[0] > 0 and own["end"].iloc[-1] < frames - 1
        assert (own["start"].to_numpy()[1:] > own["end"].to_numpy()[:-1] + 10).all()
        assert np.isfinite(untrimmed.sequences[video].points).all()
    again = build_videos(DATA)
    assert again.clips.equals(clips)
