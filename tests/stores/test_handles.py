import errno
import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from microgesture.provenance.errors import BadInput
from microgesture.stores.handles import Handles
from microgesture.stores.rgb import RgbStore, write_rgb_clips

PICTURES = np.arange(2 * 2 * 2 * 3, dtype=np.uint8).reshape(2, 2, 2, 3)
MANY = """
import resource, sys
import numpy as np
from microgesture.stores.rgb import RgbStore
resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
stores = [RgbStore(f"{sys.argv[1]}/{number}.h5") for number in range(2000)]
for _ in range(2):
    total = sum(int(store.read(f"clip{number}").sum()) for number, store in enumerate(stores))
print(total)
"""


def stores_in(folder, count):
    for number in range(count):
        clip = f"clip{number}"
        write_rgb_clips(folder / f"{number}.h5", [(clip, PICTURES + number % 7, np.arange(2))])
    return [folder / f"{number}.h5" for number in range(count)]


class Holder:
    def __init__(self):
        self.closed = False

    def close(self):
        self.closed = True


def test_the_longest_unused_is_closed():
    handles, (first, second, third) = Handles(most=2), (Holder(), Holder(), Holder())
    for holder in (first, second, first, third):
        handles.use(holder)
    assert (first.closed, second.closed, third.closed) == (False, True, False)
    assert len(handles) == 2
    handles.forget(first)
    del third, holder
    assert len(handles) == 0


def test_a_store_that_was_closed_opens_again(tmp_path):
    path, *_ = stores_in(tmp_path, 1)
    store = RgbStore(path)
    for _ in range(2):
        np.testing.assert_array_equal(store.read("clip0"), PICTURES)
        store.close()


def test_two_thousand_stores_under_the_usual_limit(tmp_path):
    stores_in(tmp_path, 2000)
    found = subprocess.run(
        [sys.executable, "-c", MANY, str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    expected = sum(int((PICTURES + number % 7).sum()) for number in range(2000))
    assert found.stdout.strip() == str(expected), found.stderr


def test_too_many_open_files_is_no_fault_of_the_store(tmp_path):
    path, *_ = stores_in(tmp_path, 1)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    others = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 20, hard))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            while True:
                others.append(open(path, "rb"))  # noqa: SIM115
        with pytest.raises(BadInput, match="too many files are open") as caught:
            RgbStore(path).read("clip0")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for other in others:
            other.close()
    assert "ulimit -n" in str(caught.value) and "elete" not in str(caught.value)
    np.testing.assert_array_equal(RgbStore(path).read("clip0"), PICTURES)


def test_an_error_that_is_not_understood_advises_to_keep_the_file(tmp_path, monkeypatch):
    path, *_ = stores_in(tmp_path, 1)

    def stale(*arguments, **options):
        raise OSError(errno.ESTALE, "Stale file handle")

    monkeypatch.setattr("microgesture.stores.files.h5py.File", stale)
    with pytest.raises(BadInput, match=r"Stale file handle.*keep the file") as caught:
        RgbStore(path).read("clip0")
    assert "elete" not in str(caught.value)
