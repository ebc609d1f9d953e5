import multiprocessing
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.stores.files import created
from microgesture.stores.rgb import (
    KIND,
    RgbStore,
    put_rgb_clip,
    write_rgb_clips,
    write_rgb_videos,
)


@pytest.fixture
def frames():
    return np.random.default_rng(0).integers(0, 256, (20, 16, 16, 3), dtype=np.uint8)


@pytest.fixture
def store(tmp_path, frames):
    write_rgb_clips(
        tmp_path / "r.h5",
        [("b", frames, np.arange(0, 40, 2)), ("a/x", frames[:3], [0, 1, 2])],
    )
    return RgbStore(tmp_path / "r.h5")


def test_round_trip(store, frames):
    assert store.clips() == ["a/x", "b"]
    np.testing.assert_array_equal(store.read("b"), frames)
    np.testing.assert_array_equal(store.read("a/x"), frames[:3])
    assert store.positions("b").tolist() == list(range(0, 40, 2))
    assert store.positions("b").dtype == np.int32
    store.close()
    np.testing.assert_array_equal(store.read("b", [1]), frames[[1]])


@pytest.mark.parametrize("indices", [[0], [19, 0, 7, 7], [5, 6, 7], [0, 19], []])
def test_any_frames_in_any_order(store, frames, indices):
    found = store.read("b", indices)
    np.testing.assert_array_equal(found, frames[np.array(indices, dtype=int)])
    assert found.dtype == np.uint8


def test_far_apart_frames(tmp_path):
    frames = np.arange(300, dtype=np.uint16).astype(np.uint8)
    frames = np.broadcast_to(frames[:, None, None, None], (300, 2, 2, 3))
    write_rgb_clips(tmp_path / "r.h5", [("c", frames, np.arange(300))])
    found = RgbStore(tmp_path / "r.h5").read("c", [299, 0, 150])
    assert found[:, 0, 0, 0].tolist() == [299 - 256, 0, 150]


def test_an_index_outside_is_refused(store):
    for indices in ([20], [-1, 3]):
        with pytest.raises(IndexError, match="frames 0 to 19"):
            store.read("b", indices)


