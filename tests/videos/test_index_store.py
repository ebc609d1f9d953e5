import numpy as np
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import write_sequences
from microgesture.videos.decoding import index_frames
from microgesture.videos.index_store import (
    list_frame_indexes,
    read_frame_index,
    stored_index,
    write_frame_indexes,
)
from tests.videos.made_videos import write_video


def test_an_index_comes_back_whole(tmp_path):
    indexes = {
        "a/1": index_frames(write_video(tmp_path / "a.mp4", 40)),
        "b": index_frames(write_video(tmp_path / "b.avi", 30, codec="mpeg4")),
        "one": index_frames(write_video(tmp_path / "c.mp4", 1)),
    }
    store = tmp_path / "batch.h5"
    write_frame_indexes(store, indexes.items())
    assert list_frame_indexes(store) == ["a/1", "b", "one"]
    for video, index in indexes.items():
        back = read_frame_index(store, video)
        for name, value in vars(index).items():
            np.testing.assert_array_equal(getattr(back, name), value, err_msg=name)
            assert getattr(getattr(back, name), "dtype", None) == getattr(value, "dtype", None)
    assert stored_index(None, "a/1") is None
    assert stored_index(store, "b").frames == 30


def test_the_same_indexes_give_the_same_bytes(tmp_path):
    index = index_frames(write_video(tmp_path / "a.mp4", 40))
    for name in ("x.h5", "y.h5"):
        write_frame_indexes(tmp_path / name, [("a", index)])
    assert (tmp_path / "x.h5").read_bytes() == (tmp_path / "y.h5").read_bytes()


def test_what_is_no_such_store_is_refused(tmp_path):
    index = index_frames(write_video(tmp_path / "a.mp4", 10))
    write_frame_indexes(tmp_path / "i.h5", [("a", index)])
    write_sequences(tmp_path / "s.h5", [])
    with pytest.raises(BadInput, match="holds no video 'b'"):
        read_frame_index(tmp_path / "i.h5", "b")
    with pytest.raises(BadInput, match="no frame index store"):
        read_frame_index(tmp_path / "s.h5", "a")
    with pytest.raises(ValueError, match="twice"):
        write_frame_indexes(tmp_path / "t.h5", [("a", index), ("a", index)])
