"""Skeletons cut out of mapped stores: bit for bit those that were read into memory."""

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from microgesture.datasets.body_units import to_body_units
from microgesture.pose.layouts import get_layout
from microgesture.pose.persons import choose_persons
from microgesture.provenance.errors import BadInput
from microgesture.saliency.boxes import crop_units
from microgesture.stores.sequences import list_sequences, read_sequence, write_sequences
from tests.datasets.synthetic import write_stores
from tests.datasets.test_clips import load, with_a_second_row

ALL = ("train", "val", "test", "unlabelled")


def unpack(stores):
    """The same skeletons as clean_keypoints writes them: uncompressed."""
    for path in stores["skeletons"]:
        sequences = [(video, read_sequence(path, video)) for video in list_sequences(path)]
        write_sequences(path, sequences, packed=False)


def in_memory(stores, persons, facing):
    """Points of all clips by their ids, from whole videos in memory."""
    found = {}
    for tables, skeletons, saliency in zip(
        *(stores[k] for k in ("clips", "skeletons", "saliency"))
    ):
        boxes = pd.read_parquet(saliency).set_index("clip")
        for row in pd.read_parquet(tables).itertuples():
            sequence = read_sequence(skeletons, row.video)
            cut = sequence.points[:, row.start : row.end + 1]
            present = sequence.present[row.start : row.end + 1]
            cut = cut[choose_persons(cut, present, persons)]
            if len(cut) < persons:
                cut = np.concatenate([cut, np.zeros((persons - len(cut), *cut.shape[1:]))])
            box = boxes.loc[row.clip]
            found[row.clip] = (
                crop_units(cut, (box["x0"], box["y0"], box["x1"], box["y1"]))
                if cut.shape[-1] == 3
                else to_body_units(cut, present, get_layout("coco17"), facing=facing)
            )
    return found


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("people", [1, 2])
@pytest.mark.parametrize("persons", [1, 2, 3])
@pytest.mark.parametrize(("dims", "facing"), [(2, False), (3, False), (3, True)])
def test_the_points_are_those_of_whole_videos_in_memory(
    tmp_path, dims, facing, persons, people, packed
):
    stores = write_stores(tmp_path, dims=dims)
    if people == 2:
        with_a_second_row(stores, (1, 0))
    if not packed:
        unpack(stores)
    expected = in_memory(stores, persons, facing)
    clips = load(stores, splits=ALL, use_rgb=False, persons=persons, facing=facing)
    assert len(clips) == len(expected) == 42
    for clip, points in zip(clips.clips, clips.points, strict=True):
        assert points.dtype == np.float32 and np.array_equal(points, expected[clip])
        assert points.flags.writeable  # a copy: nobody writes into the store


def test_a_flipped_byte_is_found_before_anything_is_learned(tmp_path):
    stores = write_stores(tmp_path)
    unpack(stores)
    path = Path(stores["skeletons"][0])
    with h5py.File(path) as file:
        offset = file["a/points"].id.get_offset()
    content = bytearray(path.read_bytes())
    content[offset + 1234] ^= 1
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"b0.h5: the keypoints of video 'a' are not those"):
        load(stores, use_rgb=False)


def test_a_store_that_ends_before_its_clip(tmp_path):
    stores = write_stores(tmp_path)
    unpack(stores)
    path = stores["skeletons"][0]
    shorter = []
    for video in list_sequences(path):
        whole = read_sequence(path, video)
        part = replace(whole, points=whole.points[:, :50], present=whole.present[:50])
        shorter.append((video, part))
    write_sequences(path, shorter, packed=False)
    with pytest.raises(BadInput, match="has frames 0 to 49"):
        load(stores, use_rgb=False)
