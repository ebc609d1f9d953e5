from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from microgesture.datasets.clips import load_clips
from microgesture.datasets.samples import ClipSamples, Key
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.saliency.table import locate_clips
from microgesture.segments.window_clips import (
    WindowPictures,
    cut_pictures,
    locate_windows,
    windows_as_clips,
)
from microgesture.stores.rgb import RgbStore, write_rgb_clips
from microgesture.stores.sequences import read_sequence
from tests.datasets.synthetic import write_stores

LAYOUT = get_layout("coco17")
SALIENCY = {"score_threshold": 0.3, "padding": 0.25, "motion_weight": 0.5, "minimum_share": 0.5}


@pytest.mark.parametrize("dims", [2, 3])
def test_a_window_over_a_clip_is_that_clip(tmp_path, dims):
    stores = write_stores(tmp_path, dims=dims)
    table = pd.concat(map(pd.read_parquet, stores["clips"]))
    table = table[table["video"] == "c"].sort_values("clip", ignore_index=True)
    boxes = pd.DataFrame(locate_clips(stores["skeletons"][0], table, "coco17", SALIENCY))
    boxes.to_parquet(stores["saliency"][0])
    table.to_parquet(stores["clips"][0])
    clips = load_clips(
        *([stores[kind][0]] for kind in ("clips", "skeletons", "saliency", "rgb")),
        layout="coco17", splits=("train",), use_skeletons=True, use_rgb=False,
    )  # fmt: skip
    sequences = {"c": read_sequence(stores["skeletons"][0], "c")}
    found, persons = locate_windows(table, sequences, SALIENCY)
    np.testing.assert_allclose(found, boxes[["x0", "y0", "x1", "y1"]])
    np.testing.assert_array_equal(persons, boxes["person_frames"])
    windows = windows_as_clips(table, sequences, LAYOUT, boxes=found, labels=table["label"])
    assert len(windows) == len(clips) and windows.dims == dims
    np.testing.assert_array_equal(windows.lengths, clips.lengths)
    for number in range(len(clips)):
        np.testing.assert_array_equal(windows.points[number], clips.points[number])
    samples, expected = (
        ClipSamples(source, frames=8)[Key(3)]["skeleton"] for source in (windows, clips)
    )
    np.testing.assert_array_equal(samples, expected)


def test_people_are_cut_or_filled_and_energies_are_slices(tmp_path):
    stores = write_stores(tmp_path)
    sequences = {"a": read_sequence(stores["skeletons"][0], "a")}
    table = pd.DataFrame({"video": "a", "start": [5, 0], "end": [12, 3]})
    boxes = np.tile([0.0, 0, 100, 100], (2, 1))
    energy = np.arange(len(sequences["a"].present), dtype=np.float32)
    windows = windows_as_clips(
        table, sequences, LAYOUT, boxes=boxes, persons=2, energies={"a": energy}
    )
    assert windows.points[0].shape == (2, 8, 17, 3) and not windows.points[0][1].any()
    assert windows.energies[0].tolist() == list(range(5, 13))
    assert windows.clips == ["a:5-12", "a:0-3"] and windows.labels.tolist() == [-1, -1]
    sample = ClipSamples(windows, frames=4, training=True, sampling="motion")[Key(0)]
    assert sample["skeleton"].shape == (2, 4, 17, 3)


def test_problems_are_named(tmp_path):
    stores = write_stores(tmp_path)
    sequences = {"a": read_sequence(stores["skeletons"][0], "a")}
    boxes = np.zeros((1, 4))

    def make(video="a", end=9, layout=LAYOUT, **options):
        table = pd.DataFrame({"video": [video], "start": [0], "end": [end]})
        return windows_as_clips(table, sequences, layout, **options)

    with pytest.raises(BadInput, match="'b' has windows but no keypoints"):
        make(video="b", boxes=boxes)
    with pytest.raises(BadInput, match="a window ends at 9999"):
        make(end=9999, boxes=boxes)
    with pytest.raises(BadInput, match="layout coco17"):
        make(layout=replace(LAYOUT, name="h68"), boxes=boxes)
    with pytest.raises(BadInput, match="need a box each"):
        make()


def gradient(size):
    """Red grows to the right, green downwards, in steps of one grey value a pixel."""
    down, right = np.mgrid[:size, :size]
    return np.stack([right, down, np.zeros_like(right)], axis=-1).astype(np.uint8)


def test_a_cut_of_the_stored_square_is_itself():
    pictures = gradient(64)[None]
    stored = (100.0, 50.0, 164.0, 114.0)
    np.testing.assert_array_equal(cut_pictures(pictures, stored, stored, 64), pictures)
    # The square from stored pixel 16 to 48, at its own scale.
    inner = cut_pictures(pictures, stored, (116.0, 66.0, 148.0, 98.0), 32)
    np.testing.assert_array_equal(inner, pictures[:, 16:48, 16:48])


def test_cuts_grow_shrink_and_reach_out():
    pictures, stored = gradient(64)[None], (0.0, 0.0, 64.0, 64.0)
    grown = cut_pictures(pictures, stored, (16.0, 16.0, 48.0, 48.0), 64)[0]
    # Pixel 10 of 64 has its centre at 16 + 10.5 / 2 = 21.25, so 20.75 pixels from pixel 0's centre.
    assert abs(int(grown[10, 10, 0]) - 20.75) <= 1
    shrunk = cut_pictures(pictures, stored, stored, 16)[0]
    # The first of 16 is the mean of the first four pixels in either direction.
    np.testing.assert_allclose(shrunk[0, :3, 0], [1.5, 5.5, 9.5], atol=0.6)
    outside = cut_pictures(pictures + 100, stored, (-64.0, 0.0, 0.0, 64.0), 32)
    assert outside[:, :, :30].max() == 0


def test_pictures_of_a_window_are_its_frames(tmp_path):
    # Every second frame of video a is stored, in grey values of its number.
    positions = np.arange(0, 40, 2)
    frames = np.repeat(positions, 8 * 8 * 3).reshape(20, 8, 8, 3).astype(np.uint8)
    write_rgb_clips(tmp_path / "videos.h5", [("a", frames, positions)])
    table = pd.DataFrame({"video": "a", "start": [10, 0], "end": [19, 9]})
    square = (0.0, 0.0, 80.0, 80.0)
    pictures = WindowPictures(
        table, {"a": RgbStore(tmp_path / "videos.h5")}, {"a": square}, np.array([square] * 2), 4
    )
    read = pictures.read(0, np.array([0, 4, 4, 9]))
    assert read.shape == (4, 4, 4, 3)
    assert read[:, 1, 1, 0].tolist() == [10, 14, 14, 18]
    assert pictures.read(1, np.array([7]))[0, 0, 0, 0] == 6
    write_rgb_clips(tmp_path / "empty.h5", [("a", frames[:0], positions[:0])])
    with pytest.raises(BadInput, match="holds no pictures"):
        WindowPictures(table, {"a": RgbStore(tmp_path / "empty.h5")}, {"a": square}, np.eye(4), 4)
