"""What a member says of windows is what it says of clips of the same frames, video by video."""

import numpy as np
import pandas as pd
import pytest

from microgesture.datasets.clips import load_clips
from microgesture.saliency.table import locate_clips
from microgesture.segments.video_pictures import picture_positions
from microgesture.segments.window_clips import WindowPictures
from microgesture.segments.window_prediction import (
    Member,
    WindowSettings,
    look_at_videos,
    video_windows,
)
from microgesture.stores.rgb import RgbStore, write_rgb_clips, write_rgb_videos
from microgesture.stores.sequences import Sequence, read_sequence, write_sequences
from microgesture.stores.windows import read_windows, write_windows
from scripts.predict_modality import predict
from tests.bundles.small_bundle import write_member
from tests.datasets.synthetic import LABELS, write_stores

SALIENCY = {"score_threshold": 0.3, "padding": 0.25, "motion_weight": 0.5, "minimum_share": 0.5}
WINDOWS = WindowSettings((0.4, 0.8), 0.5, 16)
FPS = 25.0  # of the synthetic stores
SQUARE = (0.0, 0.0, 160.0, 160.0)


def member_of(folder, name, **settings):
    files = write_member(folder / "members", name)
    return Member(*files, {"test_flip": True, **settings}, threads=1, gpu=False), files


def test_windows_have_one_length_in_ms_at_every_rate():
    slow, fast = (video_windows(round(4 * fps), fps, WINDOWS) for fps in (15.0, 30.0))
    assert slow.columns.tolist() == ["start", "end", "length"]
    # 0.4 s: 6 frames at 15 a second, every 3; 0.8 s: 12 frames, every 6; 60 frames there are.
    first = slow[slow["length"] == 400]
    assert first["start"].tolist() == list(range(0, 55, 3)) and first["end"].iloc[0] == 5
    assert slow.loc[slow["length"] == 800, "start"].tolist() == list(range(0, 49, 6))
    pd.testing.assert_series_equal(slow["length"], fast["length"])
    np.testing.assert_array_equal(slow["start"] * 2, fast["start"])
    np.testing.assert_array_equal((slow["end"] + 1) * 2, fast["end"] + 1)
    assert (slow.dtypes == np.int64).all()


def test_a_video_shorter_than_a_window_has_one():
    table = video_windows(8, 15.0, WINDOWS)
    assert table[table["length"] == 800].values.tolist() == [[0, 7, 800]]


def stored_pictures(folder, sequence, size=16):
    """(pictures, boxes): every second frame of the video c, a square of noise that differs."""
    frames = len(sequence.present)
    positions = picture_positions(frames, FPS, FPS / 2)
    pictures = np.random.default_rng(5).integers(0, 256, (len(positions), size, size, 3))
    write_rgb_videos(
        folder / "pictures.h5", [("c", iter(pictures.astype(np.uint8)), positions, size)]
    )
    boxes = pd.DataFrame([("c", *SQUARE)], columns=["video", "x0", "y0", "x1", "y1"])
    boxes.to_parquet(folder / "boxes.parquet")
    return str(folder / "pictures.h5"), str(folder / "boxes.parquet")


def as_clips(folder, stores, sequence, windows, pictures):
    """The stores of clips that lie where the windows lie, made the way that clips are made."""
    table = windows.assign(
        clip=[f"w{number:03d}" for number in range(len(windows))],
        video="c", batch="b0", subject="c", split="test", label=-1,
    )  # fmt: skip
    found = pd.DataFrame(locate_clips(stores["skeletons"][0], table, "coco17", SALIENCY))
    paths = {kind: [str(folder / kind / "b0.parquet")] for kind in ("clips", "saliency")}
    paths |= {"skeletons": stores["skeletons"][:1], "rgb": [str(folder / "rgb" / "b0.h5")]}
    for kind in ("clips", "saliency", "rgb"):
        (folder / kind).mkdir()
    table.to_parquet(paths["clips"][0])
    found.to_parquet(paths["saliency"][0])
    if pictures:
        cut = WindowPictures(
            table, {"c": RgbStore(pictures)}, {"c": SQUARE},
            found[["x0", "y0", "x1", "y1"]].to_numpy(), WINDOWS.picture_size,
        )  # fmt: skip
        lengths = (table["end"] - table["start"] + 1).tolist()
        write_rgb_clips(
            paths["rgb"][0],
            [
                (clip, cut.read(number, np.arange(length)), np.arange(length))
                for number, (clip, length) in enumerate(zip(table["clip"], lengths))
            ],
        )
    else:
        paths["rgb"] = []
    return paths


