from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.stores.frames import list_frames, read_frames_of
from microgesture.stores.windows import read_windows, write_windows
from scripts.find_segments import find_segments
from tests.segments.test_fitting import whole, world


@pytest.fixture
def folder(tmp_path):
    whole().save(tmp_path / "all.npz", tmp_path / "all.json")
    videos = world().part("test")
    said = next(iter(videos.values()))
    nobody = {m: replace(one, present=np.zeros(one.frames, bool)) for m, one in said.items()}
    videos = {**videos, "empty_room": nobody}
    for member in whole().members:
        path = tmp_path / f"{member}.h5"
        write_windows(path, ((video, own[member]) for video, own in videos.items()))
        write_windows(tmp_path / f"{member}_none.h5", [])
    return tmp_path


def run(folder, ending="", members=None):
    windows = {m: str(folder / f"{m}{ending}.h5") for m in members or whole().members}
    names = ("all.npz", "all.json", "frames.h5", "segments.parquet")
    find_segments(windows, *(str(folder / name) for name in names))
    return pd.read_parquet(folder / "segments.parquet")


def test_segments_and_frames_are_those_of_the_segmenter(folder):
    table = run(folder)
    assert set(table["video"]) == {"test0", "test1", "test2"}  # nobody, no segment
    assert list_frames(folder / "frames.h5") == ["empty_room", "test0", "test1", "test2"]
    stored = {m: read_windows(folder / f"{m}.h5", "test1") for m in whole().members}
    expected = whole().frame_probabilities(stored)
    found, present, fps = read_frames_of(folder / "frames.h5", "test1")
    np.testing.assert_allclose(found, expected, atol=1e-3)
    assert present.all() and fps == 15.0
    strange = {"test1": whole().frame_distances(stored)}
    only, _ = whole().segments({"test1": expected}, {"test1": fps}, {"test1": present}, strange)
    own = table[table["video"] == "test1"].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, only)
    assert set(table["uncertain"]) <= {"yes", "no"}
    assert table["confidence"].between(0, 1).all()


def test_a_video_does_not_depend_on_its_batch(folder):
    table = run(folder)
    for member in whole().members:
        one = read_windows(folder / f"{member}.h5", "test2")
        write_windows(folder / f"{member}_one.h5", [("test2", one)])
    alone = run(folder, "_one")
    own = table[table["video"] == "test2"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, own)


def test_a_batch_without_a_readable_video(folder):
    columns = run(folder).columns.tolist()
    table = run(folder, "_none")
    assert table.empty and table.columns.tolist() == columns
    assert list_frames(folder / "frames.h5") == []


def test_a_member_that_is_missing_is_named(folder):
    with pytest.raises(BadInput, match="joint, rgb; rgb did not look at the windows"):
        run(folder, members=["joint"])
