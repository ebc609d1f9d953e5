"""OpenPose's JSON folders: bodies with and without hands, several people, frames without anybody."""

import json
import logging

import numpy as np
import pandas as pd
import pytest

from microgesture.importers.openpose import find_recordings, main, read_recording
from microgesture.importers.recordings import Options, Picture
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import read_sequence
from tests.importers.made_videos import make_video

SIZES = {"pose_keypoints_2d": 25, "face_keypoints_2d": 70, "hand_left_keypoints_2d": 21,
         "hand_right_keypoints_2d": 21}  # fmt: skip
PARTS = tuple(SIZES)


def person(x, parts=PARTS, seed=0):
    """A body that fills 100 x 300 pixels at x; point k of a part has the score 0.5 + k / 1000."""
    rng = np.random.default_rng(seed)
    found = {"person_id": [-1], "pose_keypoints_3d": []}
    for part, count in SIZES.items():
        places = rng.uniform(0, 1, (count, 2)) * (100, 300) + (x, 80)
        values = np.column_stack([places, 0.5 + np.arange(count) / 1000])
        found[part] = values.ravel().tolist() if part in parts else []
    return found


def write(folder, name, frames, numbers=None):
    folder.mkdir(parents=True, exist_ok=True)
    for number, people in zip(numbers or range(len(frames)), frames):
        path = folder / f"{name}_{number:012d}_keypoints.json"
        path.write_text(json.dumps({"version": 1.3, "people": people}))


def read(folder, **options):
    (frames,) = find_recordings([str(folder)]).values()
    return read_recording(frames, Picture(640, 480, 25.0), Options(out="", **options))


def test_whole_body_with_blank_frames_in_their_place(tmp_path):
    frames = [[person(100 + 2 * t)] for t in range(12)]
    frames[4] = frames[5] = []
    write(tmp_path / "json", "talk", frames)
    make_video(tmp_path / "videos/talk.mp4", 12)
    main(
        [str(tmp_path / "json"), "--videos", str(tmp_path / "videos"), "--out", str(tmp_path / "o")]
    )
    videos = pd.read_csv(tmp_path / "o/videos.tsv", sep="\t", dtype=str)
    assert videos.loc[0, ["video", "subject"]].tolist() == ["talk", "talk"]
    sequence = read_sequence(tmp_path / "o/keypoints.h5", "talk")
    assert (sequence.layout, sequence.points.shape) == ("openpose137", (1, 12, 137, 3))
    assert (sequence.width, sequence.height, sequence.fps) == (640, 480, 25.0)
    assert np.flatnonzero(~sequence.present).tolist() == [4, 5]
    given = frames[9][0]
    joined = [value for part in PARTS for value in given[part]]
    assert np.allclose(sequence.points[0, 9].ravel(), joined, atol=1e-4)
    right_wrist = get_layout("openpose137").joints.index("right_wrist")
    assert np.allclose(sequence.points[0, 9, right_wrist], given["pose_keypoints_2d"][12:15])
    clips = pd.read_csv(tmp_path / "o/clips.tsv", sep="\t")
    assert clips[["start", "end", "split"]].values.tolist() == [[0, 11, "unlabelled"]]


def test_body_alone_and_coco_model(tmp_path):
    write(tmp_path / "a", "a", [[person(50, PARTS[:1])]] * 3)
    assert read(tmp_path / "a").layout == "body25"
    short = person(50, PARTS[:1])
    short["pose_keypoints_2d"] = short["pose_keypoints_2d"][:54]
    write(tmp_path / "b", "b", [[short]] * 3)
    assert read(tmp_path / "b").points.shape == (1, 3, 18, 3)


def test_people_in_any_order_keep_their_rows(tmp_path):
    frames = [[person(50, seed=1), person(400, seed=2)][:: 1 if t % 2 else -1] for t in range(8)]
    write(tmp_path, "two", frames)
    sequence = read(tmp_path)
    middles = sequence.points[:, :, :25, 0].mean(-1)
    assert len(middles) == 2 and np.ptp(middles, axis=1).max() < 1


def test_a_missing_file_is_an_empty_frame_and_told(tmp_path, caplog):
    write(tmp_path, "x", [[person(100)]] * 4, numbers=[0, 1, 3, 4])
    with caplog.at_level(logging.WARNING):
        sequence = read(tmp_path)
    assert "1 of 5 frames have no file (first: 2)" in caplog.text
    assert sequence.present.tolist() == [True, True, False, True, True]


def test_several_recordings_in_folders_and_by_name(tmp_path):
    write(tmp_path / "json/one", "cam", [[]] * 2)
    write(tmp_path / "json", "two", [[]] * 3)
    assert {k: len(v) for k, v in find_recordings([str(tmp_path / "json")]).items()} == {
        "two": 3, "cam": 2,
    }  # fmt: skip


def test_other_frames_than_the_video(tmp_path, capsys):
    write(tmp_path / "json", "talk", [[person(100)]] * 9)
    make_video(tmp_path / "videos/talk.mp4", 12)
    arguments = [str(tmp_path / "json"), "--videos", str(tmp_path / "videos"), "--out"]
    with pytest.raises(SystemExit):
        main([*arguments, str(tmp_path / "o")])
    assert "keypoints of 9 frames, its video shows 12" in capsys.readouterr().err
    assert not (tmp_path / "o/keypoints.h5").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no JSON"),
        ("[]", "has no list 'people'"),
        ('{"people": [{"face_keypoints_2d": [1, 2, 0.5]}]}', "the face has 1 points; expected 70"),
        ('{"people": [{"pose_keypoints_2d": [1, 2]}]}', "the body has 2 numbers"),
        ('{"people": [{}]}', "person 0 has no pose_keypoints_2d"),
    ],
)
def test_a_damaged_frame_has_its_message(tmp_path, text, message):
    write(tmp_path, "x", [[person(100)]] * 3)
    (tmp_path / "x_000000000001_keypoints.json").write_text(text)
    with pytest.raises(BadInput, match=r"x_000000000001_keypoints\.json") as error:
        read(tmp_path)
    assert message in str(error.value)


def test_folders_that_are_none(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "names").mkdir()
    (tmp_path / "names/picture.json").write_text("{}")
    with pytest.raises(BadInput) as error:
        find_recordings([str(tmp_path / name) for name in ("empty", "names", "gone")])
    for message in ("holds no .json", "has no frame number", "is no folder"):
        assert message in str(error.value)


def test_shares_of_the_picture_are_refused(tmp_path, capsys):
    body = person(100)
    for part in PARTS:
        values = np.array(body[part]).reshape(-1, 3)
        values[:, :2] /= (640, 480)
        body[part] = values.ravel().tolist()
    write(tmp_path / "json", "x", [[body]] * 3)
    with pytest.raises(SystemExit):
        main([str(tmp_path / "json"), "--size", "640x480", "--out", str(tmp_path / "o")])
    assert "shares of the picture" in capsys.readouterr().err
