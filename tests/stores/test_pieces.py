"""Stores made piece by piece: what an interruption costs, and that nobody sees it afterwards."""

import signal
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.provenance.locks import held_alone
from microgesture.provenance.termination import TRY_AGAIN
from microgesture.stores.pieces import write_pieces
from microgesture.stores.rgb import RgbStore, put_rgb_clip
from microgesture.stores.sequences import Sequence, Track, put_sequence, read_sequence

WANTED = {f"v{number}": f"signature {number}" for number in range(6)}
# Makes pieces slowly and says so, for tests that end it from outside.
CHILD = """
import sys, time
from tests.stores.test_pieces import WANTED, make
from microgesture.provenance.termination import leave_if_told, told_by_signal
from microgesture.stores.pieces import write_pieces
def slowly(group, piece):
    facts = make(group, piece)
    print(piece, flush=True)
    for _ in range(20):
        leave_if_told()
        time.sleep(0.05)
    return facts
with told_by_signal():
    write_pieces(sys.argv[1], "sequences", WANTED, slowly, sys.argv[2],
                 shard_seconds=float(sys.argv[3]))
"""


def make(group, piece):
    """A piece that depends on its name alone: keypoints with a text beside them."""
    generator = np.random.default_rng(int(piece[1:]))
    points = generator.random((1, 130, 17, 3)).astype(np.float32)
    tracks = (Track(0, 129, 2, "largest", 0.5, 0.9, False),)
    present = generator.random(130) > 0.5
    put_sequence(group, piece, Sequence(points, present, "coco17", 64, 48, 25.0, tracks))
    return {"frames": 130, "number": int(piece[1:])}


def undisturbed(folder):
    facts = write_pieces(folder / "whole.h5", "sequences", WANTED, make)
    assert facts == {piece: {"frames": 130, "number": int(piece[1:])} for piece in WANTED}
    return (folder / "whole.h5").read_bytes()


def interrupted(folder, state, shard_seconds, number, after):
    """Run the slow child, send it a signal when it has begun the piece `after`; its exit status."""
    arguments = [str(folder / "part.h5"), str(state), str(shard_seconds)]
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as child:
        for line in child.stdout:
            if line.strip() == after:
                child.send_signal(number)
                break
    return child.returncode


def resumed(folder, state):
    """Go on; returns what had to be made, and the bytes."""
    made = []

    def counted(group, piece):
        made.append(piece)
        return make(group, piece)

    facts = write_pieces(folder / "part.h5", "sequences", WANTED, counted, state)
    assert list(facts) == list(WANTED) and facts["v1"]["number"] == 1
    assert not state.exists()
    return made, (folder / "part.h5").read_bytes()


def test_killed_in_the_middle_the_rest_is_made_and_the_bytes_are_the_same(tmp_path):
    state = tmp_path / "state"
    assert interrupted(tmp_path, state, 0, signal.SIGKILL, "v3") == -signal.SIGKILL
    assert not (tmp_path / "part.h5").exists()
    made, content = resumed(tmp_path, state)
    assert made == ["v3", "v4", "v5"]
    assert content == undisturbed(tmp_path)
    sequence = read_sequence(tmp_path / "part.h5", "v2")
    assert sequence.points.shape == (1, 130, 17, 3) and sequence.tracks[0].people == 2


def test_told_to_end_it_keeps_what_is_finished_and_says_try_again(tmp_path):
    state = tmp_path / "state"
    assert interrupted(tmp_path, state, 3600, signal.SIGTERM, "v2") == TRY_AGAIN
    made, content = resumed(tmp_path, state)
    assert made == ["v2", "v3", "v4", "v5"]
    assert content == undisturbed(tmp_path)


def test_a_bad_piece_costs_the_others_nothing(tmp_path):
    state, made, bad = tmp_path / "state", [], {"v1": "v1.mp4: frame 7", "v4": "v4.mp4: empty"}

    def picky(group, piece):
        made.append(piece)
        group.create_group("half")
        if piece in bad:
            raise BadInput(bad[piece])
        del group["half"]
        return make(group, piece)

    with pytest.raises(BadInput, match=r"v1.mp4: frame 7\nv4.mp4: empty\n4 of 6 are finished"):
        write_pieces(tmp_path / "part.h5", "sequences", WANTED, picky, state)
    bad.clear()
    made.clear()
    write_pieces(tmp_path / "part.h5", "sequences", WANTED, picky, state)
    assert made == ["v1", "v4"]
    assert (tmp_path / "part.h5").read_bytes() == undisturbed(tmp_path)


