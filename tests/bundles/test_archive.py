import os
import shutil
import warnings
import zipfile
from pathlib import Path

import pytest

from microgesture.bundles import archive
from microgesture.bundles.archive import pack, unpacked
from microgesture.bundles.manifest import files_below, sha256_of
from microgesture.bundles.reading import read_bundle
from microgesture.provenance.errors import BadInput
from tests.bundles.damage import flipped, with_link, zipped
from tests.bundles.made_run import copied_bundle


@pytest.fixture
def folder(tmp_path):
    return copied_bundle(tmp_path)


def test_packed_and_unpacked_it_is_the_same(folder, tmp_path):
    pack(folder, tmp_path / "a.zip")
    os.utime(folder / "vote.tsv", (10**9, 10**9))
    (folder / ".DS_Store").write_bytes(b"x")
    pack(folder, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    cache = tmp_path / "cache"
    place = unpacked(tmp_path / "a.zip", cache)
    assert place == cache / sha256_of(tmp_path / "a.zip")[:32] / "mine"
    (folder / ".DS_Store").unlink()
    assert sorted(files_below(place)) == sorted(files_below(folder))
    assert read_bundle(tmp_path / "a.zip", cache=cache).digest == read_bundle(folder).digest


def test_it_is_unpacked_once(folder, tmp_path, monkeypatch):
    pack(folder, tmp_path / "a.zip")
    place = unpacked(tmp_path / "a.zip", tmp_path / "cache")
    monkeypatch.setattr(archive, "_unpack", None)
    shutil.copy(tmp_path / "a.zip", tmp_path / "b.zip")
    assert unpacked(tmp_path / "b.zip", tmp_path / "cache") == place
    assert len(os.listdir(tmp_path / "cache")) == 1


def test_a_damaged_bundle_is_not_packed(folder, tmp_path):
    flipped(folder, "members/bone/model.safetensors")
    with pytest.raises(BadInput, match="was changed"):
        pack(folder, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


def test_zips_of_file_managers(folder, tmp_path):
    """Without a folder in it, and with what macOS adds."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for name in files_below(folder):
            file.write(folder / name, name)
        file.writestr("__MACOSX/._vote.tsv", b"x")
        file.writestr(".DS_Store", b"x")
        file.mkdir("members/")
    bundle = read_bundle(tmp_path / "a.zip", cache=tmp_path / "cache")
    assert bundle.digest == read_bundle(folder).digest


@pytest.mark.parametrize(
    "name",
    ["../evil.txt", "mine/../../evil.txt", "/tmp/microgesture_evil.txt", "..\\evil.txt", "C:evil.txt",
     "mine//../evil.txt", "mine/./evil.txt"],
)  # fmt: skip
def test_a_zip_that_leads_out_of_its_folder(folder, tmp_path, name):
    path = zipped(folder, tmp_path / "a.zip", {name: b"evil"})
    with pytest.raises(BadInput) as error:
        unpacked(path, tmp_path / "deep" / "cache")
    assert repr(name) in str(error.value)
    assert "leads out of" in str(error.value) or "is no path below" in str(error.value)
    assert not list(tmp_path.rglob("*evil*")) and not Path("/tmp/microgesture_evil.txt").exists()
    assert os.listdir(tmp_path / "deep" / "cache") == []


def test_a_zip_with_a_link(folder, tmp_path):
    path = with_link(zipped(folder, tmp_path / "a.zip"), "mine/members/x", "/etc")
    with pytest.raises(BadInput, match="'mine/members/x' is a symbolic link"):
        unpacked(path, tmp_path / "cache")


def test_a_zip_with_a_name_twice(folder, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = zipped(folder, tmp_path / "a.zip", {"mine/vote.tsv": b"x"})
    with pytest.raises(BadInput, match=r"'mine/vote.tsv' stands twice in it"):
        unpacked(path, tmp_path / "cache")
    path = zipped(folder, tmp_path / "b.zip", {"mine/VOTE.tsv": b"x"})
    with pytest.raises(BadInput, match=r"'mine/VOTE.tsv' stands twice in it"):
        unpacked(path, tmp_path / "cache")


def test_a_zip_that_would_fill_the_disk(folder, tmp_path, monkeypatch):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mine/bundle.json", bytes(100 * 2**20))
    with pytest.raises(BadInput, match="would grow to 104857600 bytes in 1 file"):
        unpacked(path, tmp_path / "cache")
    monkeypatch.setattr(archive, "MOST_FILES", 5)
    with pytest.raises(BadInput, match="in 14 file"):
        unpacked(zipped(folder, tmp_path / "b.zip"), tmp_path / "cache")


def test_a_file_that_is_longer_than_the_zip_says(folder, tmp_path):
    """The announced size is what was checked, so not a byte more is written."""
    path = zipped(folder, tmp_path / "a.zip", {"mine/README.txt": bytes(5000)})
    raw = bytearray(path.read_bytes())
    place = raw.rindex(b"PK\x01\x02")  # the last entry of the directory; its size stands at 24
    assert int.from_bytes(raw[place + 24 : place + 28], "little") == 5000
    raw[place + 24 : place + 28] = (100).to_bytes(4, "little")
    path.write_bytes(raw)
    with pytest.raises(BadInput, match=r"a.zip: "):
        unpacked(path, tmp_path / "cache")
    assert os.listdir(tmp_path / "cache") == []


def test_zips_that_are_none_or_not_whole(folder, tmp_path):
    path = tmp_path / "a.zip"
    pack(folder, path)
    raw = path.read_bytes()
    for content in (b"", b"no zip at all", raw[:1000], raw[:-5]):
        path.write_bytes(content)
        with pytest.raises(BadInput, match="is no whole zip file"):
            unpacked(path, tmp_path / "cache")
    changed = bytearray(raw)
    changed[len(raw) // 2] ^= 1
    path.write_bytes(changed)
    with pytest.raises(BadInput, match="is no whole zip file"):
        unpacked(path, tmp_path / "cache")
    encrypted = bytearray(raw)
    encrypted[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(encrypted)
    with pytest.raises(BadInput, match="is encrypted"):
        unpacked(path, tmp_path / "cache")
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a", b"x")
        file.writestr("a/b", b"x")
    with pytest.raises(BadInput, match="cannot be unpacked"):
        unpacked(path, tmp_path / "cache")
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("mine/notes.txt", b"x")
    with pytest.raises(BadInput, match=r"holds no bundle: there is no bundle.json"):
        unpacked(path, tmp_path / "cache")


def test_the_command(folder, tmp_path, capsys):
    assert archive.main([str(folder), str(tmp_path / "a.zip")]) == 0
    assert sha256_of(tmp_path / "a.zip") in capsys.readouterr().out
    assert archive.main([str(tmp_path), str(tmp_path / "b.zip")]) == 1
    assert "is no bundle" in capsys.readouterr().err
    assert archive.main([]) == 2
