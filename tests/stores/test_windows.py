import h5py
import numpy as np
import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.stores.windows import VideoWindows, list_windows, read_windows, write_windows


def said(seed=0, count=5, frames=40, classes=3, features=4, fps=15.0):
    generator = np.random.default_rng(seed)
    starts = np.arange(count) * 4
    return VideoWindows(
        windows=pd.DataFrame({"start": starts, "end": starts + 9, "length": 700}),
        logits=generator.normal(0, 3, (count, classes)).astype(np.float32),
        features=generator.normal(0, 1, (count, features)).astype(np.float32),
        present=generator.random(frames) > 0.3,
        fps=fps,
    )


def test_what_was_written_is_read(tmp_path):
    videos = {"b": said(1, fps=29.97), "a/x": said(2, count=2, frames=7)}
    write_windows(tmp_path / "w.h5", videos.items())
    assert list_windows(tmp_path / "w.h5") == ["a/x", "b"]
    for video, one in videos.items():
        found = read_windows(tmp_path / "w.h5", video)
        pd.testing.assert_frame_equal(found.windows, one.windows, check_dtype=False)
        assert (found.windows.dtypes == np.int64).all()
        # Half precision has 11 significant bits: a number is kept to 2 ** -11 of itself.
        for name in ("logits", "features"):
            kept, given = getattr(found, name), getattr(one, name)
            assert kept.dtype == np.float32
            assert (np.abs(kept - given) <= np.abs(given) * 2**-11).all()
        np.testing.assert_array_equal(found.present, one.present)
        assert found.fps == one.fps and found.frames == len(one.present)


def test_logits_beyond_half_precision_stay_finite(tmp_path):
    one = said()
    one.logits[0] = [1e6, -1e6, 0]
    write_windows(tmp_path / "w.h5", [("a", one)])
    assert read_windows(tmp_path / "w.h5", "a").logits[0].tolist() == [65504, -65504, 0]


def test_no_window_and_no_video(tmp_path):
    write_windows(tmp_path / "w.h5", [("a", said(count=0, frames=0))])
    found = read_windows(tmp_path / "w.h5", "a")
    assert found.logits.shape == (0, 3) and found.frames == 0 and len(found.windows) == 0
    write_windows(tmp_path / "none.h5", [])
    assert list_windows(tmp_path / "none.h5") == []


def test_the_same_numbers_give_the_same_bytes(tmp_path):
    for name in "ab":
        write_windows(tmp_path / name, [("v", said())])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_mistakes_of_the_writer(tmp_path):
    with pytest.raises(ValueError, match="'a' comes twice"):
        write_windows(tmp_path / "w.h5", [("a", said()), ("a", said())])
    broken = said()
    broken.features[1, 2] = np.nan
    with pytest.raises(ValueError, match="'a': features that are not finite"):
        write_windows(tmp_path / "w.h5", [("a", broken)])
    assert not (tmp_path / "w.h5").exists()


@pytest.mark.parametrize("gone", ["start", "logits", "present", "fps"])
def test_a_damaged_store_is_named(tmp_path, gone):
    write_windows(tmp_path / "w.h5", [("a", said())])
    with h5py.File(tmp_path / "w.h5", "a") as file:
        group = file["a"]
        del (group.attrs if gone == "fps" else group)[gone]
    with pytest.raises(BadInput, match=r"w.h5: video 'a' cannot be read, the file is damaged"):
        read_windows(tmp_path / "w.h5", "a")


def test_another_file_and_another_video(tmp_path):
    write_windows(tmp_path / "w.h5", [("a", said())])
    with pytest.raises(BadInput, match="holds no video 'b'"):
        read_windows(tmp_path / "w.h5", "b")
    (tmp_path / "w.txt").write_text("no store")
    with pytest.raises(BadInput, match="not a readable HDF5 file; expected a windows store"):
        list_windows(tmp_path / "w.txt")