def test_a_piece_made_from_other_things_is_made_again(tmp_path):
    state = tmp_path / "state"

    def failing(group, piece):
        if piece == "v5":
            raise BadInput("not this one")
        return make(group, piece)

    with pytest.raises(BadInput, match="not this one"):
        write_pieces(tmp_path / "part.h5", "sequences", WANTED, failing, state)
    made = []
    write_pieces(
        tmp_path / "part.h5",
        "sequences",
        WANTED | {"v2": "another"},
        lambda group, piece: made.append(piece) or make(group, piece),
        state,
    )
    assert made == ["v2", "v5"]


def test_a_torn_shard_is_told_and_made_again(tmp_path, caplog):
    state = tmp_path / "state"
    interrupted(tmp_path, state, 0, signal.SIGKILL, "v3")
    shards = sorted(state.glob("*.h5"))
    assert len(shards) == 3 and len(list(state.glob("*.part"))) == 1
    shards[1].write_bytes(shards[1].read_bytes()[:500])
    made, content = resumed(tmp_path, state)
    assert made == ["v1", "v3", "v4", "v5"] and content == undisturbed(tmp_path)
    assert f"{shards[1]}: cannot be read" in caplog.text


def test_a_shard_with_one_other_byte_is_told_and_made_again(tmp_path, caplog):
    """Raw pictures: HDF5 itself would give the altered byte without a word."""
    pictures = np.random.default_rng(0).integers(0, 255, (3, 4, 4, 3)).astype(np.uint8)
    made, bad = [], {"c"}

    def crop(group, video):
        if video in bad:
            raise BadInput("not this one")
        made.append(video)
        put_rgb_clip(group, video, pictures, np.arange(3))

    arguments = tmp_path / "rgb.h5", "rgb", dict.fromkeys("abc", ""), crop, tmp_path / "state"
    with pytest.raises(BadInput, match="2 of 3 are finished"):
        write_pieces(*arguments, shard_seconds=0)
    shard = min((tmp_path / "state").glob("*.h5"))
    content = bytearray(shard.read_bytes())
    content[content.index(pictures.tobytes()) + 40] ^= 1
    shard.write_bytes(content)
    with h5py.File(shard) as file:
        assert not np.array_equal(file["a/a/frames"], pictures)
    bad.clear()
    made.clear()
    write_pieces(*arguments, shard_seconds=0)
    assert made == ["a", "c"] and f"{shard}: cannot be read" in caplog.text
    np.testing.assert_array_equal(RgbStore(tmp_path / "rgb.h5").read("a"), pictures)


def test_two_jobs_never_share_a_state(tmp_path):
    with (
        held_alone(tmp_path / "state", "making it", 2.0),
        pytest.raises(BadInput, match=r"process \d+ on .* is at making .*part.h5 now"),
    ):
        write_pieces(tmp_path / "part.h5", "sequences", WANTED, make, tmp_path / "state")


def test_pictures_of_several_clips_make_one_piece(tmp_path):
    pictures = np.random.default_rng(0).integers(0, 255, (3, 4, 4, 3)).astype(np.uint8)

    def crop(group, video):
        for number in (0, 1):
            put_rgb_clip(group, f"{video}/{number}", pictures + number, np.arange(3))

    write_pieces(tmp_path / "rgb.h5", "rgb", {"b": "", "a": ""}, crop)
    store = RgbStore(tmp_path / "rgb.h5")
    assert store.clips() == ["a/0", "a/1", "b/0", "b/1"]
    np.testing.assert_array_equal(store.read("b/1"), pictures + 1)
    with pytest.raises(ValueError, match="comes twice"):
        write_pieces(
            tmp_path / "rgb.h5",
            "rgb",
            {"b": "", "a": ""},
            lambda group, video: put_rgb_clip(group, "same", pictures, np.arange(3)),
        )


def test_a_full_disk_is_told(tmp_path):
    def large(group, piece):
        raise OSError(28, "No space left on device")

    with pytest.raises(BadInput, match="the disk is full"):
        write_pieces(tmp_path / "part.h5", "sequences", WANTED, large, tmp_path / "state")
    with h5py.File(next((tmp_path / "state").glob("*.h5"))) as file:
        assert not list(file)
