import json
from pathlib import Path

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from microgesture.provenance.errors import BadInput
from scripts.predict_modality import predict
from scripts.train_modality import train
from tests.datasets.synthetic import LABELS, write_stores

SETTINGS = {
    "threads": 1,
    "stream": "joint",
    "model": "st_gcn_pp",
    "model_options": {"base_channels": 16, "num_stages": 2, "inflate_stages": [2]},
    "epochs": 1,
    "batch_size": 7,
    "frames": 8,
}


def outputs_in(folder):
    files = {"checkpoint": "model.safetensors", "metadata": "model.json"}
    files["curves"] = "curves.tsv"
    return {kind: str(folder / name) for kind, name in files.items()}


def run(folder, stores, round=0, settings=None, **changes):
    outputs = outputs_in(folder / f"{changes.get('modality', 'joint')}{round}")
    arguments = {
        "modality": "joint",
        "round": round,
        "settings": {**SETTINGS, **(settings or {})},
        "layout": "coco17",
        "labels": LABELS,
        "seed": 0,
        "pseudo_labels": [],
        "parent": [],
        "initial": [],
        "provenance": {"signature": "s"},
        "state": str(folder / "state"),
        "threads": 1,
        "gpus": 0,
    }
    train(stores, outputs, **{**arguments, **changes})
    return outputs


def test_two_rounds_and_prediction(tmp_path):
    stores = write_stores(tmp_path)
    first = run(tmp_path, stores)
    facts = json.loads(Path(first["metadata"]).read_text(encoding="utf-8"))
    assert facts["labels"] == LABELS and facts["epoch"] == 1 and facts["stream"] == "joint"
    assert set(facts["validation"]) == {"nll", "accuracy", "mean_class_accuracy"}
    assert facts["clips"] == {"labelled": 21, "pseudo_labelled": 0}
    curves = pd.read_csv(first["curves"], sep="\t")
    assert curves["epoch"].tolist() == [1]
    assert not (tmp_path / "state").exists()

    logits = tmp_path / "logits.parquet"
    settings = {"threads": 1, "test_clips": 2, "test_flip": True}
    predict(stores, first["checkpoint"], first["metadata"], str(logits), settings, 1, False)
    table = pd.read_parquet(logits)
    assert table.columns.tolist() == ["clip", "split", "logit_0", "logit_1", "logit_2"]
    assert table["clip"].is_monotonic_increasing and len(table) == 21
    assert set(table["split"]) == {"val", "test", "unlabelled"}
    assert not table.isna().any().any()

    # With a rate of 0 the second round's weights are those it starts from.
    pseudo = tmp_path / "pseudo.parquet"
    rows = {"clip": ["e_1", "f_2"], "label": [1, 2], "confidence": [0.9, 0.9]}
    pd.DataFrame(rows).to_parquet(pseudo)
    changes = {"pseudo_labels": [str(pseudo)], "parent": [first["checkpoint"]]}
    second = run(tmp_path, stores, 1, {"learning_rate": 0.0}, **changes)
    facts = json.loads(Path(second["metadata"]).read_text(encoding="utf-8"))
    assert facts["clips"] == {"labelled": 21, "pseudo_labelled": 2}
    assert facts["parent"] == first["checkpoint"]
    before, after = load_file(first["checkpoint"]), load_file(second["checkpoint"])
    assert torch.equal(before["classifier.weight"], after["classifier.weight"])

    pd.DataFrame({"clip": ["a_1"], "label": [1]}).to_parquet(pseudo)
    with pytest.raises(BadInput, match=r"'a_1' \(train, subject a\) is no target clip"):
        run(tmp_path, stores, 1, **changes)
    # Another name for a class changes no number; another number of classes is another network.
    renamed = run(
        tmp_path, stores, 1, {"learning_rate": 0.0}, labels=list("xyz"), parent=changes["parent"]
    )
    assert torch.equal(
        load_file(renamed["checkpoint"])["classifier.weight"], before["classifier.weight"]
    )
    with pytest.raises(BadInput, match=r"classifier.weight is \(3, .*the network has \(4"):
        run(tmp_path, stores, 1, labels=list("wxyz"), parent=changes["parent"])


def test_two_runs_give_the_same_bytes(tmp_path):
    stores = write_stores(tmp_path)
    given = {"checkpoint": "best", "prototype_loss": {"weight": 0.2}, "epochs": 2}
    one = run(tmp_path / "one", stores, settings=given)
    two = run(tmp_path / "two", stores, settings=given)
    for kind in one:
        assert Path(one[kind]).read_bytes() == Path(two[kind]).read_bytes(), kind


def test_initial_weights_of_another_training(tmp_path):
    """Another labels table: all but the classifier is that of the other checkpoint."""
    stores = write_stores(tmp_path)
    first = run(tmp_path / "a", stores, labels=[[name, ""] for name in [*LABELS, "nothing"]])
    path, metadata = first["checkpoint"], first["metadata"]
    given = {"initial_weights": path, "learning_rate": 0.0}
    second = run(tmp_path / "b", stores, settings=given, initial=[path, metadata])
    facts = json.loads(Path(second["metadata"]).read_text(encoding="utf-8"))
    assert facts["initial_weights"] == {
        "checkpoint": path,
        "changes": ["classifier: new, 3 classes"],
    }
    before, after = load_file(path), load_file(second["checkpoint"])
    same = {name for name in after if torch.equal(before[name], after[name])}
    statistics = {name for name in after if "running_" in name or "num_batches" in name}
    assert set(after) - same == {"classifier.weight", "classifier.bias"} | statistics
    given = {"model_options": {**SETTINGS["model_options"], "base_channels": 8}}
    with pytest.raises(BadInput, match="layers differ from the network"):
        run(tmp_path / "c", stores, settings=given, initial=[path, metadata])


def test_unknown_setting(tmp_path):
    with pytest.raises(BadInput, match="epoch is no known setting; did you mean 'epochs'"):
        run(tmp_path, write_stores(tmp_path), settings={"epoch": 3})


@pytest.mark.parametrize(
    ("stream", "model", "options"),
    [
        ("rgb", "resnet3d", {"base_channels": 4, "stage_blocks": [1, 1, 1, 1]}),
        ("rgb", "tsm", {"depth": 18, "base_channels": 4}),
        ("rgb", "r2plus1d", {"base_channels": 8, "stage_blocks": [1, 1, 1, 1]}),
        ("joint_heatmap", "poseconv3d", {"base_channels": 4, "stage_blocks": [1, 1, 1]}),
        ("joint", "hypergraph_transformer", {"base_channels": 24, "num_stages": 2, "num_heads": 2}),
        ("joint", "decoupled_st_cnn", {}),
    ],
)
def test_networks_of_every_kind_train_and_predict(tmp_path, stream, model, options):
    stores = write_stores(tmp_path)
    given = {"stream": stream, "model": model, "model_options": options, "size": 32}
    given |= {"rgb_frames": 8, "rgb_size": 32}
    made = run(tmp_path, stores, settings=given, modality="one")
    logits = tmp_path / "logits.parquet"
    predict(stores, made["checkpoint"], made["metadata"], str(logits), {"threads": 1}, 1, False)
    assert not pd.read_parquet(logits).isna().any().any()
