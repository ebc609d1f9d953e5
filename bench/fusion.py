"""One training step of the two-branch network at the paper's size, batch 1: time and memory.

    python -m bench.fusion bf16

measures one precision, in a process of its own, and prints JSON.
"""

import json
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from bench.recognisers import count_multiply_adds, read_entries
from bench.timing import PRECISIONS, table
from bench.training_step import time_step

ENTRY = "rgbpose_fusion"


def bench_fusion():
    """Lines of Markdown: a row a precision. Each runs in its own process, for a process never
    gives back the most memory it has had."""
    rows = []
    for precision in PRECISIONS:
        command = [sys.executable, "-m", "bench.fusion", precision]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found = json.loads(done.stdout.splitlines()[-1])
        rows.append(
            [
                found["precision"],
                f"{found['seconds']:.2f}",
                f"{found['work'] / found['seconds'] / 1e9:.0f}",
                f"{found['before']:.2f}",
                f"{found['peak']:.2f}",
            ]
        )
    header = ["arithmetic", "s a step", "G multiply-adds/s", "GiB before", "GiB at the most"]
    return [
        "The RGB branch at 8 x 224 x 224, the pose branch at 32 x 56 x 56, 32 classes, prototypes, "
        "SGD with momentum, one thread. A step is taken as three times the multiply-adds of a "
        "forward pass. Memory is that of the whole process; before: interpreter, libraries and "
        "clips.",
        "",
        *table(header, rows),
    ]


def main(precision: str) -> None:
    """Measure one precision and print it."""
    entry = read_entries()[ENTRY]
    entry = replace(entry, settings={**entry.settings, "precision": precision})
    work = 3 * count_multiply_adds(entry) * entry.batch
    before = _peak()
    step = time_step(entry)
    facts = {"precision": step.precision, "seconds": step.seconds, "work": work}
    print(json.dumps({**facts, "before": before, "peak": _peak()}))


def _peak() -> float:
    """The most memory that this process has had, GiB.

    On Linux from /proc: getrusage's figure begins with that of the process that started this one.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(row for row in status.read_text().splitlines() if row.startswith("VmHWM"))
        return int(line.split()[1]) / 2**20
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30


if __name__ == "__main__":
    main(sys.argv[1])
