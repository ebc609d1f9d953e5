"""SMG's official layout, in small: three people, one of them for each split."""

import shutil

import numpy as np
import pandas as pd
import pytest

from microgesture.importers.smg import main, read_fine_labels, read_kinect
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import read_sequence
from microgesture.videos.encoding import write_video

FRAMES = 20


def kinect(frames=FRAMES):
    """(T, 25, 11): joint j of frame t stands at (t, j, 2) metres and (10 t, 10 j) pixels."""
    values = np.full((frames, 25, 11), 0.5)
    t, j = np.meshgrid(np.arange(frames), np.arange(25), indexing="ij")
    values[..., 0], values[..., 1], values[..., 2] = t, j, 2
    values[..., 7], values[..., 8] = 10 * t, 10 * j
    return values


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    path = tmp_path_factory.mktemp("video") / "clip.mp4"
    write_video(path, (np.full((48, 64, 3), 9 * n, np.uint8) for n in range(FRAMES)), 25.0)
    return path


@pytest.fixture
def folder(tmp_path, video):
    root = tmp_path / "smg"
    for person in (1, 31, 36):
        name = f"Sample{person:04d}"
        (root / name).mkdir(parents=True)
        lines = [f"{k % 17 + 1},{k},{k + 2}" for k in range(17)]
        (root / name / f"{name}_finelabels.csv").write_text("\n".join(lines) + "\n")
        shutil.copy(video, root / name / f"{name}_color.mp4")
        pd.DataFrame(kinect().reshape(FRAMES, -1)).to_csv(
            root / name / f"{name}_skeleton.csv", header=False, index=False
        )
    return root


def test_import(folder, tmp_path):
    main([str(folder), "--out", str(tmp_path / "out"), "--skeletons"])
    clips = pd.read_csv(tmp_path / "out/clips.tsv", sep="\t", dtype=str).set_index("clip")
    videos = pd.read_csv(tmp_path / "out/videos.tsv", sep="\t", dtype=str)
    splits = dict(zip(clips["video"], clips["split"]))
    assert splits == {"Sample0001": "train", "Sample0031": "val", "Sample0036": "test"}
    assert clips.loc["Sample0001_3", ["start", "end", "label"]].tolist() == ["3", "5", "3"]
    assert videos["subject"].tolist() == videos["video"].tolist()
    space = read_sequence(videos["keypoints"].iloc[0], "Sample0001")
    flat = read_sequence(videos["keypoints_2d"].iloc[0], "Sample0001")
    assert (space.layout, space.points.shape) == ("smg25", (1, FRAMES, 25, 4))
    assert space.points[0, 3, 7].tolist() == [3, 7, 2, 1]
    assert flat.points[0, 3, 7].tolist() == [30, 70, 1]
    assert (flat.width, flat.height, flat.fps) == (64, 48, 25.0)


def test_videos_alone(folder, tmp_path):
    main([str(folder), "--out", str(tmp_path / "out")])
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["clips.tsv", "labels.tsv", "videos.tsv"]


def test_joints_that_nobody_saw(tmp_path):
    values = kinect()
    values[2] = 0  # nobody
    values[3, 4] = np.nan
    path = tmp_path / "skeleton.csv"
    pd.DataFrame(values.reshape(FRAMES, -1)).to_csv(path, header=False, index=False)
    space, flat = read_kinect(path, 64, 48, 25.0)
    assert space.present.tolist() == [t != 2 for t in range(FRAMES)]
    for sequence in (space, flat):
        assert not sequence.points[0, 2].any() and not sequence.points[0, 3, 4].any()
        assert sequence.points[0, 3, 5, -1] == 1


def test_first_frame_one(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("id,start,end\n17,1,9\n")
    (clip,) = read_fine_labels(path, "v", first_frame=1)
    assert clip == {"clip": "v_0", "video": "v", "start": 0, "end": 8, "label": 16}


@pytest.mark.parametrize(
    ("line", "message"),
    [("18,0,3", "id 18; expected 1 to 17"), ("3,9,4", "frames 9 to 4"), ("3,1", "expected id,")],
)
def test_a_bad_line(tmp_path, line, message):
    path = tmp_path / "labels.csv"
    path.write_text(f"1,0,2\n{line}\n")
    with pytest.raises(BadInput, match=f"line 2: .*{message}"):
        read_fine_labels(path, "v")


def refused(capsys, *arguments):
    with pytest.raises(SystemExit):
        main([str(argument) for argument in arguments])
    return capsys.readouterr().err


def test_messages(folder, tmp_path, capsys):
    out = "--out", tmp_path / "out"
    assert "holds no SMG recording" in refused(capsys, tmp_path, *out)
    skeleton = folder / "Sample0031/Sample0031_skeleton.csv"
    skeleton.write_text("1,2,3\n")
    assert "has 3 columns, expected 275" in refused(capsys, folder, *out, "--skeletons")
    labels = folder / "Sample0031/Sample0031_finelabels.csv"
    labels.write_text("1,10,20\n")
    assert "add --first-frame 1" in refused(capsys, folder, *out)
    labels.unlink()
    assert "Sample0031_finelabels.csv: no such file" in refused(capsys, folder, *out)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-1,3,5\n6,10,20\n", "line 1: id -1; expected 1 to 17"),
        ("5;312;349\n", "line 1: is '5;312;349'; expected id,start,end"),
        ("5 312 349\n6,10,20\n", "line 1: is '5 312 349'"),
        ("id,start,end\n5,12.48,13.96\n", "line 2: is '5,12.48,13.96'.*seconds"),
        ("x1,2,3\n", "line 1: is 'x1,2,3'"),
    ],
)
def test_a_first_row_that_is_no_header_is_read(tmp_path, text, message):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(BadInput, match=message):
        read_fine_labels(tmp_path / "x.csv", "Sample0001")


def test_a_header_in_words_is_passed_over_and_lines_are_the_editors(tmp_path):
    (tmp_path / "x.csv").write_text("class,begin,finish\n\n5,1,9\n\n5,9,1\n")
    with pytest.raises(BadInput, match="line 5: frames 9 to 1"):
        read_fine_labels(tmp_path / "x.csv", "v")


def test_seconds_in_whole_numbers(folder, tmp_path, capsys, monkeypatch):
    long = folder / "Sample0001"
    write_video(long / "long.mp4", (np.full((48, 64, 3), 9, np.uint8) for _ in range(150)), 25.0)
    (long / "Sample0001_color.mp4").unlink()
    (long / "long.mp4").rename(long / "Sample0001_color.mp4")
    (long / "Sample0001_finelabels.csv").write_text("".join(f"5,{k},{k + 1}\n" for k in range(6)))
    assert "these are seconds" in refused(capsys, folder, "--out", tmp_path / "out")


def test_kinect_rows_against_the_video(folder, tmp_path, capsys):
    path = folder / "Sample0031/Sample0031_skeleton.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:4], "", "", *lines[6:]]) + "\n")  # nobody: empty lines
    main([str(folder), "--out", str(tmp_path / "out"), "--skeletons"])
    found = read_sequence(tmp_path / "out/keypoints.h5", "Sample0031")
    assert np.flatnonzero(~found.present).tolist() == [4, 5]
    assert found.points[0, 7, 3].tolist() == [7, 3, 2, 1]
    path.write_text("\n".join([*lines[:4], *lines[6:]]) + "\n")  # the same lines left out
    message = refused(capsys, folder, "--out", tmp_path / "other", "--skeletons")
    assert "keypoints of 18 frames, its video shows 20" in message
