"""Two processes (gloo, on the processor) train and predict what one does."""

import json
import os
import signal
import threading
import time
from pathlib import Path

import pandas as pd
import pytest
from safetensors.torch import load_file

from microgesture.provenance.termination import Interrupted, told_by_signal
from microgesture.training.modality import train_modality
from microgesture.training.processes import run_in_processes
from tests.datasets.synthetic import LABELS, write_stores

SETTINGS = {
    "stream": "joint",
    "model": "st_gcn_pp",
    "model_options": {"base_channels": 8, "num_stages": 1, "inflate_stages": []},
    "epochs": 3,
    "batch_size": 6,
    "frames": 8,
    "dropout": 0.0,
    "precision": "float32",
}


def run(folder, stores, processes, settings=None, state=None):
    files = {"checkpoint": "model.safetensors", "metadata": "model.json", "curves": "curves.tsv"}
    outputs = {kind: str(folder / name) for kind, name in files.items()}
    folder.mkdir(exist_ok=True)
    run_in_processes(
        train_modality,
        processes,
        stores={**stores, "rgb": []},
        outputs=outputs,
        modality="joint",
        round=0,
        settings={**SETTINGS, **(settings or {})},
        layout="coco17",
        labels=LABELS,
        seed=0,
        state=state,
        threads=1,
    )
    return outputs


def with_validation(folder, count):
    """Stores of which `count` clips are for validation."""
    stores = write_stores(folder)
    left = count
    for path in stores["clips"]:
        table = pd.read_parquet(path)
        validation = table.index[table["split"] == "val"]
        table = table.drop(validation[left:])
        left -= min(left, len(validation))
        table.to_parquet(path)
    return stores


def within(seconds, function, *arguments):
    """The result of a call, or a failure where it takes too long (it hangs)."""
    found = []
    thread = threading.Thread(target=lambda: found.append(function(*arguments)), daemon=True)
    thread.start()
    thread.join(seconds)
    assert found, "it hangs, or it failed"
    return found[0]


@pytest.mark.slow
def test_one_validation_clip_and_two_processes_end(tmp_path):
    outputs = within(400, run, tmp_path / "out", with_validation(tmp_path, 1), 2)
    facts = json.loads(Path(outputs["metadata"]).read_text(encoding="utf-8"))
    assert facts["provenance"]["processes"] == 2 and facts["validation"]["accuracy"] in (0, 1)


@pytest.mark.slow
def test_two_processes_learn_as_one_does(tmp_path):
    """Same clips in every step. Batch normalisation is over each process's half, so the curves are
    near, not equal."""
    stores = write_stores(tmp_path)
    curves = [
        pd.read_csv(run(tmp_path / str(count), stores, count)["curves"], sep="\t")
        for count in (1, 2)
    ]
    assert (curves[0]["loss"] - curves[1]["loss"]).abs().max() < 0.15 * curves[0]["loss"].max()
    assert curves[0]["learning_rate"].equals(curves[1]["learning_rate"])


@pytest.mark.slow
def test_told_to_end_two_processes_go_on_bit_for_bit(tmp_path):
    stores, settings = write_stores(tmp_path), {"epochs": 12, "dropout": 0.3, "repeats": 2}
    whole = run(tmp_path / "whole", stores, 2, settings)
    state = tmp_path / "state"

    def end_when_it_goes():
        while not (state / "state.pt").exists():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=end_when_it_goes, daemon=True).start()
    with pytest.raises(Interrupted), told_by_signal():
        run(tmp_path / "part", stores, 2, settings, str(state))
    assert (state / "state.pt").exists() and not (state / "lock").exists()
    part = run(tmp_path / "part", stores, 2, settings, str(state))
    assert Path(part["curves"]).read_bytes() == Path(whole["curves"]).read_bytes()
    kept, expected = load_file(part["checkpoint"]), load_file(whole["checkpoint"])
    assert all(kept[name].equal(value) for name, value in expected.items())
