"""Every recogniser at full size: parameters, multiply-adds, speed of a training step.

    python bench/models.py                  all recognisers; writes docs/models.md
    python bench/models.py st_gcn_pp tsm    some of them, printed only

The rows stand in bench/recognisers.yaml, what they are compared with in bench/references.tsv. The
section on published weights is made by bench/published.py and kept.
"""

import os
import sys
from pathlib import Path

# Before numpy and torch are loaded: everything here runs on one thread.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["TQDM_DISABLE"] = "1"
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.models_page import page, section_of, with_section  # noqa: E402
from bench.recognisers import (  # noqa: E402
    Entry,
    count_multiply_adds,
    count_parameters,
    difference,
    input_shapes,
    read_entries,
)
from bench.timing import describe_machine  # noqa: E402
from bench.training_step import time_step  # noqa: E402


def measure(entry: Entry) -> tuple[list[str], float]:
    """A row of the table, and the share of a core that the timed steps had."""
    parameters, reference = count_parameters(entry), entry.reference.parameters
    taken = time_step(entry)
    row = [
        f"{entry.title} (`{entry.name}`)",
        f"{parameters:,}",
        f"{int(reference):,}" if reference.isdecimal() else reference,
        difference(parameters, entry.reference),
        f"{count_multiply_adds(entry) / 1e9:.2f} G",
        " and ".join(" x ".join(map(str, shape)) for shape in input_shapes(entry)),
        f"batch {entry.batch}, {entry.complete['optimizer']}, {taken.precision}, "
        f"{taken.steps} steps",
        f"{entry.batch / taken.seconds:.2g}",
        entry.paper,
    ]
    return row, taken.core


def main(chosen: list[str]) -> None:
    """Measure and print; write the page when all were asked for."""
    entries = read_entries()
    unknown = [name for name in chosen if name not in entries]
    if unknown:
        sys.exit(f"unknown recogniser {unknown[0]!r}; write one of: {', '.join(entries)}")
    machine = describe_machine()  # now, before this command adds to the load
    some = [entries[name] for name in chosen or entries]
    rows, cores = [], []
    for entry in some:
        row, core = measure(entry)
        rows.append(row)
        cores.append(core)
        print(*row[:-1], f"{100 * core:.0f} % of a core", sep=" | ", flush=True)
    if not chosen:
        path = ROOT / "docs" / "models.md"
        published = section_of(path.read_text(encoding="utf-8"))
        path.write_text(with_section(page(machine, cores, rows, some), published), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