@pytest.mark.parametrize("name", ["joint", "rgb"])
def test_a_window_says_what_a_clip_of_its_frames_says(tmp_path, name):
    stores = write_stores(tmp_path / "stores")
    sequence = read_sequence(stores["skeletons"][0], "c")
    sequence = Sequence(sequence.points[:, :60], sequence.present[:60], "coco17", 160, 140, FPS)
    write_sequences(stores["skeletons"][0], [("c", sequence)])
    pictures, boxes = stored_pictures(tmp_path, sequence)
    member, files = member_of(tmp_path, name)
    assert member.sees_pictures == (name == "rgb")
    seen = (pictures, boxes) if member.sees_pictures else (None, None)
    videos = pd.DataFrame({"video": ["c"], "fps": [FPS]})
    found = look_at_videos(
        member, videos, stores["skeletons"][0], *seen, windows=WINDOWS, saliency=SALIENCY
    )
    write_windows(tmp_path / "w.h5", found)
    windows = read_windows(tmp_path / "w.h5", "c")
    assert windows.logits.shape == (len(windows.windows), len(LABELS))
    paths = as_clips(tmp_path, stores, sequence, windows.windows, seen[0])
    settings = {"test_flip": True, "test_clips": 1}
    predict(paths, *files, str(tmp_path / "logits.parquet"), settings, 1, False)
    expected = pd.read_parquet(tmp_path / "logits.parquet").filter(like="logit_").to_numpy()
    assert np.ptp(expected, axis=0).min() > 1e-3  # windows do differ
    np.testing.assert_allclose(windows.logits, expected, rtol=2**-10, atol=1e-4)


def test_clips_of_windows_are_loaded_by_the_ordinary_path(tmp_path):
    """The comparison above is one: clips and windows come from different code."""
    stores = write_stores(tmp_path / "stores")
    sequence = read_sequence(stores["skeletons"][0], "c")
    paths = as_clips(tmp_path, stores, sequence, video_windows(40, FPS, WINDOWS), None)
    clips = load_clips(
        *(paths[kind] for kind in ("clips", "skeletons", "saliency", "rgb")),
        layout="coco17", splits=("test",), use_skeletons=True, use_rgb=False,
    )  # fmt: skip
    assert len(clips) == len(video_windows(40, FPS, WINDOWS))


def test_a_video_does_not_depend_on_its_neighbours(tmp_path):
    stores = write_stores(tmp_path / "stores")
    store = stores["skeletons"][0]
    member, files = member_of(tmp_path, "joint", batch_size=7)

    def looked(videos, member):
        table = pd.DataFrame({"video": videos, "fps": FPS})
        given = {"windows": WINDOWS, "saliency": SALIENCY}
        return dict(look_at_videos(member, table, store, None, None, **given))

    together = looked(["e", "a", "c"], member)
    assert list(together) == ["a", "c", "e"]
    for video in ("c", "e"):  # a fresh member, another neighbour, another order
        fresh = Member(*files, {"test_flip": True, "batch_size": 7}, threads=1, gpu=False)
        alone = looked([video], fresh)[video]
        for name in ("logits", "features", "present"):
            np.testing.assert_array_equal(getattr(alone, name), getattr(together[video], name))
        pd.testing.assert_frame_equal(alone.windows, together[video].windows)


def test_mixed_rates_of_one_motion_see_the_same_seconds(tmp_path):
    """15 and 30 frames a second of one movement: the same windows, nearly the same words."""
    moment = np.arange(120) / 30
    points = np.full((1, 120, 17, 3), 0.9, np.float32)
    rest = np.random.default_rng(2).uniform(40, 100, (17, 2))
    points[0, :, :, :2] = rest
    points[0, :, 7:11, 1] += 12 * np.sin(2 * np.pi * 0.7 * moment)[:, None]
    for video, step in (("fast", 1), ("slow", 2)):
        present = np.ones(120 // step, bool)
        one = Sequence(points[:, ::step], present, "coco17", 160, 140, 30.0 / step)
        write_sequences(tmp_path / f"{video}.h5", [(video, one)])
    member, _ = member_of(tmp_path, "joint")
    said = {}
    for video, fps in (("fast", 30.0), ("slow", 15.0)):
        table = pd.DataFrame({"video": [video], "fps": [fps]})
        given = {"windows": WINDOWS, "saliency": SALIENCY}
        said |= dict(look_at_videos(member, table, tmp_path / f"{video}.h5", None, None, **given))
    fast, slow = said["fast"], said["slow"]
    np.testing.assert_array_equal(fast.windows["start"] / 30, slow.windows["start"] / 15)
    np.testing.assert_array_equal(fast.windows["length"], slow.windows["length"])
    spread = np.ptp(fast.logits, axis=0).mean()
    assert np.abs(fast.logits - slow.logits).mean() < 0.25 * spread


def test_nobody_in_the_picture_is_looked_at_calmly(tmp_path):
    one = Sequence(
        np.zeros((1, 30, 17, 3), np.float32), np.zeros(30, bool), "coco17", 160, 140, FPS
    )
    write_sequences(tmp_path / "s.h5", [("room", one)])
    member, _ = member_of(tmp_path, "joint")
    table = pd.DataFrame({"video": ["room"], "fps": [FPS]})
    found = dict(
        look_at_videos(
            member, table, tmp_path / "s.h5", None, None, windows=WINDOWS, saliency=SALIENCY
        )
    )["room"]
    assert np.isfinite(found.logits).all() and not found.present.any()
