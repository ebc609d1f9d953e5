import subprocess
import sys
from pathlib import Path

import pytest

from microgesture.provenance.errors import BadInput
from microgesture.provenance.seals import check_whole, damage, main, mark_of, marked, seal, sealed

ROOT = Path(__file__).parents[2]


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Three sealed files, in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    paths = [Path("results") / name for name in ("a.h5", "b.tsv", "c d.json")]
    for number, path in enumerate(paths):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(range(100 + number)))
    Path("results/folder").mkdir()
    seal([*paths, Path("results/folder")])
    return paths


def flip(path, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def test_what_was_written_is_whole(results):
    assert sealed() == ["results/a.h5", "results/b.tsv", "results/c d.json"]
    check_whole([*results, "results/folder", "results/missing", "results/not_sealed"])
    assert [damage(path) for path in results] == [""] * 3


def test_cut_grown_and_altered_files_are_named_together(results):
    results[0].write_bytes(results[0].read_bytes()[:40])
    with open(results[1], "ab") as file:
        file.write(b"more")
    flip(results[2], 50)
    with pytest.raises(BadInput) as caught:
        check_whole(results)
    told = str(caught.value)
    assert "results/a.h5: is cut short: 40 bytes, the job that made it wrote 100" in told
    assert "results/b.tsv: has grown: 105 bytes" in told
    assert "results/c d.json: is damaged" in told
    assert "python -m microgesture.provenance.seals --remake" in told


def test_a_file_that_was_made_anew_is_sealed_anew(results):
    results[0].write_bytes(b"another run's")
    assert damage(results[0])
    seal(results[:1])
    assert not damage(results[0]) and len(sealed()) == 3


def test_a_seal_that_cannot_be_read_says_nothing(results):
    for place in Path(".snakemake/seals").glob("*.json"):
        place.write_text("torn")
    results[0].write_bytes(b"x")
    check_whole(results)
    assert sealed() == []


def test_the_command_tells_and_marks(results, capsys):
    assert main([]) == 0
    flip(results[1], 3)
    assert main([]) == 1
    said = capsys.readouterr().out
    assert "results/b.tsv: is damaged" in said and "--remake has" in said
    assert main(["--remake"]) == 0
    assert marked() == {mark_of("results/b.tsv")}
    results[1].write_text("made anew")
    seal(results)
    assert marked() == set()
    found = subprocess.run(
        [sys.executable, "-m", "microgesture.provenance.seals"],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert (found.returncode, found.stdout) == (0, "3 files looked at\n")
