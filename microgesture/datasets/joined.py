"""Many short arrays of one kind as one: a list of them takes ten times the memory."""

from collections.abc import Iterable, Iterator
from collections.abc import Sequence as AbstractSequence

import numpy as np


class JoinedArrays(AbstractSequence):
    """A sequence of arrays of one dimension, laid one behind the other; items are views."""

    def __init__(self, arrays: Iterable[np.ndarray], dtype: np.dtype | type):
        arrays = [np.asarray(array, dtype) for array in arrays]
        self._ends = np.cumsum([len(array) for array in arrays], dtype=np.int64)
        self._all = np.concatenate(arrays) if arrays else np.empty(0, dtype)

    def __len__(self) -> int:
        return len(self._ends)

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> np.ndarray:
        number = range(len(self))[number]
        begin = self._ends[number - 1] if number else 0
        return self._all[begin : self._ends[number]]
