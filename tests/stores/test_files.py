"""Stores of others: nothing outside the file is read. Of our own: nothing is lost at the close."""

import os
import subprocess
import sys

import h5py
import numpy as np
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.stores.files import group_of, opened
from microgesture.stores.rgb import RgbStore, write_rgb_clips
from microgesture.stores.sequences import Sequence, read_sequence, write_sequences


def sequence(seed):
    points = np.random.default_rng(seed).random((1, 5, 3, 3)).astype(np.float32)
    return Sequence(points, np.ones(5, bool), "coco17", 640, 480, 25.0)


@pytest.fixture
def store(tmp_path):
    """A store with a right video "a" beside a secret one in another file."""
    write_sequences(tmp_path / "secret.h5", [("b", sequence(1))])
    write_sequences(tmp_path / "store.h5", [("a", sequence(0))])
    return tmp_path / "store.h5"


def edited(path, edit):
    with h5py.File(path, "a") as file:
        edit(file)
    return path


def replace(group, name, link):
    del group[name]
    group[name] = link


def external_storage(file):
    data = file["a/points"][:]
    del file["a/points"]
    outside = str(file.filename) + ".raw"
    data.tofile(outside)
    file["a"].create_dataset(
        "points", data.shape, data.dtype, external=[(outside, 0, h5py.h5f.UNLIMITED)]
    )


def virtual(file):
    layout = h5py.VirtualLayout((1, 5, 3, 3), np.float32)
    layout[:] = h5py.VirtualSource("secret.h5", "b/points", shape=(1, 5, 3, 3))
    del file["a/points"]
    file["a"].create_virtual_dataset("points", layout)


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda f: replace(f, "a", h5py.ExternalLink("secret.h5", "/b")), "a link to '/b' in"),
        (
            lambda f: replace(f["a"], "points", h5py.ExternalLink("secret.h5", "/b/points")),
            "/a/points is a link to '/b/points' in 'secret.h5'",
        ),
        (
            lambda f: (
                f.__setitem__("door", h5py.ExternalLink("secret.h5", "/")),
                replace(f, "a", h5py.SoftLink("/door/b")),
            ),
            "/door is a link to '/' in 'secret.h5'",
        ),
        (
            lambda f: (
                f["a"].__setitem__("door", h5py.ExternalLink("secret.h5", "/b")),
                replace(f["a"], "points", h5py.SoftLink("door/points")),
            ),
            "/a/door is a link",
        ),
        (external_storage, "/a/points is numbers kept in"),
        (virtual, "/a/points is a virtual dataset"),
    ],
)
def test_what_lies_outside_is_refused(store, edit, told):
    edited(store, edit)
    with pytest.raises(BadInput) as error:
        read_sequence(store, "a")
    assert told in str(error.value) and "nothing is read" in str(error.value)


def test_soft_links_within_the_file_are_followed(store):
    expected = read_sequence(store, "a").points

    def edit(file):
        file.move("a", "kept")
        file["a"] = h5py.SoftLink("/kept")
        file["c"] = h5py.SoftLink("./a")
        file["lost"] = h5py.SoftLink("/nowhere")
        file["round"], file["about"] = h5py.SoftLink("/about"), h5py.SoftLink("/round")

    edited(store, edit)
    for name in ("a", "c"):
        np.testing.assert_array_equal(read_sequence(store, name).points, expected)
    for name in ("lost", "round"):
        with pytest.raises(BadInput, match=f"holds no video '{name}'"):
            read_sequence(store, name)


def test_pictures_too(tmp_path):
    frames, positions = np.zeros((2, 4, 4, 3), np.uint8), np.arange(2)
    write_rgb_clips(tmp_path / "rgb.h5", [("a", frames, positions)])
    assert RgbStore(tmp_path / "rgb.h5").read("a").shape == (2, 4, 4, 3)
    edited(tmp_path / "rgb.h5", lambda f: replace(f["a"], "frames", h5py.ExternalLink("x", "y")))
    with pytest.raises(BadInput, match="/a/frames is a link to 'y' in 'x'"):
        RgbStore(tmp_path / "rgb.h5").read("a")


def test_names_of_any_letters(tmp_path):
    names = ["ä/ö", ".", "50 %", "日本"]
    write_sequences(tmp_path / "s.h5", [(name, sequence(0)) for name in names])
    with opened(tmp_path / "s.h5", "sequences") as file:
        for name in names:
            assert set(group_of(file, name, "video")) == {"points", "present"}


WRITES = """
import sys
import numpy as np
from microgesture.provenance.errors import BadInput
from microgesture.stores.files import created

try:
    with created(sys.argv[1], "kind") as file:
        for number in range(40):
            file.create_dataset(str(number), data=np.full(3000, number, np.float32))
except BadInput as error:
    print(error, flush=True)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk of one's own needs root")
@pytest.mark.parametrize("room", [64, 128, 192, 256])
def test_bytes_lost_when_a_dataset_is_closed_are_a_full_disk(tmp_path, room):
    """HDF5 writes the last part of a dataset when it is closed; h5py can only print an error there.
    In a process of its own: HDF5 is not to be used any more behind such an error."""
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ("-t", "tmpfs", "-o", f"size={room}k", "small", str(disk))
    if subprocess.run(["mount", *options], capture_output=True).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        command = [sys.executable, "-c", WRITES, str(disk / "s.h5")]
        found = subprocess.run(command, capture_output=True, text=True)
        assert "s.h5: the disk is full; make room" in found.stdout, found.stderr
        assert not (disk / "s.h5").exists()
    finally:
        subprocess.run(["umount", str(disk)], check=True)
