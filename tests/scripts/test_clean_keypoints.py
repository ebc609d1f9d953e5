"""From a store of raw keypoints to a store of skeletons; real data where it is at hand."""

import pickle
import sys
from pathlib import Path

import numpy as np
import pytest

from microgesture.stores.sequences import Sequence, list_sequences, read_sequence, write_sequences
from scripts.clean_keypoints import clean_keypoints

REAL = Path("../shared/data/skeletons")


def test_every_video_is_mapped_and_cleaned(tmp_path):
    rng = np.random.default_rng(0)
    points = rng.uniform(50, 150, (1, 1, 133, 3)).astype(np.float32).repeat(12, 1)
    points[..., 2] = 0.9
    points[0, 6, 9] = (np.float32(3e8), 10, 0.9)
    present = np.ones(12, bool)
    present[11] = False
    points[0, 11] = 0
    raw = [
        (name, Sequence(points, present, "coco_wholebody133", 320, 240, 25.0))
        for name in ("b_video", "a_video")
    ]
    write_sequences(tmp_path / "raw.h5", raw)
    settings = {"longest_gap": 3, "smoothing": "none"}
    clean_keypoints([tmp_path / "raw.h5"], tmp_path / "out.h5", "h68", settings)
    assert list_sequences(tmp_path / "out.h5") == ["a_video", "b_video"]
    out = read_sequence(tmp_path / "out.h5", "a_video")
    assert (out.layout, out.width, out.height, out.fps) == ("h68", 320, 240, 25.0)
    assert out.points.shape == (1, 12, 68, 3) and out.present.tolist() == present.tolist()
    np.testing.assert_allclose(out.points[0, 6, 9], [*points[0, 5, 9, :2], 0.45], rtol=1e-5)
    assert not out.points[0, 11].any() and not out.points[0, :, 17].any()
    first = (tmp_path / "out.h5").read_bytes()
    clean_keypoints([tmp_path / "raw.h5"], tmp_path / "out.h5", "h68", settings)
    assert (tmp_path / "out.h5").read_bytes() == first


def test_the_stores_of_a_batch_become_one(tmp_path):
    points = np.random.default_rng(1).uniform(50, 90, (1, 5, 133, 3)).astype(np.float32)
    points[..., 2] = 0.9
    stores = [tmp_path / f"{name}.h5" for name in "ab"]
    for store in stores:
        sequence = Sequence(points, np.ones(5, bool), "coco_wholebody133", 320, 240, 25.0)
        write_sequences(store, [(store.stem, sequence)])
    clean_keypoints(stores, tmp_path / "out.h5", "h68", {})
    assert list_sequences(tmp_path / "out.h5") == ["a", "b"]


def real_sequences(dimensions):
    sys.modules.setdefault("numpy.core", np._core)
    with open(REAL / f"msr_action3d_{dimensions}d.pkl", "rb") as file:
        annotations = pickle.load(file)["annotations"]
    for entry in annotations[:60]:
        points = np.asarray(entry["keypoint"], np.float32)
        score = entry.get("keypoint_score", np.ones(points.shape[:3]))
        points = np.concatenate([points, np.asarray(score, np.float32)[..., None]], -1)
        yield entry["frame_dir"], points


@pytest.mark.skipif(not REAL.exists(), reason="the real skeletons are not here")
@pytest.mark.parametrize("dimensions", [2, 3])
def test_real_kinect_skeletons_come_out_sane(tmp_path, dimensions):
    from microgesture.pose.cleaning import CleaningSettings, clean_sequence

    size = (320, 240) if dimensions == 2 else (0, 0)
    kept = []
    for _, points in real_sequences(dimensions):
        present = np.ones(points.shape[1], bool)
        out = clean_sequence(Sequence(points, present, "msr20", *size, 15.0), "msr20",
                             CleaningSettings())  # fmt: skip
        assert np.isfinite(out.points).all()
        assert np.abs(out.points).max() < (1000 if dimensions == 2 else 10)
        known = points[..., -1] >= CleaningSettings().minimum_score
        kept.append((out.points[..., -1] > 0)[known].mean())
    assert np.mean(kept) > 0.97
