from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from microgesture.datasets.clips import load_clips
from microgesture.provenance.errors import BadInput
from microgesture.stores.rgb import RgbStore, write_rgb_clips
from microgesture.stores.sequences import list_sequences, read_sequence, write_sequences
from tests.datasets.synthetic import write_stores


def load(stores, **options):
    options = {
        "layout": "coco17",
        "splits": ("train",),
        "use_skeletons": True,
        "use_rgb": True,
        **options,
    }
    return load_clips(*(stores[k] for k in ("clips", "skeletons", "saliency", "rgb")), **options)


def test_clips_are_cut_sorted_and_in_crop_units(tmp_path):
    stores = write_stores(tmp_path)
    clips = load(stores, splits=("train", "val"))
    assert clips.clips == sorted(clips.clips) and len(clips) == 28
    assert set(clips.splits) == {"train", "val"}
    table = pd.concat(map(pd.read_parquet, stores["clips"])).set_index("clip")
    number = clips.clips.index("b_3")
    row = table.loc["b_3"]
    pixels = read_sequence(stores["skeletons"][1], "b", row["start"], row["end"]).points
    expected = (pixels[..., :2] - [10, 20]) / 100  # the box of the fixture
    np.testing.assert_allclose(
        clips.points[number][:, :, :15, :2], expected[:, :, :15], rtol=1e-5, atol=1e-6
    )
    assert not clips.points[number][:, :, 15:].any()  # missing joints stay at 0, not at the corner
    assert clips.lengths[number] == row["end"] - row["start"] + 1
    assert clips.labels[number] == row["label"]
    assert clips.counts(clips.where("train"), 3).tolist() == [9, 6, 6]


def test_pictures_are_the_nearest_stored_ones(tmp_path):
    stores = write_stores(tmp_path)
    cached, lazy = load(stores), load(stores, cache_megabytes=0)
    frames = np.array([0, 0, 3, 8])  # every second frame is stored; 3 lies between 2 and 4
    read = cached.rgb.read(2, frames)
    np.testing.assert_array_equal(read, lazy.rgb.read(2, frames))
    np.testing.assert_array_equal(read[0], read[1])
    stored = cached.rgb._kept[2]
    np.testing.assert_array_equal(read, stored[[0, 0, 1, 4]])


def test_pictures_of_a_long_video_lie_in_a_store_of_its_own(tmp_path):
    """Videos that share a batch of skeletons have their pixels in stores named after them."""
    stores = write_stores(tmp_path)
    video_of = pd.concat(map(pd.read_parquet, stores["clips"])).set_index("clip")["video"]
    expected, parts, paths = load(stores), {}, []
    for store in map(RgbStore, stores["rgb"]):
        for clip in store.clips():
            stored = (clip, store.read(clip), store.positions(clip))
            parts.setdefault(video_of[clip], []).append(stored)
    for video, clips in parts.items():
        paths.append(tmp_path / f"{video}.h5")
        write_rgb_clips(paths[-1], clips)
    assert len(paths) == 6 > len(stores["rgb"])
    found, frames = load({**stores, "rgb": paths}), np.arange(4)
    for number in range(len(expected)):
        pictures = expected.rgb.read(number, frames)
        np.testing.assert_array_equal(found.rgb.read(number, frames), pictures)


def test_extra_clips_of_other_splits(tmp_path):
    clips = load(write_stores(tmp_path), splits=("train",), extra={"e_1"}, use_rgb=False)
    assert clips.splits[clips.clips.index("e_1")] == "test"
    assert clips.labels[clips.clips.index("e_1")] == -1 and clips.rgb is None


def test_people_are_cut_or_filled(tmp_path):
    clips = load(write_stores(tmp_path), persons=2, use_rgb=False)
    assert clips.points[0].shape[0] == 2 and not clips.points[0][1].any()


def test_problems_name_file_and_clip(tmp_path):
    stores = write_stores(tmp_path)
    with pytest.raises(BadInput, match="layout: coco17"):
        load(stores, layout="h68")
    saliency = pd.read_parquet(stores["saliency"][0])
    saliency[saliency["clip"] != "a_2"].to_parquet(stores["saliency"][0])
    with pytest.raises(BadInput, match=r"saliency/b0.parquet: holds no clip 'a_2'"):
        load(stores)
    stores = write_stores(tmp_path)
    table = pd.read_parquet(stores["clips"][0])
    table.loc[table["clip"] == "a_6", "end"] += 50
    table.to_parquet(stores["clips"][0])
    with pytest.raises(BadInput, match="a_6"):
        load(stores)


def test_facing_reaches_the_loaded_clips(tmp_path):
    stores = write_stores(tmp_path, dims=3)
    plain, turned = (load(stores, use_rgb=False, facing=facing) for facing in (False, True))
    for before, after in zip(plain.points, turned.points, strict=True):
        np.testing.assert_allclose(after[..., 1], before[..., 1], atol=1e-6)  # y stays
        shoulders = [plain.layout.joints.index(f"{side}_shoulder") for side in ("left", "right")]
        across = np.median(after[0, :, shoulders[1]] - after[0, :, shoulders[0]], axis=0)
        assert across[0] > 0 and abs(across[2]) < 0.25 * across[0]
    assert any(np.abs(a - b).max() > 0.1 for a, b in zip(plain.points, turned.points))


def test_frames_with_a_person(tmp_path):
    clips = load(write_stores(tmp_path), use_rgb=False)
    length = clips.lengths[3]
    assert clips.frames_with_person(3).tolist() == list(range(length))
    clips.points = list(clips.points)
    clips.points[3][:, 2:5] = 0
    assert clips.frames_with_person(3).tolist() == [0, 1, *range(5, length)]
    clips.points[3][:] = 0
    assert clips.frames_with_person(3).tolist() == list(range(length))


def with_a_second_row(stores, order):
    """Every video gets a second row of zeros or of a small, unsure person; rows in this order."""
    for path in stores["skeletons"]:
        sequences = [(video, read_sequence(path, video)) for video in list_sequences(path)]
        doubled = []
        for number, (video, sequence) in enumerate(sequences):
            smaller = np.float32([0.1] * (sequence.points.shape[-1] - 1) + [0.5])
            other = sequence.points * smaller * (number % 2)
            points = np.concatenate([sequence.points, other])[list(order)]
            doubled.append((video, replace(sequence, points=points)))
        write_sequences(path, doubled)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_best_track_of_a_clip_is_taken_wherever_it_stands(tmp_path, order):
    stores = write_stores(tmp_path)
    one = load(stores, use_rgb=False)
    one.points = list(one.points)
    with_a_second_row(stores, order)
    again = load(stores, use_rgb=False)
    for points, other in zip(one.points, again.points, strict=True):
        assert np.array_equal(points, other)
    both = load(stores, use_rgb=False, persons=2)
    assert all(np.array_equal(p[order.index(0)], q[0]) for p, q in zip(both.points, one.points))


def test_facing_of_keypoints_in_pixels_is_refused(tmp_path):
    with pytest.raises(BadInput, match="facing: true turns skeletons in space"):
        load(write_stores(tmp_path), use_rgb=False, facing=True)
