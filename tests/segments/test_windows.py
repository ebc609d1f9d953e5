import numpy as np
import pandas as pd
import pytest

from microgesture.segments.windows import (
    frame_labels,
    label_windows,
    lengths_in_frames,
    make_windows,
    window_starts,
)


def test_starts_reach_the_last_frame():
    assert window_starts(20, 8, 5).tolist() == [0, 5, 10, 12]
    assert window_starts(18, 8, 5).tolist() == [0, 5, 10]  # the last one ends at frame 17
    assert window_starts(5, 8, 5).tolist() == [0]
    assert window_starts(0, 8, 5).tolist() == []
    with pytest.raises(ValueError, match="1 or more"):
        window_starts(20, 8, 0)


@pytest.mark.parametrize("seed", range(20))
def test_every_frame_is_covered_and_no_window_leaves_the_video(seed):
    generator = np.random.default_rng(seed)
    frames = int(generator.integers(1, 200))
    lengths = generator.integers(1, 60, 3).tolist()
    windows = make_windows({"v": frames}, lengths, stride_share=generator.uniform(0.1, 1))
    assert windows["start"].min() == 0 and windows["end"].max() == frames - 1
    for length, own in windows.groupby("length"):
        covered = np.zeros(frames, int)
        for row in own.itertuples():
            assert row.end - row.start + 1 == min(length, frames)
            covered[row.start : row.end + 1] += 1
        assert (covered > 0).all() and own["start"].is_unique


def test_tables_are_ordered_and_lengths_come_once():
    windows = make_windows({"b": 10, "a": 4}, [8, 4, 8], stride_share=0.5)
    assert windows.values.tolist() == [
        ["a", 0, 3, 4], ["a", 0, 3, 8],
        ["b", 0, 3, 4], ["b", 2, 5, 4], ["b", 4, 7, 4], ["b", 6, 9, 4],
        ["b", 0, 7, 8], ["b", 2, 9, 8],
    ]  # fmt: skip
    assert len(make_windows({}, [4])) == 0
    assert lengths_in_frames([1.0, 0.5, 0.01, 1.01], 15) == [2, 8, 15]
    with pytest.raises(ValueError, match="above 0"):
        lengths_in_frames([1], 0)


def windows_at(*spans, video="v"):
    return pd.DataFrame(
        {"video": video, "start": [a for a, _ in spans], "end": [b for _, b in spans]}
    )


def test_labels_by_overlap():
    clips = pd.DataFrame({"video": "v", "start": [10, 40], "end": [19, 49], "label": [3, -1]})
    windows = windows_at(
        (10, 19),  # the clip itself
        (6, 15),  # six of ten frames
        (4, 13),  # four of ten: neither it nor nothing
        (1, 10),  # one of ten frames: background's share
        (0, 8),  # before it
        (0, 39),  # all of the clip, a quarter of the window
        (0, 40),  # the same and a frame more: below a quarter
        (13, 16),  # inside of it
        (40, 49),  # a clip that nobody has labelled
        (22, 36),
    )
    assert label_windows(windows, clips, ["v"], 5).tolist() == [3, 3, -1, 5, 5, 3, -1, 3, -1, 5]
    # What is not declared to be annotated completely teaches no background.
    assert label_windows(windows, clips, [], 5).tolist() == [3, 3, -1, -1, -1, 3, -1, 3, -1, -1]


def test_two_clips_in_one_window():
    clips = pd.DataFrame({"video": "v", "start": [0, 6], "end": [3, 12], "label": [0, 1]})
    assert label_windows(windows_at((0, 12), (0, 9)), clips, ["v"], 2).tolist() == [1, 0]


def test_videos_without_clips_and_any_index():
    clips = pd.DataFrame({"video": "other", "start": [0], "end": [9], "label": [1]})
    windows = pd.concat([windows_at((0, 9), video="empty"), windows_at((0, 9), video="other")])
    windows.index = [7, 7]  # rows are told apart by place
    windows = windows.reset_index(drop=True)
    assert label_windows(windows, clips, ["empty", "other"], 2).tolist() == [2, 1]
    assert label_windows(windows, clips, [], 2).tolist() == [-1, 1]


def test_frame_labels_of_overlapping_clips():
    clips = pd.DataFrame({"start": [5, 2, 2], "end": [7, 3, 6], "label": [0, 1, 2]})
    assert frame_labels(clips, 9, 3).tolist() == [3, 3, 1, 1, 2, 0, 0, 0, 3]
