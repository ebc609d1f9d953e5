"""The field's exchange format: out and in again without a difference, beside videos, plausible."""

import os
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from microgesture.importers.pyskl import import_skeletons, main
from microgesture.importers.sheet_writer import SheetRows, write_sheets
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence, read_sequence, write_sequences
from tests.importers.made_videos import make_video
from tests.pose.test_joint_order import body

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("MICROGESTURE_SHARED", ROOT.parent / "shared"))
SIZE = (720, 1280)  # height, width


def annotation(name, label, points, **more):
    row = {"frame_dir": name, "label": label, "total_frames": points.shape[1], "img_shape": SIZE}
    keypoint = points[..., :2].astype(np.float32)
    score = points[..., 2].astype(np.float32)
    return {**row, "keypoint": keypoint, "keypoint_score": score, **more}


def content(change=lambda row: row, layout="coco17", frames=12):
    rows = [
        change(annotation(f"s{k}_c{k % 2}", k % 2, body(layout, frames=frames, seed=k)))
        for k in range(1, 7)
    ]
    names = [row["frame_dir"] for row in rows]
    return {"split": {"train": names[:4], "test": names[4:]}, "annotations": rows}


def imported(tmp_path, given, layout="coco17", **options):
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(given))
    splits = {"train_split": "train", "test_split": "test", "subject_pattern": r"s(\d+)"}
    out = tmp_path / "out"
    return import_skeletons(tmp_path / "a.pkl", out, layout=layout, **splits, **options)


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("people", [1, 2])
def test_store_to_pickle_to_store_is_exact(tmp_path, dims, people):
    rng = np.random.default_rng(dims)
    sequences = []
    for k in range(4):
        flat = np.concatenate(
            [body("coco17", frames=9 + k, seed=k + 10 * m) for m in range(people)]
        )
        flat[1:, ..., 0] += 600
        points = flat if dims == 2 else np.insert(flat / 200, 2, 2.0, axis=-1)
        points[..., -1] = rng.uniform(0.1, 1, points.shape[:-1])
        points[rng.random(points.shape[:-1]) < 0.2] = 0
        points[:, 3] = 0
        points[0, 5, 2, :-1] = 0  # a joint at the origin, and seen
        present = (points[..., -1] > 0).any((0, 2))
        present[6] = False  # a frame that the tracker did not believe
        size = (1280, 720) if dims == 2 else (0, 0)
        points = points.astype(np.float32)
        sequences.append((f"v{k}", Sequence(points, present, "coco17", *size, 29.97)))
    store = tmp_path / "first" / "k.h5"
    write_sequences(store, sequences)
    videos = [
        {"video": v, "subject": v, "fps": s.fps, "keypoints": str(store)} for v, s in sequences
    ]
    clips = [
        {"clip": f"c{v}", "video": v, "start": 0, "end": len(s.present) - 1, "label": n % 2,
         "split": ("train", "train", "val", "test")[n]}
        for n, (v, s) in enumerate(sequences)
    ]  # fmt: skip
    labels = [{"label": k, "name": f"class {k}"} for k in (0, 1)]
    write_sheets(tmp_path / "first", SheetRows(videos, clips, labels))
    main([str(tmp_path / "out.pkl"), "--export", "--out", str(tmp_path / "first")])
    main([str(tmp_path / "out.pkl"), "--layout", "coco17", "--validation-split", "val", "--out",
          str(tmp_path / "second")])  # fmt: skip
    for video, given in sequences:
        found = read_sequence(tmp_path / "second/keypoints.h5", f"c{video}")
        assert np.array_equal(found.points, given.points)
        assert np.array_equal(found.present, given.present)
        for field in ("layout", "width", "height", "fps"):
            assert getattr(found, field) == getattr(given, field)
    again = pd.read_csv(tmp_path / "second/clips.tsv", sep="\t").set_index("clip")
    assert again.loc["cv2", ["label", "split"]].tolist() == [0, "val"]
    with pytest.raises(SystemExit):
        main([str(tmp_path / "out.pkl"), "--layout", "h36m17", "--out", str(tmp_path / "third")])


def test_shares_are_refused_and_taken_when_said(tmp_path):
    def shares(row):
        row["keypoint"] = row["keypoint"] / np.float32(SIZE[::-1])
        return row

    with pytest.raises(BadInput, match="shares of the picture"):
        imported(tmp_path, content(shares))
    imported(tmp_path, content(shares), shares=True)
    found = read_sequence(tmp_path / "out/keypoints.h5", "s1_c1").points
    np.testing.assert_allclose(
        found[..., :2], body("coco17", frames=12, seed=1)[..., :2], rtol=1e-5
    )


