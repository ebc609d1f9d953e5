"""How much memory a process takes, its own and that of files which it shares with others."""

import threading
import time
from pathlib import Path

STATUS = Path("/proc/self/status")
FIELDS = {"own": "RssAnon:", "files": "RssFile:"}


def memory_now() -> dict[str, float]:
    """MiB of the process: "own" memory, and mapped "files" that are in memory (Linux keeps one copy
    of them for all processes, and gives it up where memory is wanted)."""
    lines = STATUS.read_text().splitlines()
    found = {line.split()[0]: int(line.split()[1]) for line in lines if line.startswith("Rss")}
    return {name: found[field] / 1024 for name, field in FIELDS.items()}


class MemoryWatch:
    """Looks at the process's memory while the body runs. seconds: of a processor that it took
    (all threads); wall: seconds that passed; begin, end, most: `memory_now` before, after, and the
    most of each that was seen."""

    def __init__(self, every: float = 0.05):
        self._every, self._ended = every, threading.Event()

    def __enter__(self) -> "MemoryWatch":
        self.begin = self.most = memory_now()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._started = time.perf_counter(), time.process_time()
        self._thread.start()
        return self

    def __exit__(self, *error) -> None:
        self.wall = time.perf_counter() - self._started[0]
        self.seconds = time.process_time() - self._started[1]
        self.end = memory_now()
        self._ended.set()
        self._thread.join()
        self._note(self.end)

    def _look(self) -> None:
        while not self._ended.wait(self._every):
            self._note(memory_now())

    def _note(self, now: dict[str, float]) -> None:
        self.most = {name: max(value, now[name]) for name, value in self.most.items()}
