"""Copying imported keypoints into a batch's store."""

import numpy as np
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.stores import sequences as store_module
from microgesture.stores.sequences import Sequence, list_sequences, read_sequence, write_sequences
from scripts.import_keypoints import import_keypoints


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
