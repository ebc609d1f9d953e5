"""From a compressed video to a store of keypoints, through mmpose and the shipped model."""

import numpy as np
import pandas as pd
import pytest

from microgesture.demo.render import prepare_video, sample_pose_frames
from microgesture.pose.scoring import score_frames
from microgesture.pose.training_frames import sample_empty_rooms
from microgesture.provenance.code_digest import ROOT
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import list_sequences, read_sequence
from microgesture.videos.decoding import read_frames
from microgesture.videos.encoding import write_video
from scripts.extract_keypoints import extract_keypoints
from tests.pose.footage import frames_of, needs_footage

SETTINGS = {
    "config": str(ROOT / "resources/pose/demo_wholebody.py"),
    "checkpoint": str(ROOT / "resources/pose/demo_wholebody.pth"),
    "batch_size": 16,
    "layout": None,
    "person_threshold": 0.5,
}
FRAMES = 40


@pytest.fixture(scope="module")
def extracted(tmp_path_factory):
    """Videos: `person` (a test subject), `room` (nobody), `comes` (nobody, then a person)."""
    folder = tmp_path_factory.mktemp("videos")
    _, _, renderer = prepare_video("s17", {})
    person = [renderer.draw(frame) for frame in range(FRAMES)]
    rooms = list(sample_empty_rooms(4, 500, (240, 320)))
    videos = {"person": person, "room": rooms * 3, "comes": rooms[:1] * 5 + person[:15]}
    rows = []
    for name, frames in videos.items():
        write_video(folder / f"{name}.mp4", frames, 25.0)
        rows.append((name, str(folder / f"{name}.mp4"), "x", 25.0, len(frames), 320, 240, "ok", ""))
    rows.append(("broken", "absent.mp4", "x", 0.0, 0, 0, 0, "quarantined", "no such file"))
    names = ["video", "path", "subject", "fps", "frames", "width", "height", "status", "problem"]
    pd.DataFrame(rows, columns=names).to_parquet(folder / "index.parquet")
    extract_keypoints(folder / "index.parquet", folder / "keypoints.h5", SETTINGS)
    return folder, renderer.truth()


def test_the_store_holds_every_readable_video(extracted):
    folder, _ = extracted
    assert list_sequences(folder / "keypoints.h5") == ["comes", "person", "room"]
    sequence = read_sequence(folder / "keypoints.h5", "person")
    assert sequence.points.shape == (1, FRAMES, 133, 3)
    assert (sequence.layout, sequence.width, sequence.height) == ("coco_wholebody133", 320, 240)
    assert sequence.points[..., 2].min() >= 0 and sequence.points[..., 2].max() <= 1


def test_the_videos_of_a_part_alone(extracted, tmp_path):
    folder, _ = extracted
    part = ["comes", "broken"]
    extract_keypoints(folder / "index.parquet", tmp_path / "part.h5", SETTINGS, part=part)
    assert list_sequences(tmp_path / "part.h5") == ["comes"]
    whole = read_sequence(folder / "keypoints.h5", "comes")
    np.testing.assert_array_equal(read_sequence(tmp_path / "part.h5", "comes").points, whole.points)


def test_keypoints_of_an_unseen_subject_are_right(extracted):
    folder, truth = extracted
    sequence = read_sequence(folder / "keypoints.h5", "person")
    assert sequence.present.all()
    sums = score_frames(sequence.points[0], truth.points[:FRAMES])
    share = {part: numbers["correct"] / numbers["points"] for part, numbers in sums.items()}
    assert share["body"] >= 0.95 and share["face"] >= 0.95 and share["hands"] >= 0.85


def test_nobody_is_invented_and_frames_are_marked(extracted):
    folder, _ = extracted
    room = read_sequence(folder / "keypoints.h5", "room")
    assert not room.present.any() and not room.points.any()
    comes = read_sequence(folder / "keypoints.h5", "comes")
    assert comes.present.tolist() == [False] * 5 + [True] * 15
    assert not comes.points[0, :5].any() and comes.points[0, 5:, 5:7].all()


def test_two_runs_give_the_same_bytes(extracted):
    folder, _ = extracted
    index = pd.read_parquet(folder / "index.parquet")
    index[index["video"] == "comes"].to_parquet(folder / "one.parquet")
    for name in ("a.h5", "b.h5"):
        extract_keypoints(folder / "one.parquet", folder / name, SETTINGS)
    assert (folder / "a.h5").read_bytes() == (folder / "b.h5").read_bytes()


