"""Read pickles that come from outside: numbers, text, plain containers and numpy arrays only.

A pickle is a program. This reader gives it no function to call but its own: arrays are described
by the pickle and built here from bytes and a checked element type, so not even numpy's own
unpickling code sees foreign input. Pickles of numpy 1 and 2 and of protocols 0 to 5 are read.
"""

import io
import pickle
import re
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from microgesture.provenance.errors import BadInput

_PLAIN_TYPE = re.compile(r"[?biufcSU]\d*")  # element types that are only bytes


class _Refused(Exception):
    """The pickle asks for something that is not data."""


class _Call:
    """A function that a pickle may call. Immutable, so that a pickle cannot alter it."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable):
        object.__setattr__(self, "_make", make)

    def __call__(self, *arguments):
        return self._make(*arguments)

    def __setattr__(self, name, value):
        raise _Refused("an attribute of a function")

    def __setstate__(self, state):
        raise _Refused("the state of a function")


class _Type:
    """A numpy element type as a pickle describes it."""

    __slots__ = ("order", "text")

    def __init__(self, text="", *_):
        self.text, self.order = text.decode() if isinstance(text, bytes) else text, "="

    def __setstate__(self, state):
        # (version, byte order, subarray, names, fields, ...): the rest must be plain
        if any(part is not None for part in state[2:5]):
            raise _Refused("a structured numpy type")
        self.order = state[1]

    def build(self) -> np.dtype:
        if not isinstance(self.text, str) or not _PLAIN_TYPE.fullmatch(self.text):
            raise _Refused(f"the numpy type {self.text!r}")
        return np.dtype(self.text).newbyteorder({"|": "="}.get(self.order, self.order))


class _Array:
    """A numpy array as a pickle describes it; `build` makes it."""

    __slots__ = ("built", "order", "raw", "shape", "type")

    def __init__(self, *_):
        self.type, self.raw, self.shape, self.order, self.built = None, b"", (0,), "C", None

    def __setstate__(self, state):
        _, self.shape, self.type, fortran, self.raw = state
        self.order = "F" if fortran else "C"

    @classmethod
    def from_buffer(cls, raw, kind, shape, order):
        array = cls()
        array.raw, array.type, array.shape, array.order = raw, kind, shape, order
        return array

    def build(self, resolve: Callable[[Any], Any]) -> np.ndarray:
        if self.built is None:
            if self.type.text in ("O", "O8"):
                self.built = np.empty(len(self.raw), object)
                for place, item in enumerate(self.raw):
                    self.built[place] = resolve(item)
            else:
                kind = self.type.build()
                values = np.frombuffer(_as_bytes(self.raw), kind)
                self.built = values.astype(kind.newbyteorder("="))  # a copy that may be written to
            self.built = self.built.reshape(self.shape, order=self.order)
        return self.built


class _Scalar:
    """A numpy number as a pickle describes it."""

    __slots__ = ("raw", "type")

    def __init__(self, kind, raw=b""):
        self.type, self.raw = kind, raw

    def build(self):
        return np.frombuffer(_as_bytes(self.raw), self.type.build(), count=1)[0]


def _as_bytes(raw) -> bytes:
    return raw.encode("latin1") if isinstance(raw, str) else bytes(raw)


def _encode(text: str, encoding: str) -> bytes:
    if encoding != "latin1":
        raise _Refused(f"the encoding {encoding!r}")
    return text.encode("latin1")


def _allowed(module: str, name: str) -> Any:
    """What stands for a global that a pickle of plain data needs; None for any other."""
    module = {"__builtin__": "builtins"}.get(module, module.replace("numpy._core", "numpy.core"))
    table = {
        ("numpy", "ndarray"): _Array,  # only an argument of _reconstruct
        ("numpy", "dtype"): _Type,
        ("numpy.core.multiarray", "_reconstruct"): _Array,
        ("numpy.core.multiarray", "scalar"): _Scalar,
        ("numpy.core.numeric", "_frombuffer"): _Array.from_buffer,
        ("collections", "OrderedDict"): OrderedDict,
        ("builtins", "set"): set,
        ("builtins", "frozenset"): frozenset,
        ("builtins", "complex"): complex,
        ("builtins", "bytes"): bytes,
        ("builtins", "bytearray"): bytearray,
        ("_codecs", "encode"): _encode,
    }
    make = table.get((module, name))
    return None if make is None else _Call(make)


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        found = _allowed(module, name)
        if found is None:
            raise _Refused(f"{module}.{name}")
        return found

    def persistent_load(self, pid):
        raise _Refused(f"the external object {pid!r}")


def _resolver() -> Callable[[Any], Any]:
    """A function that puts real arrays in the place of described ones, within containers too."""
    done: dict[int, Any] = {}
    kept = []  # keeps ids from being used again

    def resolve(value):
        if isinstance(value, _Array):
            return value.build(resolve)
        if isinstance(value, _Scalar):
            return value.build()
        if isinstance(value, _Type):
            return value.build()
        if isinstance(value, _Call):
            raise _Refused("a function as a value")
        if not isinstance(value, list | tuple | dict | set | frozenset):
            return value
        if id(value) in done:
            return done[id(value)]
        kept.append(value)
        done[id(value)] = value  # a container within itself ends here
        if isinstance(value, list):
            value[:] = [resolve(item) for item in value]
        elif isinstance(value, dict):
            items = [(resolve(key), resolve(item)) for key, item in value.items()]
            value.clear()
            value.update(items)
        else:
            done[id(value)] = type(value)(resolve(item) for item in value)
        return done[id(value)]

    return resolve


def load_pickle(path: str | Path, content: bytes | None = None) -> Any:
    """The content of a pickle file: None, bool, numbers, text, bytes, list, tuple, dict, set, numpy
    arrays (of numbers, text, or such objects) and numpy numbers. Nothing in it is executed.
    content: a pickle inside the file `path`, instead of the whole file.

    Arrays are in the machine's byte order and writable. Raises BadInput for a missing, damaged or
    truncated file, and for a pickle that holds or calls anything else; it names what was refused.
    """
    path = Path(path)
    try:
        with path.open("rb") if content is None else io.BytesIO(content) as file:
            # Python 2 wrote bytes as text; latin1 maps them one to one.
            return _resolver()(_Unpickler(file, encoding="latin1").load())
    except _Refused as refused:
        raise BadInput(
            f"{path}: refused, the pickle asks for {refused}. Only numpy arrays and plain "
            f"containers are read, because anything else can run code on this machine. If the file "
            f"is yours, load it where it was made and write it anew with arrays (numpy.asarray), "
            f"lists and dictionaries only"
        ) from None
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except RecursionError as error:
        raise BadInput(f"{path}: is nested too deeply to be a data file") from error
    except Exception as error:  # a damaged pickle can fail anywhere
        raise BadInput(
            f"{path}: is no readable pickle ({type(error).__name__}: {error}); it is damaged, "
            f"truncated or of another format. Fetch it again and compare its size"
        ) from error
