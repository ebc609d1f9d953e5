"""First weights from clips without their labels, on small real stores."""

import json
import os
import signal
from pathlib import Path

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from microgesture.provenance.errors import BadInput
from microgesture.provenance.termination import Interrupted, told_by_signal
from microgesture.training.saving import Saver
from scripts.pretrain_modality import pretrain
from scripts.train_modality import train
from tests.datasets.synthetic import LABELS, write_stores

SMALL = {
    "skeleton_transformer": {"base_channels": 16, "num_stages": 2, "num_heads": 4},
    "st_gcn_pp": {"base_channels": 16, "num_stages": 2, "inflate_stages": [2]},
    "poseconv3d": {"base_channels": 4, "stage_blocks": [1, 1, 1]},
}
GROUP = {
    "method": "masked_motion", "epochs": 2, "batch_size": 8, "mask_ratio": 0.6, "decoder_stages": 1,
    "warmup_epochs": 0,
}  # fmt: skip
GIVEN = {"threads": 1, "stream": "joint", "epochs": 1, "batch_size": 7, "frames": 8, "size": 32}


def settings_of(model="skeleton_transformer", group=None, **own):
    return {
        **GIVEN, "model": model, "model_options": SMALL[model], "pretrain": {**GROUP, **(group or {})},
        **own,
    }  # fmt: skip


def outputs_in(folder):
    files = {"checkpoint": "model.safetensors", "metadata": "model.json", "curves": "curves.tsv"}
    return {kind: str(folder / name) for kind, name in files.items()}


def run(folder, stores, settings=None, **changes):
    outputs = outputs_in(folder / "pretrained")
    folder.mkdir(parents=True, exist_ok=True)
    lost = folder / "lost.tsv"
    lost.write_text("clip\tvideo\tsubject\tsplit\tproblem\n", encoding="utf-8")
    arguments = {
        "lost": [str(lost)],
        "modality": "joint",
        "settings": settings or settings_of(),
        "mode": "transductive",
        "layout": "coco17",
        "seed": 0,
        "initial": [],
        "state": str(folder / "state"),
        "provenance": {"signature": "s"},
        "threads": 1,
        "gpus": 0,
    }
    pretrain(stores, outputs, **{**arguments, **changes})
    return outputs


def start_from(folder, stores, made, settings, **changes):
    """train_modality, round 0, from a checkpoint."""
    outputs = outputs_in(folder / "0")
    arguments = {
        "modality": "joint",
        "round": 0,
        "settings": settings,
        "layout": "coco17",
        "labels": LABELS,
        "seed": 0,
        "pseudo_labels": [],
        "parent": [],
        "initial": [made["checkpoint"], made["metadata"]],
        "provenance": {},
        "state": str(folder / "state"),
        "threads": 1,
        "gpus": 0,
    }
    train(stores, outputs, **{**arguments, **changes})
    return outputs


def facts_of(outputs):
    return json.loads(Path(outputs["metadata"]).read_text(encoding="utf-8"))


def without_labels(stores):
    for path in stores["clips"]:
        pd.read_parquet(path).assign(label=-1).to_parquet(path)
    return stores


@pytest.mark.parametrize("model", SMALL)
def test_a_network_is_pretrained_and_training_starts_from_it(tmp_path, model):
    stores = write_stores(tmp_path)
    heatmap = {"stream": "joint_heatmap"} if model == "poseconv3d" else {}
    group = {"method": "masked_joints"} if heatmap else {}
    settings = settings_of(model, group, **heatmap)
    made = run(tmp_path, stores, settings)
    facts, weights = facts_of(made), load_file(made["checkpoint"])
    assert facts["labels"] == [] and facts["round"] == "pretrained" and facts["model"] == model
    assert not any(name.startswith(("classifier.", "fc.")) for name in weights)
    assert any(name.startswith("losses.decoder.") for name in weights)
    curves = pd.read_csv(made["curves"], sep="\t")
    assert curves["epoch"].tolist() == [1, 2] and curves["accuracy"].isna().all()
    assert not (tmp_path / "state").exists()
    # With a rate of 0 the weights of round 0 are those it started from, but for the classifier.
    later = {**settings, "learning_rate": 0.0, "weight_decay": 0.0}
    trained = start_from(tmp_path, stores, made, later)
    after = load_file(trained["checkpoint"])
    learned = [n for n in after if not n.startswith("losses.") and "running_" not in n]
    learned = [
        n for n in learned if "num_batches" not in n and not n.startswith(("classifier.", "fc."))
    ]
    assert learned and all(torch.equal(after[name], weights[name]) for name in learned)
    told = facts_of(trained)["initial_weights"]
    assert told["pretraining"]["people"] == 3 and told["pretraining"]["digest"]
    assert "subject" not in json.dumps(told)  # names of people do not travel with later checkpoints


def test_what_was_seen_stands_in_the_checkpoint(tmp_path):
    stores = write_stores(tmp_path)
    seen = facts_of(run(tmp_path / "a", stores))["pretraining"]
    assert seen["people"] == ["subject a", "subject b", "subject c"] and not seen["scored_people"]
    assert (seen["method"], seen["clips"], seen["number"], seen["used"]) == (
        "masked_motion", "labelled", 21, 21,
    )  # fmt: skip
    everybody = facts_of(run(tmp_path / "b", stores, settings_of(group={"clips": "all"})))[
        "pretraining"
    ]
    assert everybody["scored_people"] == ["subject e"] and everybody["number"] == 35
    assert "subject d" not in everybody["people"]  # of val
    assert everybody["digest"] != seen["digest"]