def test_the_shipped_model_is_sure_of_people_it_has_never_seen():
    from microgesture.pose.estimation import estimate_points, load_estimator
    from microgesture.pose.layouts import get_layout
    from microgesture.pose.tracking import body_joints, person_scores

    estimator = load_estimator(SETTINGS["config"], SETTINGS["checkpoint"])
    body = body_joints(get_layout(estimator.layout))
    people = np.stack([frame for frame, _, _ in sample_pose_frames(8, 901)])
    rooms = np.stack(list(sample_empty_rooms(8, 901, (240, 320))))
    whole = np.tile([0, 0, 320, 240], (8, 1))
    assert np.median(person_scores(estimate_points(estimator, people, whole), body)) > 0.6
    assert person_scores(estimate_points(estimator, rooms, whole), body).max() < 0.4


def test_who_was_followed_is_told(extracted):
    folder, _ = extracted
    (track,) = read_sequence(folder / "keypoints.h5", "comes").tracks
    assert (track.start, track.end, track.people, track.reason) == (5, 19, 0, "")
    assert read_sequence(folder / "keypoints.h5", "room").tracks == ()


def test_points_of_a_region_are_pixels_of_the_whole_picture(extracted):
    folder, _ = extracted
    person = np.concatenate([frames for _, frames in read_frames(folder / "person.mp4", 0, 15)])
    wide = np.concatenate([np.full_like(person, 90), person], axis=2)
    write_video(folder / "wide.mp4", wide, 25.0, crf=0)
    write_video(folder / "alone.mp4", person, 25.0, crf=0)
    rows = [("alone", "alone.mp4", 320), ("right", "wide.mp4", 640)]
    names = ["video", "path", "fps", "frames", "width", "height", "status", "problem"]
    table = [(v, str(folder / p), 25.0, 16, width, 240, "ok", "") for v, p, width in rows]
    pd.DataFrame(table, columns=names).to_parquet(folder / "regions.parquet")
    regions = {"right": "0.5,0,1,1"}
    extract_keypoints(folder / "regions.parquet", folder / "regions.h5", SETTINGS, regions)
    alone, right = (read_sequence(folder / "regions.h5", video) for video in ("alone", "right"))
    assert right.width == 640 and right.present.all()
    known = alone.points[..., 2] > 0.3
    away = np.abs(right.points[..., :2] - alone.points[..., :2] - [320, 0]).max(-1)
    assert away[known].max() < 0.5


@needs_footage
def test_two_people_side_by_side_are_two_rows(tmp_path):
    pytest.importorskip("mediapipe")
    left, right = frames_of("thanks.mkv", 10, 21), frames_of("milk.mkv", 10, 21)
    videos = {"left": left, "right": right, "both": np.concatenate([left, right], axis=2)}
    for name, frames in videos.items():
        write_video(tmp_path / f"{name}.mp4", frames, 30.0, crf=12)
    rows = [
        ("left", "left", 640),
        ("right", "right", 640),
        ("a", "both", 1280),
        ("b", "both", 1280),
    ]
    names = ["video", "path", "fps", "frames", "width", "height", "status", "problem"]
    table = [(v, f"{tmp_path}/{p}.mp4", 30.0, 12, width, 480, "ok", "") for v, p, width in rows]
    pd.DataFrame(table, columns=names).to_parquet(tmp_path / "index.parquet")
    regions = {"a": "0,0,0.5,1", "b": "0.5,0,1,1", "left": "", "right": ""}
    store = tmp_path / "keypoints.h5"
    extract_keypoints(tmp_path / "index.parquet", store, {"estimator": "mediapipe"}, regions)
    for alone, part, offset in (("left", "a", 0), ("right", "b", 640)):
        single, half = read_sequence(store, alone), read_sequence(store, part)
        assert half.present.all() and half.tracks[0].people == 1
        known = (single.points[..., 2] >= 0.5) & (half.points[..., 2] >= 0.5)
        assert known.sum() >= 0.95 * (single.points[..., 2] >= 0.5).sum()
        away = np.linalg.norm(half.points[..., :2] - single.points[..., :2] - [offset, 0], axis=-1)
        assert np.quantile(away[known], 0.95) < 2


def test_mediapipe_and_its_unknown_settings(extracted):
    pytest.importorskip("mediapipe")
    folder, _ = extracted
    settings = {"estimator": "mediapipe", "detection_confidense": 0.5}
    with pytest.raises(BadInput, match=r"detection_confidense; known are detection_confidence"):
        extract_keypoints(folder / "index.parquet", folder / "never.h5", settings)


def test_an_unknown_setting_is_named(extracted):
    folder, _ = extracted
    settings = {**SETTINGS, "person_treshold": 0.5}
    with pytest.raises(BadInput, match="person_treshold"):
        extract_keypoints(folder / "index.parquet", folder / "never.h5", settings)
    assert not (folder / "never.h5").exists()
