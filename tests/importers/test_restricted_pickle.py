"""The restricted reader gives back what was written, and runs nothing."""

import os
import pickle
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from microgesture.importers.restricted_pickle import load_pickle
from microgesture.provenance.errors import BadInput

CONTENT = {
    "split": {"train": ["a", "b"], "test": ("c",)},
    "flags": {1, 2},
    "frozen": frozenset({3}),
    "ordered": OrderedDict(x=1),
    "none": None,
    "bytes": b"\x00\xff",
    "array": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "swapped": np.arange(4, dtype=">i4"),
    "text": np.array(["ab", "cde"]),
    "bool": np.array([True, False]),
    "objects": np.array(["x", None, np.arange(2)], dtype=object),
    "empty": np.zeros((0, 3), np.int64),
    "point": np.array(2.5),
    "number": np.float64(1.5),
    "whole": np.int64(-7),
    "complex": 1 + 2j,
}


class Hostile:
    """Creates a file when a plain unpickler loads it."""

    def __init__(self, call):
        self.call = call

    def __reduce__(self):
        return self.call


def equal(first, second) -> bool:
    if isinstance(first, np.ndarray) and first.dtype == object:
        return all(equal(a, b) for a, b in zip(first.ravel(), second.ravel()))
    if isinstance(first, np.ndarray):
        return first.shape == second.shape and np.array_equal(first, second)
    return bool(first == second) and type(first) is type(second)


@pytest.mark.parametrize("protocol", range(6))
def test_content_comes_back(tmp_path, protocol):
    path = tmp_path / "content.pkl"
    path.write_bytes(pickle.dumps(CONTENT, protocol=protocol))
    loaded = load_pickle(path)
    assert list(loaded) == list(CONTENT)
    for name, value in CONTENT.items():
        assert equal(value, loaded[name]), name
    assert loaded["array"].dtype == np.float32
    loaded["array"][0] = 1  # writable


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_both_names_of_numpys_core_are_read(tmp_path, protocol):
    """numpy 1 wrote numpy.core, numpy 2 writes numpy._core."""
    raw = pickle.dumps(np.arange(3.0), protocol=protocol)
    for old, new in ((b"numpy._core", b"numpy.core"), (b"numpy.core", b"numpy._core")):
        if protocol == 4:  # names carry their length
            changed = raw.replace(bytes([len(old) + 11]) + old, bytes([len(new) + 11]) + new)
            changed = pickle.dumps(np.arange(3.0), protocol=3).replace(old, new)
        else:
            changed = raw.replace(old, new)
        path = tmp_path / "numpy.pkl"
        path.write_bytes(changed)
        assert load_pickle(path).tolist() == [0, 1, 2]


def test_python_2_pickle(tmp_path):
    """A float32 array as Python 2 and numpy 1 wrote it: its bytes are a text."""
    path = tmp_path / "old.pkl"
    raw = pickle.dumps(np.array([1.0, -2.0], "<f4"), protocol=2)
    values = np.array([1.0, -2.0], "<f4").tobytes()
    start = raw.index(b"h\x03X")  # the values: encode(text, "latin1")
    end = raw.index(b"R", start)
    raw = raw[:start] + b"U" + bytes([len(values)]) + values + raw[end + 1 :]
    path.write_bytes(raw)
    assert load_pickle(path).tolist() == [1.0, -2.0]


def test_shared_and_circular_containers(tmp_path):
    array = np.arange(3)
    circle = [array, array]
    circle.append(circle)
    path = tmp_path / "circle.pkl"
    path.write_bytes(pickle.dumps(circle))
    loaded = load_pickle(path)
    assert loaded[0] is loaded[1]
    assert loaded[2] is loaded


@pytest.mark.parametrize(
    ("module", "call"),
    [
        ("posix.system", lambda path: (os.system, (f"touch {path}",))),
        ("io.open", lambda path: (open, (str(path), "w"))),
        ("builtins.eval", lambda path: (eval, (f"open({str(path)!r}, 'w')",))),
        ("builtins.getattr", lambda path: (getattr, (path, "touch"))),
        ("pathlib.", lambda path: (Path.touch, (path,))),
    ],
)
@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_hostile_pickle_runs_nothing(tmp_path, module, call, protocol):
    created = tmp_path / "created"
    path = tmp_path / "hostile.pkl"
    path.write_bytes(pickle.dumps({"split": {}, "x": Hostile(call(created))}, protocol=protocol))
    with pytest.raises(BadInput) as error:
        load_pickle(path)
    assert not created.exists()
    assert str(path) in str(error.value)
    assert "refused" in str(error.value)
    if module != "pathlib." and protocol > 2:
        assert module in str(error.value)


def test_the_hostile_pickle_is_real(tmp_path):
    created = tmp_path / "created"
    path = tmp_path / "hostile.pkl"
    path.write_bytes(pickle.dumps(Hostile((os.system, (f"touch {created}",)))))
    with path.open("rb") as file:
        pickle.load(file)
    assert created.exists()


def test_functions_cannot_be_altered_or_kept(tmp_path):
    # BUILD with a state for what stands for numpy.ndarray, and a bare function as the content
    for raw in (
        b"\x80\x04cnumpy\ndtype\n}\x8c\x01xK\x01sb.",
        b"\x80\x04cnumpy\ndtype\nN}\x8c\x05_makeK\x01s\x86b.",
        b"\x80\x04cnumpy\ndtype\n.",
    ):
        path = tmp_path / "altered.pkl"
        path.write_bytes(raw)
        with pytest.raises(BadInput, match="refused"):
            load_pickle(path)


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        (np.dtype([("x", "f4")]), "structured"),
        (np.dtype("datetime64[s]"), "M8"),
    ],
)
def test_other_element_types_are_refused(tmp_path, kind, named):
    path = tmp_path / "types.pkl"
    path.write_bytes(pickle.dumps(np.zeros(2, kind), protocol=4))
    with pytest.raises(BadInput, match=named):
        load_pickle(path)


def test_object_arrays_cannot_be_made_of_bytes(tmp_path):
    """An array of pointers read from a file's bytes would be a way to run code."""
    raw = pickle.dumps(np.arange(2, dtype=np.int64), protocol=2).replace(b"i8", b"O8")
    path = tmp_path / "pointers.pkl"
    path.write_bytes(raw)
    try:
        loaded = load_pickle(path)
    except BadInput:
        return
    assert all(isinstance(item, int) for item in loaded.tolist())  # bytes, never objects


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_truncated_file(tmp_path, cut):
    path = tmp_path / "cut.pkl"
    path.write_bytes(pickle.dumps(CONTENT, protocol=4)[:-cut])
    with pytest.raises(BadInput, match=r"cut\.pkl.*(truncated|damaged)"):
        load_pickle(path)


def test_missing_file_and_no_pickle(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        load_pickle(tmp_path / "none.pkl")
    text = tmp_path / "text.pkl"
    text.write_text("label\tname\n")
    with pytest.raises(BadInput, match="no readable pickle"):
        load_pickle(text)


def test_wrong_number_of_bytes(tmp_path):
    raw = pickle.dumps(np.arange(3, dtype=np.float32), protocol=4)
    path = tmp_path / "shape.pkl"
    path.write_bytes(raw.replace(b"K\x03\x85", b"K\x09\x85"))
    with pytest.raises(BadInput, match="no readable pickle"):
        load_pickle(path)
