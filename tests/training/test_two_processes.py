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


def arguments(folder, stores, settings=None, state=None):
    """Of `train_modality`; what it writes stands in `folder`."""
    files = {"checkpoint": "model.safetensors", "metadata": "model.json", "curves": "curves.tsv"}
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "stores": stores,
        "outputs": {kind: str(folder / name) for kind, name in files.items()},
        "modality": "joint",
        "round": 0,
        "settings": {**SETTINGS, **(settings or {})},
        "layout": "coco17",
        "labels": LABELS,
        "seed": 0,
        "state": state,
        "threads": 1,
    }


def run(folder, stores, processes, settings=None, state=None):
    given = arguments(folder, stores, settings, state)
    run_in_processes(train_modality, processes, **given)
    return given["outputs"]


def run_all(trainings, predictions):
    """One after the other in the same processes, whose start takes longer than they do."""
    for given in trainings:
        train_modality(**given)
    for given in predictions:
        predict_modality(**given)


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
# difference of a loss, in parts of the largest loss. Of 21 clips 3 or 5 are left over in the last
# batch, which two cannot share evenly.
ALIKE = {
    "each process normalises its half": ({}, 0.15),
    "synchronised": ({"batch_norm": "synchronised"}, 1e-4),
    "frozen": ({"batch_norm": "frozen"}, 1e-5),
    "without batch normalisation": (SWIN, 1e-5),
    "several passes": ({**SWIN, "micro_batch": 2, "weight_averaging": 0.5}, 1e-5),
    "short batches": ({**SWIN, "batch_size": 8, "last_batch": "weighted"}, 1e-5),
}
# Fewer clips in the last batch (1) than processes and passes, and one validation clip
ALL_AT_ONCE = {
    **{"batch_size": 10, "micro_batch": 1, "weight_averaging": 0.9, "batch_norm": "synchronised"},
    **{"prototype_loss": {"weight": 0.2, "dimension": 8}, "epochs": 2},
}
HOW = {"recompute_activations": True, "batches_ahead": 1}
PREDICTED = {"batch_size": 3, "test_clips": 2, "test_flip": True, "precision": "float32"}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder with what one process has made of all that, and two: 1/ and 2/."""
    folder = tmp_path_factory.mktemp("trained")
    stores = write_stores(folder / "all")
    few = with_validation(folder / "few", 1)
    made = arguments(folder / "made", few, {"epochs": 1})
    train_modality(**made)
    for count in (1, 2):
        at = folder / str(count)
        trainings = [arguments(at / way, stores, given) for way, (given, _) in ALIKE.items()]
        for name, how in (("plain", {}), ("how", HOW)):
            trainings.append(arguments(at / name, few, {**ALL_AT_ONCE, **how}))
        prediction = {
            "stores": few,
            **{name: made["outputs"][name] for name in ("checkpoint", "metadata")},
            "logits": str(at / "logits.parquet"),
            "settings": PREDICTED,
        }
        within(
            *(1200, run_in_processes, run_all, count),
            trainings=trainings,
            predictions=[prediction],
        )
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("way", ALIKE)
def test_two_processes_learn_as_one_does(trained, way):
    _, tolerance = ALIKE[way]
    folders = [trained / str(count) / way for count in (1, 2)]
    curves = [pd.read_csv(folder / "curves.tsv", sep="\t") for folder in folders]
    assert curves[0]["learning_rate"].equals(curves[1]["learning_rate"])
    for name in ("loss", "validation_nll"):
        apart = (curves[0][name] - curves[1][name]).abs().max()
        assert apart < tolerance * curves[0][name].max(), name
    if tolerance < 0.1:
        assert curves[0]["accuracy"].equals(curves[1]["accuracy"])
    losses = curves[0]["loss"].tolist()
    assert abs(losses[0] - losses[-1]) > 1e-3 * losses[0]  # something was learned
    told = json.loads((folders[1] / "model.json").read_text(encoding="utf-8"))["provenance"]
    assert told["processes"] == 2
    kinds = {"synchronised": ("synchronised", 6), "frozen": ("frozen", 0)}
    kinds["each process normalises its half"] = ("process", 3)
    statistics, clips = kinds.get(way, ("none", 0))
    assert told["batch_norm"] == {"statistics": statistics, "clips": clips}


@pytest.mark.slow
def test_passes_prototypes_and_averages_in_two_processes(trained):
    """They end, and how they run changes no bit."""
    for name in ("model.safetensors", "curves.tsv"):
        plain, how = (trained / "2" / way / name for way in ("plain", "how"))
        if name == "curves.tsv":
            assert plain.read_bytes() == how.read_bytes()
        else:
            kept, expected = load_file(how), load_file(plain)
            assert all(kept[key].equal(value) for key, value in expected.items())
            assert all(value.isfinite().all() for value in expected.values())


@pytest.mark.slow
def test_two_processes_predict_the_same_bits(trained):
    """Of 1 validation clip, 7 test clips and 7 unlabelled ones, in batches of 3."""
    tables = [pd.read_parquet(trained / str(count) / "logits.parquet") for count in (1, 2)]
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
