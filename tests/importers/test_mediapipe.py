"""Tables of MediaPipe's landmarks in the ways people write them."""

import logging

import numpy as np
import pandas as pd
import pytest

from microgesture.importers.mediapipe import find_recordings, main, read_recording
from microgesture.importers.mediapipe_names import POSE, Column, joint_of_column, parse_column
from microgesture.importers.recordings import Options, Picture
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import read_sequence
from tests.importers.made_videos import make_video

PICTURE = Picture(640, 480, 25.0)
JOINTS = get_layout("coco_wholebody133").joints
HAND = ["WRIST", "THUMB_CMC", "THUMB_MCP", "THUMB_IP", "THUMB_TIP"] + [
    f"{finger}_{part}"
    for finger in ("INDEX_FINGER", "MIDDLE_FINGER", "RING_FINGER", "PINKY")
    for part in ("MCP", "PIP", "DIP", "TIP")
]


@pytest.mark.parametrize(
    ("text", "joint", "axis"),
    [
        ("X_NOSE", "nose", "x"),
        ("visibility_LEFT_WRIST", "left_wrist", "score"),
        ("left_wrist_visibility", "left_wrist", "score"),
        ("pose.RIGHT_ELBOW.y", "right_elbow", "y"),
        ("landmark_0_x", "nose", "x"),
        ("x_15", "left_wrist", "x"),
        ("x15", "left_wrist", "x"),
        ("16_y", "right_wrist", "y"),
        ("pose_landmark_31_x", "left_big_toe", "x"),
        ("Y_LEFT_INDEX_FINGER_TIP", "left_forefinger4", "y"),
        ("X_RIGHT_PINKY_FINGER_MCP", "right_pinky_finger1", "x"),
        ("left_hand_0_x", "left_hand_root", "x"),
        ("right_hand_landmark_8_y", "right_forefinger4", "y"),
        ("RIGHT_HAND_WRIST_x", "right_hand_root", "x"),
    ],
)
def test_columns_are_read_by_their_words(text, joint, axis):
    column = parse_column(text)
    assert joint_of_column(column) == joint and column.axis == axis


@pytest.mark.parametrize("text", ["time", "frame", "id", "x", "confidence", "label_name"])
def test_other_columns_are_no_points(text):
    assert parse_column(text) is None


def test_points_without_a_joint_and_models_apart():
    assert joint_of_column(parse_column("x_1")) is None  # left_eye_inner
    assert parse_column("face_12_x") == Column("face", "12", "x")
    assert parse_column("world_11_x").model == "world"
    assert parse_column("X_THUMB_TIP").model == "hand"


def body(frames=8, names=POSE, pattern="{axis}_{point}", seed=0):
    """(table, values (T, 33, 3)): shares of the picture and visibilities."""
    rng = np.random.default_rng(seed)
    values = np.concatenate(
        [rng.uniform(0.2, 0.8, (1, len(names), 2)) + rng.normal(0, 0.002, (frames, len(names), 2)),
         rng.uniform(0.5, 1, (frames, len(names), 1))], -1)  # fmt: skip
    table = {}
    for k, name in enumerate(names):
        for axis, word in enumerate(("X", "Y", "visibility")):
            point = name.upper()
            table[pattern.format(axis=word, point=point, number=k, small=word.lower())] = values[
                :, k, axis
            ]
    return pd.DataFrame(table), values


def in_pixels(values, point):
    return values[:, POSE.index(point)] * (640, 480, 1)


def read(tmp_path, table, name="talk.csv", picture=PICTURE, index=False):
    path = tmp_path / name
    table.to_csv(path, index=index)
    return read_recording([path], picture, Options(out=""))


@pytest.mark.parametrize(
    "pattern", ["{axis}_{point}", "landmark_{number}_{small}", "{small}{number}"]
)
def test_the_body_in_pixels(tmp_path, pattern):
    table, values = body(pattern=pattern)
    table = table.rename(columns=lambda name: name.replace("visibility3", "visibility_3"))
    sequence = read(tmp_path, table)
    assert (sequence.layout, sequence.points.shape) == ("coco_wholebody133", (1, 8, 133, 3))
    for point in ("nose", "left_wrist", "right_heel"):
        ours = sequence.points[0, :, JOINTS.index(point)]
        np.testing.assert_allclose(ours, in_pixels(values, point), rtol=1e-5)
    assert not sequence.points[0, :, JOINTS.index("left_small_toe")].any()
    assert not sequence.points[0, :, JOINTS.index("face_30")].any()


