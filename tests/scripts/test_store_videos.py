import numpy as np
import pandas as pd
import pytest

from microgesture.stores.rgb import RgbStore
from microgesture.stores.sequences import Sequence, write_sequences
from microgesture.videos.cropping import crop_square
from microgesture.videos.decoding import index_frames, read_frames
from microgesture.videos.index_store import write_frame_indexes
from microgesture.videos.magnification import magnify
from microgesture.videos.magnification_settings import Magnification
from scripts.store_videos import store_videos
from tests.videos.made_videos import number_of, write_video

SETTINGS = {"size": 32, "per_second": 12.5, "padding": 0.25}


def sequence(frames, present=True):
    points = np.zeros((1, frames, 17, 3), np.float32)
    if present:  # two joints, from (28, 12) to (60, 52)
        points[0, :, 0], points[0, :, 1] = (28, 12, 0.9), (60, 52, 0.9)
    return Sequence(points, np.full(frames, present), "coco17", 96, 64, 25.0)


@pytest.fixture
def inputs(tmp_path):
    names = {"w": 40, "v": 30, "other": 20}
    paths = {name: write_video(tmp_path / f"{name}.mp4", count) for name, count in names.items()}
    rows = [(name, str(path), names[name], 25.0, "ok") for name, path in paths.items()]
    rows.append(("x", "lost.mp4", 0, 0.0, "quarantined"))
    facts = pd.DataFrame(rows, columns=["video", "path", "frames", "fps", "status"])
    facts.to_parquet(tmp_path / "facts.parquet")
    indexes = {name: index_frames(path) for name, path in paths.items()}
    write_frame_indexes(tmp_path / "indexes.h5", indexes.items())
    sequences = [(name, sequence(count, name != "v")) for name, count in names.items()]
    write_sequences(tmp_path / "skeletons.h5", sequences)
    return tmp_path


def run(folder, rates=None, name="rgb.h5"):
    files = ("facts.parquet", "indexes.h5", "skeletons.h5", name, "boxes.parquet")
    arguments = [str(folder / file) for file in files]
    store_videos(*arguments, ["v", "w", "x"], rates or {}, SETTINGS)
    return RgbStore(folder / name), pd.read_parquet(folder / "boxes.parquet").set_index("video")


def test_pictures_are_those_of_their_frames(inputs):
    store, boxes = run(inputs)
    assert store.clips() == ["v", "w"] == boxes.index.tolist()  # x cannot be read, other not asked
    assert store.positions("w").tolist() == list(range(1, 40, 2))  # 12.5 of 25 frames a second
    for video in ("v", "w"):
        pictures = store.read(video)
        assert pictures.shape == (len(store.positions(video)), 32, 32, 3)
        numbers = [number_of(picture) for picture in pictures]
        np.testing.assert_array_equal(numbers, store.positions(video))


def test_boxes_hold_the_person_and_the_whole_frame_without_one(inputs):
    _, boxes = run(inputs)
    # The longer side is 40 pixels, a quarter more is 50, about (44, 32).
    assert boxes.loc["w"].tolist() == [19, 7, 69, 57]
    assert boxes.loc["v"].tolist() == [0, -16, 96, 80]


def test_a_rate_that_the_sheet_gives_counts(inputs):
    store, _ = run(inputs, {"w": 50.0})
    assert len(store.positions("w")) == 10 and len(store.positions("v")) == 15


def test_the_same_input_gives_the_same_bytes(inputs):
    for name in ("a.h5", "b.h5"):
        run(inputs, name=name)
    assert (inputs / "a.h5").read_bytes() == (inputs / "b.h5").read_bytes()


def test_pictures_with_magnified_motion_are_those_of_the_whole_video(inputs):
    plain, boxes = run(inputs, {"w": 50.0})
    files = ("facts.parquet", "indexes.h5", "skeletons.h5", "moved.h5", "moved.parquet")
    magnification = {"factor": 3.0, "low": 4.0, "high": 10.0}
    arguments = [str(inputs / file) for file in files]
    store_videos(*arguments, ["v", "w", "x"], {"w": 50.0}, SETTINGS, magnification=magnification)
    moved = RgbStore(inputs / "moved.h5")
    for video, fps in (("v", 25.0), ("w", 50.0)):
        positions = plain.positions(video)
        np.testing.assert_array_equal(moved.positions(video), positions)
        frames = np.concatenate([part for _, part in read_frames(inputs / f"{video}.mp4")])
        cuts = [crop_square(frame, tuple(boxes.loc[video]), 32) for frame in frames]
        band = Magnification(*magnification.values())
        expected = np.stack(list(magnify(cuts, len(cuts), fps, band, video)))
        np.testing.assert_array_equal(moved.read(video), expected[positions])
    pd.testing.assert_frame_equal(
        pd.read_parquet(inputs / "moved.parquet").set_index("video"), boxes
    )


def test_no_factor_gives_the_same_bytes(inputs):
    run(inputs, name="a.h5")
    files = ("facts.parquet", "indexes.h5", "skeletons.h5", "b.h5", "boxes.parquet")
    off = {"factor": 0, "low": 4.0, "high": 10.0}
    store_videos(
        *[str(inputs / file) for file in files], ["v", "w"], {}, SETTINGS, magnification=off
    )
    assert (inputs / "a.h5").read_bytes() == (inputs / "b.h5").read_bytes()
