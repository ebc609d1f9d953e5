"""Memory and time by the number of clips: loading, one epoch of a small network, prediction.

    python -m bench.scale_memory --clips 1000 10000 100000            prints the table
    ... --page docs/scale.md                                          and puts it on the page

The clips are made up (48 frames, 68 points), lie in the stores that the workflow makes, and go
through its own loader, training loop and prediction, on one thread, in a process for each number.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["TQDM_DISABLE"] = "1"

import numpy as np  # noqa: E402

from bench.by_clips import run_by_clips  # noqa: E402
from bench.made_stores import CLASSES, write_skeletons  # noqa: E402
from bench.memory_watch import MemoryWatch  # noqa: E402
from bench.timing import describe_machine, table  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
FRAMES, LAYOUT = 48, "h68"
SETTINGS = {
    "stream": "joint",
    "model": "st_gcn_pp",
    "model_options": {"base_channels": 8, "num_stages": 2},
    "frames": 8,
    "epochs": 1,
    "batch_size": 64,
    "learning_rate": 0.01,
    "precision": "float32",
}
PHASES = ("load", "epoch", "predict")
SECTION = "memory"


def measure_phases(stores: dict[str, list]) -> dict:
    """Processor seconds, and MiB of memory beside that of the libraries, of every phase, in this
    process. "arrays": MiB of the same clips as arrays of the process's own.
    """
    import torch

    from microgesture.configuration.settings import complete_settings
    from microgesture.training.device import make_accelerator
    from microgesture.training.loop import train
    from microgesture.training.prediction import predict_logits
    from microgesture.training.recogniser import Recogniser
    from microgesture.training.stores import load_stores
    from microgesture.weights.networks import build_network

    settings, streams = complete_settings(SETTINGS), (SETTINGS["stream"],)
    accelerator = make_accelerator(False, settings["precision"])
    torch.manual_seed(0)
    found = {}
    with MemoryWatch() as watch:
        clips = load_stores(stores, streams, settings, LAYOUT, ("train",))
    nothing = watch.begin
    found["load"] = _facts(watch, nothing)
    network = build_network(
        settings["model"],
        settings["stream"],
        CLASSES,
        clips.layout,
        options=SETTINGS["model_options"],
    )
    everything, none = np.arange(len(clips)), np.empty(0, np.int64)
    recogniser = Recogniser(network, CLASSES, settings, skeleton=True)
    counts = clips.counts(everything, CLASSES)
    with MemoryWatch() as watch:
        train(
            recogniser, clips, everything, none, streams, settings, accelerator,
            counts=counts, seed=0,
        )  # fmt: skip
    found["epoch"] = _facts(watch, nothing)
    model = accelerator.prepare_model(recogniser, evaluation_mode=True)
    with MemoryWatch() as watch:
        logits = predict_logits(model, clips, everything, streams, settings, accelerator)
    assert logits.shape == (len(clips), CLASSES) and np.isfinite(logits).all()
    found["predict"] = _facts(watch, nothing)
    found["arrays"] = sum(points.nbytes for points in clips.points) / 2**20
    return found


def _facts(watch: MemoryWatch, nothing: dict[str, float]) -> dict[str, float]:
    own, files = (watch.most[name] - nothing[name] for name in ("own", "files"))
    return {"seconds": watch.seconds, "own": own, "files": files}


def measure(clips: int, folder: Path) -> dict:
    """Make the stores of so many clips, measure in a fresh process."""
    begin = time.perf_counter()
    stores = write_skeletons(folder, clips, FRAMES, LAYOUT)
    written = time.perf_counter() - begin
    size = sum(os.path.getsize(path) for path in stores["skeletons"])
    told = subprocess.run(
        [sys.executable, "-m", "bench.scale_memory", "--measure"],
        input=json.dumps(stores),
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    if told.returncode:
        sys.exit(told.stderr)
    phases = json.loads(told.stdout.splitlines()[-1])
    return {"clips": clips, "megabytes": size / 2**20, "writing": written, "phases": phases}


def section(rows: list[dict]) -> list[str]:
    """Lines of the page's section."""
    cells = []
    for row in rows:
        phases = row["phases"]
        cells.append(
            [f"{row['clips']:,}", f"{row['megabytes']:,.0f}"]
            + [f"{phases[name]['seconds']:.1f}" for name in PHASES]
            + [f"{phases[name]['own']:.0f}" for name in PHASES]
            + [f"{max(phases[name]['files'] for name in PHASES):,.0f}"]
            + [f"{phases['arrays']:,.0f}"]
        )
    head = ["clips", "stores, MiB", "load s", "epoch s", "predict s"]
    head += ["load: own MiB", "epoch: own MiB", "predict: own MiB", "shared MiB", "as arrays, MiB"]
    return [
        f"Made by `python -m bench.scale_memory`. {describe_machine()}.",
        "",
        f"Clips of {FRAMES} frames and 68 points; {SETTINGS['model']} of base width "
        f"{SETTINGS['model_options']['base_channels']} on {SETTINGS['frames']} frames, batches of "
        f"{SETTINGS['batch_size']}; processor seconds. Own: the most that the process held beyond "
        "libraries, and what no other process shares. Shared: mapped stores in memory, one copy "
        "for all processes of the machine, given up where memory is wanted. As arrays: what the "
        "same skeletons take in every process where they are not mapped.",
        "",
        *table(head, cells),
    ]


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write the page's section where asked for."""
    run_by_clips(
        arguments,
        about=__doc__.split("\n")[0],
        clips=[1000, 10_000, 100_000],
        inside=measure_phases,
        measure=measure,
        section=section,
        name=SECTION,
    )


if __name__ == "__main__":
    main()