@pytest.mark.parametrize("unit", [1.0, 1 / 720])
def test_a_score_is_refused_as_depth_and_taken_when_said(tmp_path, unit):
    def scored(row):
        score = 0.5 + 0.4 * np.random.default_rng(0).random(row["keypoint_score"].shape)
        places = row["keypoint"] * unit
        row["keypoint"] = np.concatenate([places / (1280 if unit < 1 else 1) * (720 if unit < 1 else 1),
                                          score[..., None]], -1).astype(np.float32)  # fmt: skip
        return {key: value for key, value in row.items() if key != "keypoint_score"}

    with pytest.raises(BadInput, match="it is a score"):
        imported(tmp_path, content(scored))
    if unit == 1:
        imported(tmp_path, content(scored), dimensions=2)
        found = read_sequence(tmp_path / "out/keypoints.h5", "s1_c1").points
        assert found.shape[-1] == 3 and 0.5 <= found[..., 2].min() <= found[..., 2].max() <= 0.9


def test_height_and_width_exchanged(tmp_path):
    def portrait(row):
        row["keypoint"] = row["keypoint"] + np.float32([-200, 600])  # a picture 720 wide, 1280 high
        return row

    with pytest.raises(BadInput, match="width and height, or x and y, are exchanged"):
        imported(tmp_path, content(portrait))


def test_beside_videos(tmp_path):
    given = content()
    for k in range(1, 7):
        make_video(tmp_path / f"videos/s{k}_c{k % 2}_rgb.mp4", 12, 1280, 720)
    imported(tmp_path, given, videos=tmp_path / "videos")
    videos = pd.read_csv(tmp_path / "out/videos.tsv", sep="\t", dtype=str)
    assert videos["path"].str.endswith("_rgb.mp4").all() and videos["fps"].isna().all()
    assert read_sequence(tmp_path / "out/keypoints.h5", "s1_c1").fps == 25
    with pytest.raises(BadInput, match="of 9 frames, its video shows 12"):
        imported(tmp_path, content(frames=9), videos=tmp_path / "videos")

    def small(row):
        return {**row, "img_shape": (360, 640), "keypoint": row["keypoint"] / 2}

    with pytest.raises(BadInput, match=r"img_shape is 360x640 .height x width., the video's"):
        imported(tmp_path, content(small), videos=tmp_path / "videos")
    with pytest.raises(BadInput, match="'s1_c1': no video is called so"):
        imported(tmp_path, given, videos=tmp_path / "out")


def test_no_warning_about_what_was_asked_for(tmp_path, caplog):
    imported(tmp_path, content(), validation_subjects=[])
    assert "no validation clips" not in caplog.text
    (tmp_path / "b").mkdir()
    given = content()
    (tmp_path / "b/a.pkl").write_bytes(pickle.dumps(given))
    import_skeletons(tmp_path / "b/a.pkl", tmp_path / "b/out", layout="coco17",
                     train_split="train", test_split="test")  # fmt: skip
    assert "no validation clips" in caplog.text


@pytest.mark.parametrize("file", ["msr_action3d_3d.pkl", "msr_action3d_2d.pkl"])
def test_real_kinect_joints_in_kinects_own_order_are_refused_as_msr20(tmp_path, file):
    path = SHARED / "data" / "skeletons" / file
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    given = pickle.loads(path.read_bytes())
    ours = get_layout("msr20").joints
    order = [ours.index(joint) for joint in get_layout("kinect20").joints]
    rows = given["annotations"][::5]
    for row in rows:
        row["keypoint"] = row["keypoint"][:, :, order]
        row["keypoint_score"] = row["keypoint_score"][:, :, order]
        row["label"] = int(row["frame_dir"][-1]) % 2
    names = [row["frame_dir"] for row in rows]
    split = {"train": [n for n in names if "_s01" in n or "_s03" in n], "test": [
        n for n in names if "_s02" in n or "_s04" in n]}  # fmt: skip
    content_ = {"split": split, "annotations": rows}
    with pytest.raises(BadInput, match="write kinect20"):
        imported(tmp_path, content_, "msr20")
    imported(tmp_path, content_, "kinect20")
    imported(tmp_path, content_, "msr20", keep_order=True)
