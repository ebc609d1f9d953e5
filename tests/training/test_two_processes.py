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
from microgesture.training.predicting import predict_modality
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


# A network without batch normalisation
SWIN = {
    "stream": "rgb",
    "model": "video_swin",
    "model_options": {
        "embed_channels": 8,
        "stage_blocks": [1, 1],
        "stage_heads": [1, 2],
        "stochastic_depth": 0.0,
    },
    "rgb_frames": 4,
    "rgb_size": 16,
}


def run(folder, stores, processes, settings=None, state=None):
    files = {"checkpoint": "model.safetensors", "metadata": "model.json", "curves": "curves.tsv"}
    outputs = {kind: str(folder / name) for kind, name in files.items()}
    folder.mkdir(exist_ok=True)
    run_in_processes(
        train_modality,
        processes,
        stores=stores,
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


def within(seconds, function, *arguments, **named):
    """The result of a call, or a failure where it takes too long (it hangs)."""
    found = []
    thread = threading.Thread(
        target=lambda: found.append(function(*arguments, **named)), daemon=True
    )
    thread.start()
    thread.join(seconds)
    assert found, "it hangs, or it failed"
    return found[0]


@pytest.mark.slow
def test_one_validation_clip_and_two_processes_end(tmp_path):
    outputs = within(400, run, tmp_path / "out", with_validation(tmp_path, 1), 2)
    facts = json.loads(Path(outputs["metadata"]).read_text(encoding="utf-8"))
    assert facts["provenance"]["processes"] == 2 and facts["validation"]["accuracy"] in (0, 1)


# What two processes and one do differently, and how far apart their curves may then be: the largest
# difference of a loss, in parts of the largest loss.
ALIKE = {
    "each process normalises its half": ({}, 0.15),
    "synchronised": ({"batch_norm": "synchronised"}, 1e-4),
    "frozen": ({"batch_norm": "frozen"}, 1e-5),
    "without batch normalisation": (SWIN, 1e-5),
    "several passes": ({**SWIN, "micro_batch": 2, "weight_averaging": 0.5}, 1e-5),
    "short batches": ({**SWIN, "batch_size": 8, "last_batch": "weighted"}, 1e-5),
}


@pytest.mark.slow
@pytest.mark.parametrize("way", ALIKE)
def test_two_processes_learn_as_one_does(tmp_path, way):
    """Same clips in every step, 21 clips an epoch: 3 or 5 are left over, which two cannot share."""
    given, tolerance = ALIKE[way]
    stores = write_stores(tmp_path)
    outputs = [run(tmp_path / str(count), stores, count, given) for count in (1, 2)]
    curves = [pd.read_csv(each["curves"], sep="\t") for each in outputs]
    assert curves[0]["learning_rate"].equals(curves[1]["learning_rate"])
    for name in ("loss", "validation_nll"):
        assert (curves[0][name] - curves[1][name]).abs().max() < tolerance * curves[0][name].max()
    if tolerance < 0.1:
        assert curves[0]["accuracy"].equals(curves[1]["accuracy"])
    first, last = curves[0]["loss"].iloc[0], curves[0]["loss"].iloc[-1]
    assert abs(first - last) > 10 * 1e-5 * first  # something was learned
    told = json.loads(Path(outputs[1]["metadata"]).read_text(encoding="utf-8"))["provenance"]
    kinds = {"synchronised": ("synchronised", 6), "frozen": ("frozen", 0)}
    kinds["each process normalises its half"] = ("process", 3)
    statistics, clips = kinds.get(way, ("none", 0))
    assert told["batch_norm"] == {"statistics": statistics, "clips": clips}


@pytest.mark.slow
@pytest.mark.parametrize("losses", [{"prototype_loss": {"weight": 0.2, "dimension": 8}}])
def test_prototypes_passes_and_averages_in_two_processes(tmp_path, losses):
    """Fewer clips in the last batch than processes times passes; one validation clip."""
    given = {**losses, "micro_batch": 1, "batch_size": 10, "weight_averaging": 0.9}
    given |= {"batch_norm": "synchronised", "recompute_activations": True, "batches_ahead": 1}
    outputs = within(400, run, tmp_path / "out", with_validation(tmp_path, 1), 2, given)
    kept = load_file(outputs["checkpoint"])
    assert all(value.isfinite().all() for value in kept.values())
    plain = {**given, "recompute_activations": False, "batches_ahead": 0}
    again = run(tmp_path / "plain", with_validation(tmp_path, 1), 2, plain)
    assert Path(again["curves"]).read_bytes() == Path(outputs["curves"]).read_bytes()


@pytest.mark.slow
def test_two_processes_predict_the_same_bits(tmp_path):
    """Of 1 validation clip, 7 test clips and 7 unlabelled ones, in batches of 3."""
    stores = with_validation(tmp_path, 1)
    made = run(tmp_path / "one", stores, 1, {"epochs": 1})
    tables = []
    for count in (1, 2):
        path = tmp_path / f"{count}.parquet"
        within(
            *(400, run_in_processes, predict_modality, count),
            stores=stores,
            checkpoint=made["checkpoint"],
            metadata=made["metadata"],
            logits=str(path),
            settings={"batch_size": 3, "test_clips": 2, "test_flip": True},
        )
        tables.append(pd.read_parquet(path))
    assert tables[0]["split"].value_counts().to_dict() == {"test": 7, "unlabelled": 7, "val": 1}
    pd.testing.assert_frame_equal(*tables, check_exact=True)


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
