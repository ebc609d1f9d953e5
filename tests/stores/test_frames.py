import h5py
import numpy as np
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.stores.frames import list_frames, read_frames_of, write_frames
from microgesture.stores.windows import read_windows


def said(seed, frames=30, classes=4):
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.ones(classes), frames)
    return probabilities, generator.random(frames) > 0.5


def test_what_was_written_is_read(tmp_path):
    videos = {"b": (*said(0), 15.0), "a b": (*said(1, frames=3), 29.97)}
    write_frames(tmp_path / "f.h5", ((video, *one) for video, one in videos.items()))
    assert list_frames(tmp_path / "f.h5") == ["a b", "b"]
    for video, (probabilities, present, fps) in videos.items():
        found, seen, rate = read_frames_of(tmp_path / "f.h5", video)
        assert found.dtype == np.float64 and rate == fps
        assert (np.abs(found - probabilities) <= 2**-11 * probabilities + 1e-7).all()
        np.testing.assert_array_equal(seen, present)


def test_no_frame_and_no_video(tmp_path):
    write_frames(tmp_path / "f.h5", [("a", np.zeros((0, 4)), np.zeros(0, bool), 15.0)])
    found, present, _ = read_frames_of(tmp_path / "f.h5", "a")
    assert found.shape == (0, 4) and present.shape == (0,)
    write_frames(tmp_path / "none.h5", [])
    assert list_frames(tmp_path / "none.h5") == []


@pytest.mark.parametrize("gone", ["probabilities", "present", "fps"])
def test_a_damaged_store_is_named(tmp_path, gone):
    write_frames(tmp_path / "f.h5", [("a", *said(0), 15.0)])
    with h5py.File(tmp_path / "f.h5", "a") as file:
        del (file["a"].attrs if gone == "fps" else file["a"])[gone]
    with pytest.raises(BadInput, match=r"f.h5: video 'a' cannot be read, the file is damaged"):
        read_frames_of(tmp_path / "f.h5", "a")


def test_another_kind_of_store(tmp_path):
    write_frames(tmp_path / "f.h5", [("a", *said(0), 15.0)])
    with pytest.raises(BadInput, match="holds no video 'c'"):
        read_frames_of(tmp_path / "f.h5", "c")
    with pytest.raises(BadInput, match=r"no windows store .it says 'microgesture frame probabil"):
        read_windows(tmp_path / "f.h5", "a")
