"""The frame of every job: what is read is whole, what is written is sealed, errors are one message."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from microgesture.provenance.jobs import job
from microgesture.provenance.seals import sealed

ROOT = Path(__file__).parents[2]


@pytest.fixture
def given(tmp_path, monkeypatch):
    """A job that reads one file and writes one."""
    monkeypatch.chdir(tmp_path)
    Path("read.tsv").write_text("1")
    return SimpleNamespace(input=["read.tsv"], output=["written.tsv"], log=["logs/x.log"])


def run(given, body=lambda: Path("written.tsv").write_text("2")):
    with job(given):
        body()


def test_outputs_are_sealed_and_inputs_held_against_their_seals(given, capsys):
    run(given)
    assert sealed() == ["written.tsv"]
    behind = SimpleNamespace(input=["written.tsv"], output=[], log=["logs/y.log"])
    run(behind, lambda: None)
    Path("written.tsv").write_text("3")
    with pytest.raises(SystemExit) as caught:
        run(behind, lambda: pytest.fail("the body must not run"))
    assert caught.value.code == 1
    assert "written.tsv: is damaged" in Path("logs/y.log").read_text()
    assert "Traceback" not in capsys.readouterr().err


def test_what_failed_is_not_sealed(given):
    def body():
        Path("written.tsv").write_text("half")
        raise OSError(28, "No space left on device", "written.tsv")

    with pytest.raises(SystemExit):
        run(given, body)
    assert sealed() == []


def test_a_full_disk_is_one_message_with_the_trace_in_the_log(given, capsys):
    def body():
        raise OSError(28, "No space left on device", "written.tsv")

    with pytest.raises(SystemExit) as caught:
        run(given, body)
    assert caught.value.code == 1
    assert capsys.readouterr().err == (
        "ERROR: written.tsv: the disk is full; make room and run the same command again\n"
    )
    assert "Traceback" in Path("logs/x.log").read_text()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_where_the_log_cannot_be_written_the_message_stands_alone(given, capsys):
    given.log = ["/dev/full"]

    def body():
        raise OSError(28, "No space left on device", "written.tsv")

    with pytest.raises(SystemExit) as caught:
        run(given, body)
    assert caught.value.code == 1
    assert capsys.readouterr().err == (
        "ERROR: written.tsv: the disk is full; make room and run the same command again\n"
    )


def test_our_own_mistakes_keep_their_trace(given):
    def body():
        raise RuntimeError("a shape")

    with pytest.raises(RuntimeError, match="a shape"):
        run(given, body)


def test_told_to_end_it_leaves_with_try_again(tmp_path):
    code = (
        "import os, signal\nfrom types import SimpleNamespace\n"
        "from microgesture.provenance.jobs import job\n"
        f"given = SimpleNamespace(input=[], output=[], log=[{str(tmp_path / 'x.log')!r}])\n"
        f"with job(given):\n    os.kill(os.getpid(), {int(signal.SIGTERM)})\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert found.returncode == 75 and "told to end" in found.stderr


def test_inputs_from_the_future_get_the_present_time(given):
    """Or Snakemake would take the outputs for older than the inputs, and throw them away."""
    later = time.time() + 86_400
    os.utime("read.tsv", (later, later))
    run(given)
    assert os.stat("read.tsv").st_mtime <= os.stat("written.tsv").st_mtime
