"""Open stores of a process: a limited number, the longest unused is closed for another.

A data set of a thousand batches has more stores than a process may hold files open.
"""

import resource
import weakref
from collections import OrderedDict
from typing import Protocol

MOST = 256  # and a quarter of what the system allows at most; libraries need files too


class Closable(Protocol):
    """Something with a file that it can open again."""

    def close(self) -> None: ...


class Handles:
    """Who holds a file open, the longest unused first. Not for several threads at once."""

    def __init__(self, most: int = MOST):
        self.most = most
        self._holders: OrderedDict[int, weakref.ref] = OrderedDict()

    def use(self, holder: Closable) -> None:
        """Tell that `holder` uses its file or is about to open it: others are closed for it where
        too many are open."""
        key = id(holder)
        if key not in self._holders:
            allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
            unlimited = allowed == resource.RLIM_INFINITY
            most = max(1, self.most if unlimited else min(self.most, allowed // 4))
            while len(self._holders) >= most:
                _, longest_unused = self._holders.popitem(last=False)
                if (other := longest_unused()) is not None:
                    other.close()
        self._holders[key] = weakref.ref(holder, lambda _, key=key: self._holders.pop(key, None))
        self._holders.move_to_end(key)

    def forget(self, holder: Closable) -> None:
        """Tell that `holder` has closed its file."""
        self._holders.pop(id(holder), None)

    def __len__(self) -> int:
        return len(self._holders)


HANDLES = Handles()
