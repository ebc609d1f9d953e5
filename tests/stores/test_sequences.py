import dataclasses

import h5py
import numpy as np
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import (
    Sequence,
    Track,
    list_sequences,
    read_sequence,
    sequence_shape,
    write_sequences,
)


def made_sequence(frames=150, joints=68, channels=3, seed=0):
    generator = np.random.default_rng(seed)
    points = generator.uniform(0, 600, (1, frames, joints, channels)).astype(np.float32)
    points[..., -1] /= 600
    return Sequence(points, generator.random(frames) > 0.3, "h68", 640, 360, 29.97)


def same(first, second):
    np.testing.assert_array_equal(first.points, second.points)
    np.testing.assert_array_equal(first.present, second.present)
    assert first.points.dtype == np.float32 and first.present.dtype == bool
    for name in ("layout", "width", "height", "fps"):
        assert getattr(first, name) == getattr(second, name)


def test_round_trip(tmp_path):
    made = {"b": made_sequence(), "a/1": made_sequence(3, 20, 4, 1), ".": made_sequence(1, 17)}
    write_sequences(tmp_path / "s.h5", made.items())
    assert list_sequences(tmp_path / "s.h5") == [".", "a/1", "b"]
    for video, sequence in made.items():
        same(read_sequence(tmp_path / "s.h5", video), sequence)


def test_tracks_are_kept(tmp_path):
    tracks = (
        Track(0, 9, 2, "largest", 0.75, 0.91, False),
        Track(12, 149, 0, "", 0.0, 0.0, True),
    )
    made = dataclasses.replace(made_sequence(), tracks=tracks)
    write_sequences(tmp_path / "s.h5", [("v", made), ("w", made_sequence())])
    assert read_sequence(tmp_path / "s.h5", "v").tracks == tracks
    assert read_sequence(tmp_path / "s.h5", "v", 20, 30).tracks == tracks
    assert read_sequence(tmp_path / "s.h5", "w").tracks == ()
    with h5py.File(tmp_path / "s.h5", "a") as file:
        del file["v"]["tracks"]
        file["v"]["tracks"] = "not JSON"
    with pytest.raises(BadInput, match="damaged"):
        read_sequence(tmp_path / "s.h5", "v")


@pytest.mark.parametrize(("start", "end"), [(0, 0), (60, 70), (63, 64), (149, 149), (10, None)])
def test_a_range_is_inclusive(tmp_path, start, end):
    made = made_sequence()
    write_sequences(tmp_path / "s.h5", [("v", made)])
    part = read_sequence(tmp_path / "s.h5", "v", start, end)
    stop = 150 if end is None else end + 1
    np.testing.assert_array_equal(part.points, made.points[:, start:stop])
    np.testing.assert_array_equal(part.present, made.present[start:stop])


def test_a_range_reads_only_its_chunks(tmp_path):
    made = made_sequence(640, 133)
    write_sequences(tmp_path / "s.h5", [("v", made)])
    with h5py.File(tmp_path / "s.h5") as file:
        dataset = file["v/points"]
        assert dataset.chunks == (1, 64, 133, 3)
        place = dataset.id.get_chunk_info_by_coord((0, 320, 0, 0))
    data = bytearray((tmp_path / "s.h5").read_bytes())
    # Ruin one chunk: its frames can no longer be read, all others can.
    data[place.byte_offset : place.byte_offset + place.size] = bytes(place.size)
    (tmp_path / "s.h5").write_bytes(data)
    np.testing.assert_array_equal(
        read_sequence(tmp_path / "s.h5", "v", 256, 319).points, made.points[:, 256:320]
    )
    with pytest.raises(BadInput, match="damaged"):
        read_sequence(tmp_path / "s.h5", "v", 330, 340)


def test_the_same_data_give_the_same_bytes(tmp_path):
    for name in ("a.h5", "b.h5"):
        write_sequences(tmp_path / name, [("x", made_sequence()), ("y", made_sequence(9))])
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_frames_outside_the_video(tmp_path):
    write_sequences(tmp_path / "s.h5", [("v", made_sequence(20))])
    for start, end in [(0, 20), (-1, 4), (9, 8)]:
        with pytest.raises(BadInput, match="frames 0 to 19"):
            read_sequence(tmp_path / "s.h5", "v", start, end)


def test_an_unknown_video_is_named(tmp_path):
    write_sequences(tmp_path / "s.h5", [("v", made_sequence(20))])
    with pytest.raises(BadInput, match=r"s\.h5: holds no video 'w' \(1 there, first: v\)"):
        read_sequence(tmp_path / "s.h5", "w")


def test_what_is_no_store_is_refused(tmp_path):
    path = tmp_path / "s.h5"
    with pytest.raises(BadInput, match="no such file"):
        list_sequences(path)
    path.write_text("clip,label\n")
    with pytest.raises(BadInput, match="not a readable HDF5 file"):
        list_sequences(path)
    with h5py.File(path, "w") as file:
        file["points"] = np.zeros(3)
    with pytest.raises(BadInput, match="no attribute 'format'"):
        list_sequences(path)
    write_sequences(path, [("v", made_sequence())])
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(BadInput, match="truncated"):
        read_sequence(path, "v")
    with pytest.raises(BadInput, match="folder"):
        list_sequences(tmp_path)


def test_a_failed_write_leaves_nothing(tmp_path):
    def broken():
        yield "v", made_sequence(5)
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write_sequences(tmp_path / "s.h5", broken())
    assert list(tmp_path.iterdir()) == []


def test_mistakes_of_the_caller(tmp_path):
    made = made_sequence(5)
    with pytest.raises(ValueError, match="twice"):
        write_sequences(tmp_path / "s.h5", [("v", made), ("v", made)])
    made.points[0, 2, 3, 1] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        write_sequences(tmp_path / "s.h5", [("v", made)])
    with pytest.raises(ValueError, match="present"):
        Sequence(made.points, np.ones(4, dtype=bool), "h68", 1, 1, 25.0)
    with pytest.raises(ValueError, match="points"):
        Sequence(made.points[0], np.ones(5, dtype=bool), "h68", 1, 1, 25.0)


def test_a_video_without_frames(tmp_path):
    empty = Sequence(np.zeros((1, 0, 68, 3), np.float32), np.zeros(0, bool), "h68", 64, 48, 25.0)
    write_sequences(tmp_path / "s.h5", [("v", empty)])
    assert read_sequence(tmp_path / "s.h5", "v").points.shape == (1, 0, 68, 3)


def test_a_full_disk_is_one_message(tmp_path):
    def full():
        yield "v", made_sequence(5)
        raise OSError(28, "No space left on device")

    with pytest.raises(BadInput, match="disk is full"):
        write_sequences(tmp_path / "s.h5", full())


def test_the_shape_is_read_without_the_points(tmp_path):
    path = tmp_path / "store.h5"
    points = np.zeros((2, 5, 20, 4), np.float32)
    write_sequences(path, [("v", Sequence(points, np.ones(5, bool), "msr20", 0, 0, 15.0))])
    assert sequence_shape(path, "v") == ("msr20", 3, 5)
    with pytest.raises(BadInput, match="w"):
        sequence_shape(path, "w")
