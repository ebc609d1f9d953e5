from dataclasses import replace

import numpy as np
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.videos import libav_reading
from microgesture.videos.libav_reading import iterate_wanted
from microgesture.videos.numbering import number_frames
from tests.videos.made_videos import number_of, write_video


@pytest.fixture
def video(tmp_path):
    path = write_video(tmp_path / "a.mkv", 50, gop=10)
    return path, number_frames(path)[0]


@pytest.fixture
def jumps(monkeypatch):
    """The places that were jumped to."""
    places, original = [], libav_reading._after_jump

    def noted(index, container, stream, place, target):
        places.append(int(np.searchsorted(index.stamps, place)))
        return original(index, container, stream, place, target)

    monkeypatch.setattr(libav_reading, "_after_jump", noted)
    return places


def read(path, index, wanted):
    return [(n, number_of(frame)) for n, frame in iterate_wanted(path, index, np.array(wanted))]


def test_far_frames_are_jumped_to_and_near_ones_read_on(video, jumps):
    path, index = video
    assert read(path, index, [0, 3, 44, 47]) == [(0, 0), (3, 3), (44, 44), (47, 47)]
    assert jumps == [40]


def test_a_jump_that_leads_elsewhere_is_found_out_and_read_forward(video, jumps):
    path, index = video
    wrong = index.checksums.copy()
    wrong[44] ^= 1  # as though another picture had come
    assert read(path, replace(index, checksums=wrong), [2, 44]) == [(2, 2), (44, 44)]
    assert jumps  # tried, and given up for the way from the beginning


def test_an_index_without_time_stamps_never_jumps(video, jumps):
    path, index = video
    assert read(path, replace(index, stamped=False), [44]) == [(44, 44)]
    assert jumps == []


def test_other_time_stamps_than_the_indexs_are_refused(video):
    path, index = video
    moved = replace(index, stamps=index.stamps + np.r_[np.zeros(20, int), np.full(30, 7)])
    with pytest.raises(BadInput, match="shows another frame 20 than when it was numbered"):
        read(path, replace(moved, key_frames=index.key_frames[:0]), list(range(50)))
