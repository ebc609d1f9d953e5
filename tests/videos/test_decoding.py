from dataclasses import replace

import av
import numpy as np
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.videos import decoding
from microgesture.videos.decoding import (
    index_frames,
    iterate_selected,
    measure,
    read_frames,
    read_selected,
)
from tests.videos.made_videos import FOOTAGE, number_of, write_video


@pytest.fixture(scope="module", params=["libx264", "mpeg4"])
def video(request, tmp_path_factory):
    return write_video(tmp_path_factory.mktemp("videos") / "a.mp4", 40, codec=request.param)


def test_every_frame_once_in_order(video):
    chunks = list(read_frames(video, chunk=16))
    assert [first for first, _ in chunks] == [0, 16, 32]
    assert [len(frames) for _, frames in chunks] == [16, 16, 8]
    frames = np.concatenate([frames for _, frames in chunks])
    assert frames.shape == (40, 64, 96, 3) and frames.dtype == np.uint8
    assert [number_of(frame) for frame in frames] == list(range(40))


def test_a_range_equals_the_same_frames_of_the_whole(video):
    whole = np.concatenate([frames for _, frames in read_frames(video)])
    for start, end in [(0, 0), (5, 20), (13, 39), (39, 39)]:
        part = list(read_frames(video, start, end, chunk=7))
        assert part[0][0] == start
        np.testing.assert_array_equal(
            np.concatenate([frames for _, frames in part]), whole[start : end + 1]
        )


def test_chunks_do_not_share_memory(video):
    (_, first), (_, second) = list(read_frames(video, 0, 9, chunk=5))
    kept = first.copy()
    second[:] = 0
    np.testing.assert_array_equal(first, kept)


def test_selected_frames_are_exact(video):
    whole = np.concatenate([frames for _, frames in read_frames(video)])
    for indices in ([0], [39], [0, 1, 2], [3, 11, 12, 13, 30, 38], list(range(0, 40, 3))):
        np.testing.assert_array_equal(read_selected(video, indices), whole[indices])
    assert read_selected(video, []).shape == (0, 0, 0, 3)


def test_selected_frames_outlive_the_reader(video):
    kept = list(iterate_selected(video, range(0, 40, 2)))
    assert [number_of(frame) for _, frame in kept] == list(range(0, 40, 2))


@pytest.mark.parametrize("indices", [[3, 2], [4, 4]])
def test_selected_indices_must_ascend(video, indices):
    with pytest.raises(ValueError, match="ascend"):
        read_selected(video, indices)


@pytest.mark.parametrize(("start", "end"), [(0, 40), (-1, 3), (9, 8), (40, None)])
def test_frames_outside_the_video_are_refused(video, start, end):
    with pytest.raises(BadInput, match="frames 0 to 39"):
        list(read_frames(video, start, end))


def test_a_frame_outside_the_video_is_named(video):
    with pytest.raises(BadInput, match="frame 40 was asked for"):
        read_selected(video, [3, 40])


def damaged(path):
    with av.open(str(path)) as container:
        entry = container.streams.video[0].index_entries[36]
    data = bytearray(path.read_bytes())
    data[entry.pos : entry.pos + entry.size] = b"\xff" * entry.size
    path.write_bytes(data)
    return path


def test_damage_is_named_by_every_reader_before_the_first_frame(tmp_path):
    path = damaged(write_video(tmp_path / "a.mp4", 40))
    for action in (lambda: next(read_frames(path)), lambda: read_selected(path, [0, 36])):
        with pytest.raises(BadInput, match=r"damaged .* after frame \d+ .*: ffmpeg -i .*a\.mp4"):
            action()


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_damage_after_the_index_was_made_is_named(tmp_path, codec):
    path = write_video(tmp_path / "a.mp4", 40, codec=codec)
    index = index_frames(path)
    assert index.reader == ("decord" if codec == "libx264" else "libav")
    damaged(path)
    with pytest.raises(BadInput, match=r"cannot be decoded|another frame|ends before"):
        for _ in read_frames(path, index=index):
            pass


def test_another_file_under_the_name_is_noticed(tmp_path):
    path = write_video(tmp_path / "a.mp4", 40)
    index = index_frames(path)
    write_video(path, 30)
    with pytest.raises(BadInput, match="when its frames were numbered"):
        next(read_frames(path, index=index))
    with pytest.raises(BadInput, match="when its frames were numbered"):
        read_selected(path, [1], index)


def test_both_readers_give_the_same_pixels(tmp_path):
    path = write_video(tmp_path / "a.mp4", 40)
    index = index_frames(path)
    assert index.reader == "decord"
    other = replace(index, reader="libav")
    for wanted in (range(40), [0, 5, 13, 30, 39]):
        np.testing.assert_array_equal(
            read_selected(path, wanted, index), read_selected(path, wanted, other)
        )


def test_a_passed_index_saves_the_pass(tmp_path, monkeypatch):
    path = write_video(tmp_path / "a.mp4", 40)
    index = index_frames(path)
    monkeypatch.setattr(decoding, "number_frames", None)
    assert number_of(read_selected(path, [17], index)[0]) == 17
    assert measure(path, index) == (40, 25.0, 96, 64, 1.6)


def test_frames_come_in_presentation_order_at_a_variable_rate(tmp_path):
    times = np.cumsum([0] + [20, 90, 40] * 10)[:30].tolist()
    path = write_video(tmp_path / "variable.mkv", 30, times=times)
    frames = np.concatenate([frames for _, frames in read_frames(path)])
    assert [number_of(frame) for frame in frames] == list(range(30))
    assert [number_of(frame) for frame in read_selected(path, [7, 8, 21])] == [7, 8, 21]


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="no real footage here")
@pytest.mark.parametrize("name", ["book.mkv", "walk.mkv", "room_people_passing.mp4"])
def test_real_footage_random_access_equals_sequential(name):
    last = 88
    whole = np.concatenate([frames for _, frames in read_frames(FOOTAGE / name, 0, last)])
    indices = np.unique(np.random.default_rng(0).integers(0, last + 1, 20))
    np.testing.assert_array_equal(read_selected(FOOTAGE / name, indices), whole[indices])
    _, part = next(read_frames(FOOTAGE / name, 41, 50))
    np.testing.assert_array_equal(part, whole[41:51])
