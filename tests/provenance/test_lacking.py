"""Errors as the libraries really raise them."""

import resource
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch

from microgesture.provenance.lacking import what_is_lacking

ROOT = Path(__file__).parents[2]
FULL = "/dev/full"  # every write fails as on a full disk


def error_of(body):
    try:
        body()
    except BaseException as error:
        return error
    raise AssertionError("no error")


def full_by_python():
    with open(FULL, "wb", buffering=0) as file:
        file.write(b"x")


def full_by_torch():
    with open(FULL, "wb", buffering=0) as file:
        torch.save({"w": torch.zeros(10)}, file)


def full_by_pandas():
    """By an open file: pyarrow removes what it could not write, /dev/full too."""
    with open(FULL, "wb", buffering=0) as file:
        pd.DataFrame({"a": range(10)}).to_parquet(file)


@pytest.mark.skipif(not Path(FULL).exists(), reason="no /dev/full here")
@pytest.mark.parametrize("body", [full_by_python, full_by_torch, full_by_pandas])
def test_a_full_disk(body):
    assert "the disk is full" in what_is_lacking(error_of(body))


def test_the_file_is_named():
    error = OSError(28, "No space left on device", "results/a.h5")
    assert what_is_lacking(error).startswith("results/a.h5: the disk is full")
    assert what_is_lacking(OSError(30, "Read-only file system", "r")).startswith("r: the file sys")
    assert "ask for the right" in what_is_lacking(PermissionError(13, "Permission denied", "r"))


def test_an_error_behind_another_one_counts():
    def body():
        try:
            full_by_python()
        except OSError as error:
            raise ValueError("writing failed") from error

    assert "the disk is full" in what_is_lacking(error_of(body))


MEMORY = {
    "numpy": "import numpy as np; f = lambda: np.ones(2**33)",
    "python": "f = lambda: bytearray(2**35)",
    "torch": "import torch; f = lambda: torch.ones(2**33)",
    "cv2": "import cv2, numpy as np; x = np.ones((50, 50, 3), np.uint8);"
    " f = lambda: cv2.resize(x, (60000, 60000))",
}


@pytest.mark.parametrize("library", MEMORY)
def test_too_little_memory(library):
    code = (
        f"{MEMORY[library]}\n"
        "from microgesture.provenance.lacking import what_is_lacking\n"
        "try:\n    f()\nexcept BaseException as error:\n    print(what_is_lacking(error))\n"
    )

    def limited():
        resource.setrlimit(resource.RLIMIT_AS, (8 * 2**30, 8 * 2**30))

    found = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, preexec_fn=limited, cwd=ROOT,
    )  # fmt: skip
    assert found.stdout.startswith("memory ran out"), found.stdout + found.stderr


LOADER = """
import os, signal
import numpy as np
from torch.utils.data import DataLoader, Dataset
from microgesture.provenance.lacking import quiet_loaders, what_is_lacking
class Killed(Dataset):
    def __len__(self):
        return 8
    def __getitem__(self, number):
        if number == 3:  # as the kernel does it where memory ran out
            os.kill(os.getpid(), signal.SIGKILL)
        return np.float32(number)
try:
    list(DataLoader(Killed(), num_workers=1))
except Exception as error:
    quiet_loaders()
    print(what_is_lacking(error), flush=True)
    os._exit(0)
"""


def test_a_loader_that_was_killed():
    """In a process of its own: torch's handler may raise at any place."""
    found = subprocess.run(
        [sys.executable, "-c", LOADER], capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    assert found.stdout.startswith("a process that loads clips was ended"), found.stderr
    assert "loader_workers" in found.stdout


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyError("label"), OSError(2, "No such file"), RuntimeError("shape")]
)
def test_of_other_errors_nothing_is_said(error):
    assert what_is_lacking(error) == ""
