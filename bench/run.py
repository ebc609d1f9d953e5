"""Measure what this project promises, against its peers, in one run on one thread.

    python bench/run.py                    all pieces; writes docs/benchmarks.md
    python bench/run.py heatmaps loader    some pieces, printed only

Pieces: heatmaps, tensors, loader, storage, decoding, volumes, layouts, fusion, overhead. Figures
are medians; ours and the peer's runs take turns, so ratios hold also on a busy machine.
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

from bench.decoding import bench_decoding  # noqa: E402
from bench.fusion import bench_fusion  # noqa: E402
from bench.heatmap_tensors import bench_heatmap_tensors  # noqa: E402
from bench.heatmaps import bench_heatmaps  # noqa: E402
from bench.loader import bench_loader  # noqa: E402
from bench.memory_layouts import bench_memory_layouts  # noqa: E402
from bench.overhead import bench_overhead  # noqa: E402
from bench.storage import bench_storage  # noqa: E402
from bench.timing import describe_machine  # noqa: E402
from bench.volume_step import bench_volume_step  # noqa: E402

PIECES = {
    "heatmaps": ("Heatmaps of one clip against the plain loop", bench_heatmaps),
    "tensors": (
        "From coordinates to the tensor that a network takes, against the field's way",
        bench_heatmap_tensors,
    ),
    "loader": ("One loader worker: coordinates against volumes", bench_loader),
    "storage": ("Bytes per clip", bench_storage),
    "decoding": ("Decoding: the whole stage, and the cached crops", bench_decoding),
    "volumes": ("A training step of PoseConv3D against the plain one", bench_volume_step),
    "layouts": ("Training steps on a CPU, by layout and precision", bench_memory_layouts),
    "fusion": ("The two-branch network at the paper's size: a training step", bench_fusion),
    "overhead": ("Workflow overhead", lambda: bench_overhead(ROOT)),
}


def main(chosen):
    """Run the pieces, print them, and write them down when all were asked for."""
    unknown = [name for name in chosen if name not in PIECES]
    if unknown:
        sys.exit(f"unknown piece {unknown[0]!r}; write one of: {', '.join(PIECES)}")
    lines = ["# Benchmarks", "", f"Made by `python bench/run.py`. {describe_machine()}.", ""]
    print("\n".join(lines), flush=True)
    for name in chosen or PIECES:
        title, measure = PIECES[name]
        part = [f"## {title}", "", *measure(), ""]
        print("\n".join(part), flush=True)
        lines += part
    if not chosen:
        (ROOT / "docs" / "benchmarks.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