def test_body_and_hands_as_envisionhgdetector_writes_them(tmp_path):
    table, values = body()
    table.insert(0, "time", np.arange(8) * 40.0)  # milliseconds
    rng = np.random.default_rng(5)
    hands = {"time": table["time"]}
    for side in ("LEFT", "RIGHT"):
        for point in HAND:
            hands[f"X_{side}_{point}"] = rng.uniform(0.3, 0.6, 8)
            hands[f"Y_{side}_{point}"] = rng.uniform(0.3, 0.6, 8)
    hands = pd.DataFrame(hands)
    hands.iloc[3, 1:] = np.nan  # no hand in this frame
    table.to_csv(tmp_path / "talk_body.csv", index=False)
    hands.to_csv(tmp_path / "talk_hands.csv", index=False)
    make_video(tmp_path / "videos/talk.mp4", 8)
    main([str(tmp_path), "--videos", str(tmp_path / "videos"), "--out", str(tmp_path / "o")])
    sequence = read_sequence(tmp_path / "o/keypoints.h5", "talk")
    tip = sequence.points[0, :, JOINTS.index("left_forefinger4")]
    assert tip[6].tolist() == pytest.approx(
        [640 * hands.loc[6, "X_LEFT_INDEX_FINGER_TIP"], 480 * hands.loc[6, "Y_LEFT_INDEX_FINGER_TIP"], 1],
        rel=1e-5,
    )  # fmt: skip
    assert not tip[3].any()
    wrist = sequence.points[0, :, JOINTS.index("left_wrist")]
    np.testing.assert_allclose(wrist, in_pixels(values, "left_wrist"), rtol=1e-5)


def test_frames_that_are_left_out_stay_empty_and_time_tells_the_rate(tmp_path, caplog):
    table, values = body()
    table.insert(0, "frame", [1, 2, 3, 4, 7, 8, 9, 10])
    table.insert(1, "timestamp_ms", table["frame"] * 20)
    with caplog.at_level(logging.WARNING):
        sequence = read(tmp_path, table, picture=Picture(640, 480, None))
    assert "begins with 1" in caplog.text and "2 frames have no row" in caplog.text
    assert sequence.present.tolist() == [True] * 4 + [False] * 2 + [True] * 4
    assert sequence.fps == pytest.approx(50)
    nose = sequence.points[0, 9, 0]
    np.testing.assert_allclose(nose, in_pixels(values, "nose")[7], rtol=1e-5)


def test_empty_lines_are_frames(tmp_path):
    table, values = body()
    path = tmp_path / "talk.csv"
    lines = table.to_csv(index=False).splitlines()
    path.write_text("\n".join([*lines[:4], "", "", *lines[4:]]) + "\n")
    sequence = read_recording([path], PICTURE, Options(out=""))
    assert np.flatnonzero(~sequence.present).tolist() == [3, 4] and len(sequence.present) == 10
    np.testing.assert_allclose(sequence.points[0, 9, 0], in_pixels(values, "nose")[7], rtol=1e-5)


def test_pixels_stay_and_semicolons_are_read(tmp_path):
    table, values = body()
    for name in table:
        if name[0] in "XY":
            table[name] *= 640 if name[0] == "X" else 480
    path = tmp_path / "talk.csv"
    path.write_text(table.to_csv(index=False, sep=";"))
    sequence = read_recording([path], Picture(), Options(out=""))
    np.testing.assert_allclose(sequence.points[0, :, 0], in_pixels(values, "nose"), rtol=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.assign(X_NOSE="left"), "line 2, column X_NOSE: 'left' is no number"),
        (lambda t: t.assign(frame=[0, 1, 2, 3, 4, 5, 6, 6]), "frame 6 comes twice"),
        (lambda t: t.assign(frame=[0, 1.5, 2, 3, 4, 5, 6, 7]), "'1.5' is no frame number"),
        (lambda t: t[[]].assign(a=1, b=2), "has no columns of MediaPipe's landmarks"),
        (lambda t: t.rename(columns=lambda c: "world_" + c), "world landmarks"),
        (lambda t: t[:0], "holds no frame"),
        (lambda t: pd.DataFrame({"X_THUMB_TIP": [0.1], "Y_THUMB_TIP": [0.2]}), "which hand"),
    ],
)
def test_broken_tables(tmp_path, change, message):
    with pytest.raises(BadInput, match=r"talk\.csv") as error:
        read(tmp_path, change(body()[0]))
    assert message in str(error.value)


def test_shares_need_a_size(tmp_path):
    with pytest.raises(BadInput, match="give --videos, or --size 1280x720"):
        read(tmp_path, body()[0], picture=Picture())


def test_files_of_one_recording_belong_together(tmp_path):
    for name in ("a_body.csv", "a_hands.csv", "a_face.csv", "b.csv"):
        (tmp_path / name).touch()
    found = find_recordings([str(tmp_path)])
    assert {name: len(files) for name, files in found.items()} == {"a": 3, "b": 1}
    with pytest.raises(BadInput, match="face points alone"):
        read_recording([tmp_path / "a_face.csv"], PICTURE, Options(out=""))