def test_bad_files_and_clips(store, tmp_path):
    with pytest.raises(BadInput, match="holds no clip 'c'"):
        store.read("c")
    data = (tmp_path / "r.h5").read_bytes()
    (tmp_path / "cut.h5").write_bytes(data[: len(data) // 2])
    with pytest.raises(BadInput, match="truncated"):
        RgbStore(tmp_path / "cut.h5").read("b")
    (tmp_path / "text.h5").write_text("no store")
    with pytest.raises(BadInput, match="not a readable HDF5"):
        RgbStore(tmp_path / "text.h5").clips()


def test_mistakes_of_the_caller(tmp_path, frames):
    for wrong, message in [
        ((frames.astype(float), np.arange(20)), "uint8"),
        ((frames[0], np.arange(16)), "uint8"),
        ((frames, np.arange(19)), "positions"),
    ]:
        with pytest.raises(ValueError, match=message):
            write_rgb_clips(tmp_path / "r.h5", [("c", *wrong)])
    with pytest.raises(ValueError, match="twice"):
        write_rgb_clips(tmp_path / "r.h5", [("c", frames, np.arange(20))] * 2)


def test_the_same_data_give_the_same_bytes(tmp_path, frames):
    for name in ("a.h5", "b.h5"):
        write_rgb_clips(tmp_path / name, [("c", frames, np.arange(20))])
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def _sum(store):
    return int(store.read("b").sum())


def test_workers_open_the_file_for_themselves(store, frames):
    store.read("b", [0])
    assert _sum(pickle.loads(pickle.dumps(store))) == frames.sum()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(_sum, [store] * 4) == [frames.sum()] * 4


def test_whole_videos_are_written_one_picture_after_the_other(tmp_path, frames):
    positions = np.arange(1, 40, 2)
    taken = []

    def pictures():
        for number, frame in enumerate(frames):
            taken.append(number)
            yield frame

    write_rgb_videos(tmp_path / "v.h5", [("v", pictures(), positions, 16), ("empty", [], [], 16)])
    assert taken == list(range(20))
    # The same file as of clips, the empty video aside.
    write_rgb_clips(
        tmp_path / "c.h5", [("v", frames, positions), ("empty", frames[:0], positions[:0])]
    )
    for name in ("v", "empty"):
        video, clip = RgbStore(tmp_path / "v.h5"), RgbStore(tmp_path / "c.h5")
        np.testing.assert_array_equal(video.read(name), clip.read(name))
        np.testing.assert_array_equal(video.positions(name), clip.positions(name))
        assert video.positions(name).dtype == np.int32


def test_videos_that_do_not_fit_their_positions(tmp_path, frames):
    path = tmp_path / "v.h5"
    with pytest.raises(ValueError, match="'v': 20 frames but 21 positions"):
        write_rgb_videos(path, [("v", frames, np.arange(21), 16)])
    with pytest.raises(ValueError, match="'v': 20 frames but 19 positions"):
        write_rgb_videos(path, [("v", frames, np.arange(19), 16)])
    with pytest.raises(ValueError, match="comes twice"):
        write_rgb_videos(path, [("v", frames, np.arange(20), 16)] * 2)
    with pytest.raises(ValueError, match=r"uint8 \(16, 16, 3\)"):
        write_rgb_videos(path, [("v", frames, np.arange(20), 24)])
    assert not path.exists()


def test_jpeg_is_small_near_and_read_in_any_order(tmp_path):
    rows, columns = np.mgrid[:64, :64]
    picture = np.stack([rows * 3, columns * 3, rows + columns], -1).astype(np.uint8)
    frames = np.stack([np.roll(picture, 5 * number, axis=1) for number in range(6)])
    with created(tmp_path / "rgb.h5", KIND) as file:
        put_rgb_clip(file, "raw", frames, np.arange(6))
        put_rgb_clip(file, "small", frames, np.arange(6), quality=90)
        put_rgb_clip(file, "none", frames[:0], np.arange(0), quality=90)
        assert file["small/jpeg"].size < frames.size / 5
    store = RgbStore(tmp_path / "rgb.h5")
    whole = store.read("small")
    assert whole.shape == frames.shape and whole.dtype == np.uint8
    assert np.abs(whole.astype(int) - frames).mean() < 2  # and the colours are in their places
    np.testing.assert_array_equal(store.read("small", [4, 1, 4]), whole[[4, 1, 4]])
    assert len(store.read("small", [])) == len(store.read("none")) == 0
    with pytest.raises(IndexError, match="0 to 5, asked for 2 to 6"):
        store.read("small", [2, 6])


def test_a_picture_that_is_no_jpeg_is_told(tmp_path):
    frames = np.zeros((2, 16, 16, 3), np.uint8)
    with created(tmp_path / "rgb.h5", KIND) as file:
        put_rgb_clip(file, "clip", frames, np.arange(2), quality=90)
        begin = int(file["clip/ends"][0])
        file["clip/jpeg"][begin : begin + 20] = 0
    with pytest.raises(BadInput, match="clip 'clip': picture 1 is no JPEG"):
        RgbStore(tmp_path / "rgb.h5").read("clip")


MEMORY = """
import sys
import numpy as np
from microgesture.stores.rgb import RgbStore
def own():
    lines = open("/proc/self/smaps_rollup").read().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))
store = RgbStore(sys.argv[1])
for number in range(300):
    store.read(f"c{number}", [0])
before = own()
for number in range(3000):
    store.read(f"c{number}", [0])
print(own() - before)
"""


def test_memory_does_not_follow_the_number_of_clips_read(tmp_path):
    """HDF5 would keep 4 KiB of every clip: 12 MB here."""
    pictures = np.zeros((1, 2, 2, 3), np.uint8)
    clips = ((f"c{number}", pictures, np.arange(1)) for number in range(3000))
    write_rgb_clips(tmp_path / "s.h5", clips)
    found = subprocess.run(
        [sys.executable, "-c", MEMORY, str(tmp_path / "s.h5")],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert float(found.stdout) < 4_000, found.stderr
