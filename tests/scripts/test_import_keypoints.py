"""Copying imported keypoints into a batch's store."""

import numpy as np
import pandas as pd
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.stores import sequences as store_module
from microgesture.stores.sequences import Sequence, list_sequences, read_sequence, write_sequences
from scripts.import_keypoints import import_keypoints
from tests.pose.test_joint_order import body


def sequence(value=1.0, *, joints=20, layout="msr20", frames=3, persons=1, fps=15.0):
    points = np.full((persons, frames, joints, 4), value, np.float32)
    points[..., 3] = 0.5
    return Sequence(points, np.ones(frames, bool), layout, 0, 0, fps)


def test_a_batch_takes_its_videos_from_several_stores(tmp_path):
    one, two, out = (str(tmp_path / f"{name}.h5") for name in ("one", "two", "out"))
    write_sequences(one, [("a", sequence(1)), ("b", sequence(2))])
    write_sequences(two, [("c", sequence(3, frames=5))])
    import_keypoints([["c", two], ["a", one]], out)
    assert list_sequences(out) == ["a", "c"]
    copied = read_sequence(out, "c")
    assert np.array_equal(copied.points, sequence(3, frames=5).points)
    assert (copied.layout, copied.fps) == ("msr20", 15.0)


def test_what_is_missing_becomes_zero(tmp_path):
    given = sequence(7)
    given.points[0, 1, :, 3] = 0  # a frame without anybody, but with coordinates
    given.points[0, 2, 4, 3] = 0
    path = str(tmp_path / "a.h5")
    write_sequences(path, [("a", given)])
    import_keypoints([["a", path]], tmp_path / "out.h5")
    copied = read_sequence(tmp_path / "out.h5", "a")
    assert (copied.points[0, 1] == 0).all()
    assert (copied.points[0, 2, 4] == 0).all()
    assert copied.points[0, 2, 5].tolist() == [7, 7, 7, 0.5]
    assert copied.present.tolist() == [True, False, True]


def faulty(**changes):
    result = sequence(**{k: v for k, v in changes.items() if k != "change"})
    if "change" in changes:
        changes["change"](result.points)
    return result


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (faulty(layout="msr21"), "did you mean 'msr20'"),
        (faulty(joints=17), "has 17 joints, the layout msr20 that it names has 20"),
        (faulty(frames=0), "holds no frame"),
        (faulty(persons=0), "holds no person"),
        (faulty(fps=0.0), "fps is 0"),
        (faulty(change=lambda p: p.__setitem__((0, 1, 2, 3), 3.0)), "between 0.5 and 3"),
        (
            faulty(change=lambda p: p.__setitem__((0, slice(1, 3), 2, 0), np.nan)),
            "2 frames hold NaN or infinite values, the first is frame 1",
        ),
    ],
)
def test_unusable_keypoints_name_video_and_store(tmp_path, monkeypatch, given, message):
    path = str(tmp_path / "mine.h5")
    # The store's writer refuses NaN; a file that somebody else wrote may hold it.
    monkeypatch.setattr(store_module.np, "isfinite", lambda values: np.ones_like(values, bool))
    write_sequences(path, [("kick", given)])
    monkeypatch.undo()
    with pytest.raises(BadInput, match=message) as error:
        import_keypoints([["kick", path]], str(tmp_path / "out.h5"))
    assert path in str(error.value)
    assert "'kick'" in str(error.value)
    assert not (tmp_path / "out.h5").exists()


def test_missing_video_and_missing_store(tmp_path):
    path = str(tmp_path / "mine.h5")
    write_sequences(path, [("a", sequence())])
    with pytest.raises(BadInput, match=r"mine\.h5: holds no video 'b'"):
        import_keypoints([["b", path]], str(tmp_path / "out.h5"))
    with pytest.raises(BadInput, match=r"none\.h5: no such file"):
        import_keypoints([["b", str(tmp_path / "none.h5")]], str(tmp_path / "out.h5"))


def beside_videos(tmp_path, frames=12, width=1280, height=720):
    table = pd.DataFrame(
        {"video": ["a", "b"], "path": ["a.mp4", ""], "frames": frames, "width": width,
         "height": height, "status": "ok"}
    )  # fmt: skip
    table.to_parquet(tmp_path / "videos.parquet")
    return str(tmp_path / "videos.parquet")


def real_size(frames=12, width=1280, height=720, change=lambda points: points):
    points = change(body("coco17", frames=frames)).astype(np.float32)
    return Sequence(points, (points[..., -1] > 0).any((0, 2)), "coco17", width, height, 25.0)


def stage(tmp_path, given, **video):
    path = str(tmp_path / "given.h5")
    write_sequences(path, [("a", given), ("b", real_size(30))])
    index = beside_videos(tmp_path, **video)
    import_keypoints([["a", path], ["b", path]], tmp_path / "out.h5", index)
    return read_sequence(tmp_path / "out.h5", "a")


def test_keypoints_are_held_against_the_video(tmp_path, caplog):
    assert stage(tmp_path, real_size()).points.shape[1] == 12
    assert len(read_sequence(tmp_path / "out.h5", "b").present) == 30  # no video of its own
    assert stage(tmp_path, real_size(11)).present.tolist() == [True] * 11 + [False]
    assert "11 frames of keypoints for 12 of the video" in caplog.text
    unknown = stage(tmp_path, real_size(width=0, height=0))
    assert (unknown.width, unknown.height) == (1280, 720)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (real_size(9), "keypoints of 9 frames, its video shows 12"),
        (real_size(60), "keypoints of 60 frames, its video shows 12"),
        (real_size(width=720, height=1280), "width and height are exchanged"),
        (real_size(width=640, height=360), "made from pictures of 640x360, those of a.mp4 have"),
        (real_size(change=lambda p: p / (1280, 720, 1)), "shares of the picture"),
        (real_size(change=lambda p: np.insert(p, 2, p[..., 2] * 0.9, -1)), "it is a score"),
    ],
)
def test_implausible_keypoints_name_store_and_video(tmp_path, given, message):
    with pytest.raises(BadInput, match=r"given\.h5") as error:
        stage(tmp_path, given)
    assert message in str(error.value)
    assert not (tmp_path / "out.h5").exists()


def test_rows_are_put_back_and_a_doubtful_order_is_told(tmp_path, caplog):
    def two(points):
        both = np.concatenate([points, points + (600, 0, 0)])
        both[:, 7:] = both[::-1, 7:]
        return both

    found = stage(tmp_path, real_size(change=two)).points
    assert np.ptp(found[..., 0].mean(-1), axis=1).max() < 100
    assert "people change rows in 1 of 2 sequences" in caplog.text
    points = body("kinect20").astype(np.float32)
    store = str(tmp_path / "k.h5")
    write_sequences(store, [("k", Sequence(points, np.ones(30, bool), "msr20", 0, 0, 25.0))])
    import_keypoints([["k", store]], tmp_path / "k_out.h5")
    assert "write kinect20" in caplog.text
