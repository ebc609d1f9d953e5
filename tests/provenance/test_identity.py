import os

import pytest

from microgesture.provenance.identity import WHOLE, Identities, content_identity


def test_moved_copied_and_touched_it_is_the_same(tmp_path):
    one, other = tmp_path / "a.mp4", tmp_path / "b.mp4"
    one.write_bytes(b"content")
    before = content_identity(one)
    other.write_bytes(b"content")
    os.utime(one, (1, 1))
    assert content_identity(one) == content_identity(other) == before
    other.write_bytes(b"contend")  # as long as before
    assert content_identity(other) != before


@pytest.mark.parametrize("place", [0, 70_000, WHOLE + 99])
def test_a_long_file_is_known_by_its_pieces(tmp_path, place):
    path = tmp_path / "long.mp4"
    content = bytearray(os.urandom(WHOLE + 100))
    path.write_bytes(content)
    before = content_identity(path)
    content[place] ^= 1
    path.write_bytes(content)
    # Between the pieces a single flipped bit is not seen; at both ends it is.
    assert (content_identity(path) != before) == (place != 70_000)
    path.write_bytes(content[:-1])
    assert content_identity(path) != before


def test_what_was_read_is_remembered(tmp_path):
    path, memory = tmp_path / "v.mp4", tmp_path / "memory" / "identities.json"
    path.write_bytes(b"one")
    identities = Identities(memory)
    first = identities(path)
    identities.save()
    path.write_bytes(b"two")
    facts = path.stat()
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns + 5))
    again = Identities(memory)
    assert again(path) == content_identity(path) != first
    assert Identities(memory)._known[str(path)][3] == first


def test_no_file_and_no_memory(tmp_path):
    (tmp_path / "broken.json").write_text("no json")
    identities = Identities(tmp_path / "broken.json")
    assert identities(tmp_path / "none.mp4") == "missing"
    blocked = Identities("/proc/none/memory.json")
    (tmp_path / "v").write_bytes(b"x")
    assert blocked(tmp_path / "v") == content_identity(tmp_path / "v")
    blocked.save()  # nothing can be written there, and nothing is raised
