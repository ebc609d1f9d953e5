import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from microgesture.provenance.errors import BadInput
from microgesture.provenance.locks import check_still_held, held_alone, holder_of

STALE = 1.8
HOLDER = f"""
import sys, time
from microgesture.provenance.locks import held_alone
with held_alone(sys.argv[1], "the work", {STALE}):
    print("held", flush=True)
    time.sleep(60)
"""


def holding(folder):
    """A process that holds the folder."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout.readline() == "held\n"
    return child


def end(child):
    child.kill()
    child.communicate()


def test_a_living_holder_is_named_and_the_folder_is_free_behind_it(tmp_path):
    child = holding(tmp_path)
    try:
        with (
            pytest.raises(BadInput, match=rf"process {child.pid} on .* is at the work now"),
            held_alone(tmp_path, "the work", STALE),
        ):
            pass
    finally:
        end(child)
    with held_alone(tmp_path / "new" / "folder", "the work", STALE):
        check_still_held(tmp_path / "new" / "folder")
    assert list((tmp_path / "new" / "folder").iterdir()) == []


def test_the_lock_of_a_killed_process_is_told_and_taken(tmp_path, caplog):
    child = holding(tmp_path)
    end(child)
    began = time.monotonic()
    with held_alone(tmp_path, "the work", STALE):
        assert str(os.getpid()) in holder_of(tmp_path / "lock")
    assert time.monotonic() - began < STALE
    assert f"the lock of process {child.pid} on" in caplog.text and "left over" in caplog.text


def on_another_machine(folder):
    """Make the lock look as if it had been written on another machine."""
    path = folder / "lock"
    text = re.sub(r"^host=.*$", "host=node7", path.read_text(), flags=re.M)
    path.write_text(re.sub(r"^start=.*\n", "", text, flags=re.M))


def test_a_lock_of_another_machine_is_taken_when_it_was_not_refreshed(tmp_path, caplog):
    end(holding(tmp_path))
    on_another_machine(tmp_path)
    assert holder_of(tmp_path / "lock").endswith(" on node7")
    began = time.monotonic()
    with held_alone(tmp_path, "the work", STALE):
        pass
    assert time.monotonic() - began > 0.9 * STALE
    assert "waiting up to 2 s for a sign of life" in caplog.text
    assert "node7 is left over" in caplog.text


def test_who_was_overtaken_writes_no_more(tmp_path):
    with held_alone(tmp_path, "the work", STALE):
        check_still_held(tmp_path)
        on_another_machine(tmp_path)
        with pytest.raises(BadInput, match="node7 took over while this process stood still"):
            check_still_held(tmp_path)
