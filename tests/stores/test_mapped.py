"""Stores that processes map: the same numbers as read, little memory of a process's own."""

import pickle
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.stores.files import created
from microgesture.stores.mapped import MappedSequences
from microgesture.stores.sequences import (
    KIND,
    Sequence,
    open_sequence,
    person_sums,
    read_sequence,
    write_sequences,
)
from tests.stores.test_sequences import made_sequence

ROOT = Path(__file__).parents[2]
MANY = """
import resource, sys
from microgesture.stores.mapped import MappedSequences
resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
stores = [MappedSequences(f"{sys.argv[1]}/{number}.h5") for number in range(2000)]
places = [store.places(["v"])["v"] for store in stores]
for _ in range(2):
    total = sum(float(s.read("v", p, 0, 3)[0].sum()) for s, p in zip(stores, places))
print(total)
"""
OWN_MEMORY = """
import sys
import numpy as np
from microgesture.stores.mapped import MappedSequences
def own():  # kilobytes that this process shares with no other and with no file
    lines = open("/proc/self/smaps_rollup").read().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))
store = MappedSequences(sys.argv[1])
place = store.places(["v"])["v"]
store.read("v", place, 0, 1)
before = own()
store.check({"v": place})
points, _ = store.read("v", place, 0, place.shape[1])
print(points[..., 0].max(), own() - before)
"""


def write_plain(path, sequences, step=40):
    """As clean_keypoints writes: uncompressed, in parts."""
    with created(path, KIND) as file:
        for video, sequence in sequences:
            shape = sequence.points.shape
            write = open_sequence(file, video, sequence, sequence.present, shape, packed=False)
            for first in range(0, shape[1], step):
                write(first, sequence.points[:, first : first + step])


def several(people=1):
    """Videos of odd lengths, so that numbers do not begin at multiples of four bytes."""
    made = {f"v{n}": made_sequence(frames, seed=n) for n, frames in enumerate((7, 150, 33))}
    if people == 1:
        return made
    return {
        video: Sequence(
            np.concatenate([s.points, s.points[::-1, ::-1]]), s.present, "h68", 640, 360, 25.0
        )
        for video, s in made.items()
    }


@pytest.mark.parametrize("people", [1, 2])
@pytest.mark.parametrize("plain", [True, False])
def test_ranges_are_those_of_the_arrays(tmp_path, plain, people):
    made = several(people)
    (write_plain if plain else write_sequences)(tmp_path / "s.h5", made.items())
    store = MappedSequences(tmp_path / "s.h5")
    places = store.places([*made, "not there"])
    assert set(places) == set(made)
    store.check(places)
    for again in (store, pickle.loads(pickle.dumps(store))):
        for video, sequence in made.items():
            assert places[video].is_mapped == plain and places[video].layout == "h68"
            points, present = again.read(video, places[video], 3, 6)
            np.testing.assert_array_equal(points, sequence.points[:, 3:6])
            np.testing.assert_array_equal(present, sequence.present[3:6])
            assert present.dtype == bool
            again.close()
            np.testing.assert_array_equal(
                read_sequence(tmp_path / "s.h5", video).points, sequence.points
            )


def test_sums_are_those_of_the_bytes(tmp_path):
    import binascii

    made = several(2)
    write_plain(tmp_path / "s.h5", made.items())
    with h5py.File(tmp_path / "s.h5") as file:
        for video, sequence in made.items():
            sums = [binascii.crc32(person.tobytes()) for person in sequence.points]
            assert file[video]["sums"][:].tolist() == sums
            assert person_sums(sequence.points).tolist() == sums


@pytest.mark.parametrize("read", ["mapped", "whole"])
def test_a_flipped_bit_is_found(tmp_path, read):
    path = tmp_path / "s.h5"
    write_plain(path, several().items())
    with h5py.File(path) as file:
        offset = file["v1/points"].id.get_offset()
    content = bytearray(path.read_bytes())
    content[offset + 40_001] ^= 4
    path.write_bytes(content)
    store = MappedSequences(path)
    store.check(store.places(["v0", "v2"]))
    with pytest.raises(BadInput, match="keypoints of video 'v1' are not those that were written"):
        store.check(store.places(["v1"])) if read == "mapped" else read_sequence(path, "v1")


def test_a_truncated_store_is_refused(tmp_path):
    path = tmp_path / "s.h5"
    write_plain(path, several().items())
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(BadInput, match="truncated"):
        MappedSequences(path).places(["v1"])


def test_a_store_that_was_replaced_is_not_read_by_old_places(tmp_path):
    path = tmp_path / "s.h5"
    write_plain(path, several().items())
    store = MappedSequences(path)
    place = store.places(["v1"])["v1"]
    before = store.read("v1", place, 0, 5)[0].copy()
    other = {video: made_sequence(170, seed=9) for video in several()}
    write_plain(path, other.items())
    np.testing.assert_array_equal(store.read("v1", place, 0, 5)[0], before)  # still the old file
    store.close()
    with pytest.raises(BadInput, match="was replaced while it was in use"):
        store.read("v1", place, 0, 5)
    place = store.places(["v1"])["v1"]
    np.testing.assert_array_equal(store.read("v1", place, 0, 5)[0], other["v1"].points[:, :5])


def test_parts_come_in_order(tmp_path):
    made = made_sequence(20)
    with created(tmp_path / "s.h5", KIND) as file:
        write = open_sequence(file, "v", made, made.present, made.points.shape, packed=False)
        write(0, made.points[:, :10])
        with pytest.raises(ValueError, match="frame 10 comes next, not 12"):
            write(12, made.points[:, 12:])


def test_a_video_without_frames(tmp_path):
    empty = Sequence(np.zeros((1, 0, 68, 3), np.float32), np.zeros(0, bool), "h68", 64, 48, 25.0)
    write_plain(tmp_path / "s.h5", [("v", empty)])
    store = MappedSequences(tmp_path / "s.h5")
    places = store.places(["v"])
    store.check(places)
    assert places["v"].shape == (1, 0, 68, 3) and not places["v"].is_mapped
    assert read_sequence(tmp_path / "s.h5", "v").points.shape == (1, 0, 68, 3)


def test_two_thousand_stores_under_the_usual_limit(tmp_path):
    one = made_sequence(3, 2)
    write_plain(tmp_path / "0.h5", [("v", one)])
    for number in range(1, 2000):
        (tmp_path / f"{number}.h5").hardlink_to(tmp_path / "0.h5")
    found = subprocess.run(
        [sys.executable, "-c", MANY, str(tmp_path)], capture_output=True, text=True, cwd=ROOT
    )
    assert float(found.stdout) == pytest.approx(2000 * float(one.points.sum()), rel=1e-4), (
        found.stderr
    )


def test_own_memory_does_not_grow_with_the_store(tmp_path):
    path = tmp_path / "s.h5"
    made = made_sequence(100_000, 68)  # 82 MB
    write_plain(path, [("v", made)], step=100_000)
    found = subprocess.run(
        [sys.executable, "-c", OWN_MEMORY, str(path)], capture_output=True, text=True, cwd=ROOT
    )
    most, kilobytes = found.stdout.split()
    assert float(most) == pytest.approx(float(made.points[..., 0].max())), found.stderr
    assert float(kilobytes) < 4_000, found.stdout