def test_no_label_has_a_say(tmp_path):
    settings = settings_of(group={"clips": "unlabelled"})
    one = run(tmp_path / "one", write_stores(tmp_path / "one"), settings)
    two = run(tmp_path / "two", without_labels(write_stores(tmp_path / "two")), settings)
    for kind in one:
        assert Path(one[kind]).read_bytes() == Path(two[kind]).read_bytes(), kind
    other = run(tmp_path / "three", write_stores(tmp_path / "three"), settings, seed=1)
    assert Path(one["checkpoint"]).read_bytes() != Path(other["checkpoint"]).read_bytes()


def test_told_to_end_it_goes_on_bit_for_bit(tmp_path, monkeypatch):
    stores = write_stores(tmp_path)
    settings = settings_of("st_gcn_pp")
    whole = run(tmp_path / "whole", stores, settings)
    steps, step = [], Saver.step

    def counted(self, so_far):
        steps.append(so_far.step)
        if len(steps) == 3:  # in the second epoch
            os.kill(os.getpid(), signal.SIGTERM)
        step(self, so_far)

    monkeypatch.setattr(Saver, "step", counted)
    with pytest.raises(Interrupted), told_by_signal():
        run(tmp_path / "part", stores, settings)
    assert (tmp_path / "part" / "state" / "state.pt").exists()
    part = run(tmp_path / "part", stores, settings)
    assert len(steps) == 2 * 2  # no step twice; the last of every epoch asks nothing
    for kind in whole:
        assert Path(whole[kind]).read_bytes() == Path(part[kind]).read_bytes(), kind


def test_the_classifier_is_retrained_behind_it(tmp_path):
    stores = write_stores(tmp_path)
    made = run(tmp_path, stores)
    settings = {**settings_of(), "classifier_retraining": {"epochs": 2}}
    curves = pd.read_csv(start_from(tmp_path, stores, made, settings)["curves"], sep="\t")
    assert curves["stage"].tolist() == ["network", "classifier", "classifier"]


def test_it_starts_from_weights_of_others(tmp_path):
    stores = write_stores(tmp_path)
    first = run(tmp_path / "a", stores)
    initial = [first["checkpoint"], first["metadata"]]
    group = {"learning_rate": 0.0, "weight_decay": 0.0, "epochs": 1}
    second = run(tmp_path / "b", stores, settings_of(group=group), initial=initial, seed=5)
    before, after = load_file(first["checkpoint"]), load_file(second["checkpoint"])
    names = [n for n in after if n.startswith("blocks.")]
    assert names and all(torch.equal(before[name], after[name]) for name in names)
    assert facts_of(second)["initial_weights"]["checkpoint"] == first["checkpoint"]


def test_clips_in_unreadable_videos_are_left_out(tmp_path):
    stores = write_stores(tmp_path)
    lost = tmp_path / "gone.tsv"
    lost.write_text(
        "clip\tvideo\tsubject\tsplit\tproblem\nz_1\tz\tz\ttrain\tis empty\n", encoding="utf-8"
    )
    settings = settings_of(group={"clips": "unlabelled"})
    seen = facts_of(run(tmp_path, stores, settings, lost=[str(lost)]))["pretraining"]
    assert (seen["number"], seen["used"]) == (29, 28) and "subject z" in seen["people"]


def test_a_stream_without_a_method_is_refused(tmp_path):
    stores = write_stores(tmp_path)
    settings = settings_of("poseconv3d", stream="joint_heatmap")
    with pytest.raises(BadInput, match="not made for the stream joint_heatmap"):
        run(tmp_path, stores, settings)


TUBES = {
    "stream": "rgb",
    "model": "video_mae",
    "model_options": {"width": 16, "num_blocks": 2, "num_heads": 2, "tubelet": [2, 4, 4]},
    "rgb_frames": 4,
    "rgb_size": 16,
}
RESNET = {"model": "resnet3d", "model_options": {"base_channels": 4, "stage_blocks": [1, 1]}}


@pytest.mark.parametrize(
    ("model", "weights"),
    [
        ({}, (1.0, 0.0)),
        ({}, (1.0, 0.5)),
        ({}, (0.0, 1.0)),
        (RESNET, (0.0, 1.0)),
        (RESNET, (1.0, 0.5)),
    ],
)
def test_pictures_are_pretrained_with_and_without_the_persons_joints(tmp_path, model, weights):
    stores = write_stores(tmp_path)
    group = {"method": "masked_tubes", "mask_ratio": 0.75, "epochs": 2}
    group |= {"pixel_weight": weights[0], "keypoint_weight": weights[1]}
    settings = {**GIVEN, **TUBES, **model, "frames": 9, "pretrain": {**GROUP, **group}}
    files = stores if weights[1] else {**stores, "skeletons": []}  # which the plan leaves out then
    made = run(tmp_path, files, settings)
    facts, before = facts_of(made), load_file(made["checkpoint"])
    assert facts["pretraining"]["method"] == "masked_tubes" and facts["stream"] == "rgb"
    parts = {name for name in before if name.startswith("losses.decoder.")}
    assert any(".pixels." in name for name in parts) == (weights[0] > 0)
    assert any(".joints." in name for name in parts) == (weights[1] > 0)
    curves = pd.read_csv(made["curves"], sep="\t")
    assert curves["loss"].between(0.1, 10).all()
    # the training behind it sees pictures alone
    later = {**settings, "learning_rate": 0.0, "weight_decay": 0.0}
    after = load_file(start_from(tmp_path, {**stores, "skeletons": []}, made, later)["checkpoint"])
    learned = [n for n in after if not n.startswith(("losses.", "classifier."))]
    given = [
        name for name in learned if not name.endswith(("running_mean", "running_var", "tracked"))
    ]
    assert all(torch.equal(after[name], before[name]) for name in given)
    assert ("backbone.stem.conv.weight" if model else "blocks.0.attn.qkv.weight") in given
    assert model or "fc_norm.weight" in given
