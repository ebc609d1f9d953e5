"""Medians of several repeats, and a description of the machine they were taken on."""

import os
import platform
import statistics
import time
from pathlib import Path

PRECISIONS = ("float32", "bf16")


def medians(actions, repeats=7):
    """Milliseconds of each of the actions {name: callable}: the median of `repeats` runs."""
    return {name: wall for name, (wall, _) in measure(actions, repeats).items()}


def measure(actions, repeats=7):
    """Milliseconds of wall time and of processor time (all threads), medians, by action.

    The actions take turns, so that what else the machine does falls on all of them alike.
    """
    taken = {name: [] for name in actions}
    for action in actions.values():
        action()  # once beforehand, to have files and pages in memory
    for _ in range(repeats):
        for name, action in actions.items():
            begin, begin_processor = time.perf_counter(), time.process_time()
            action()
            wall, processor = time.perf_counter() - begin, time.process_time() - begin_processor
            taken[name].append((wall * 1e3, processor * 1e3))
    return {
        name: tuple(statistics.median(column) for column in zip(*rows))
        for name, rows in taken.items()
    }


def describe_machine():
    """One line: processor, cores, load, versions, threads."""
    import cv2
    import decord
    import numpy
    import torch

    model = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), model)
    return (
        f"{model}, {os.cpu_count()} cores (load {os.getloadavg()[0]:.1f}), "
        f"Python {platform.python_version()}, torch {torch.__version__}, "
        f"numpy {numpy.__version__}, OpenCV {cv2.__version__}, decord {decord.__version__}, "
        f"OMP_NUM_THREADS={os.environ.get('OMP_NUM_THREADS', 'unset')}, "
        f"torch threads {torch.get_num_threads()}"
    )


def table(header, rows):
    """Lines of a Markdown table."""
    rows = [[str(cell) for cell in row] for row in [header, *rows]]
    rows.insert(1, ["---"] * len(header))
    return ["| " + " | ".join(row) + " |" for row in rows]
