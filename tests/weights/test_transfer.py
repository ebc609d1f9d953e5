"""From one data set to another: other keypoints, other classes, one line of the configuration."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml
from safetensors.torch import load_file

from microgesture.bundles.layout import MANIFEST
from microgesture.pose.layouts import get_layout
from tests.datasets.synthetic import LABELS, write_stores
from tests.scripts.test_pretrain_modality import SMALL, run, settings_of, start_from
from tests.scripts.test_train_modality import run as train_first

OTHERS = ["nod", "wave", "shrug", "rest"]
TARGET = "body25"
FIRST_LAYER = "backbone.stem.conv.weight"


def settings_for(model):
    stream = "joint_heatmap" if model == "poseconv3d" else "joint"
    return {**settings_of(model, {"method": "none"}), "stream": stream}


@pytest.mark.parametrize("model", SMALL)
def test_joints_are_matched_by_name_and_classes_replaced(tmp_path, model):
    settings = settings_for(model)
    first = train_first(tmp_path / "a", write_stores(tmp_path / "a"), settings=settings)
    still = {**settings, "learning_rate": 0.0, "weight_decay": 0.0}
    stores = write_stores(tmp_path / "b", seed=1, layout=TARGET)
    second = start_from(tmp_path / "b", stores, first, still, layout=TARGET, labels=OTHERS)
    facts = json.loads(Path(second["metadata"]).read_text(encoding="utf-8"))
    changes = " ".join(facts["initial_weights"]["changes"])
    before, after = load_file(first["checkpoint"]), load_file(second["checkpoint"])
    source, target = get_layout("coco17").joints, get_layout(TARGET).joints
    assert "new, 4 classes" in changes
    if model == "skeleton_transformer":
        for number, joint in enumerate(target):
            row = after["joint_embedding"][number]
            known = joint in source
            assert (
                torch.equal(row, before["joint_embedding"][source.index(joint)])
                if known
                else not ((row == before["joint_embedding"]).all(dim=1).any())
            )
        assert f"joint_embedding: 17 of {len(target)} joints by name" in changes
        assert torch.equal(after["blocks.1.project.weight"], before["blocks.1.project.weight"])
    elif model == "poseconv3d":
        scale = len(source) / len(target)
        for number, joint in enumerate(target):
            if joint in source:
                expected = before[FIRST_LAYER][:, source.index(joint)] * scale
                torch.testing.assert_close(after[FIRST_LAYER][:, number], expected)
    else:
        same = [name for name in after if name.endswith("conv.weight")]
        assert same and all(torch.equal(after[name], before[name]) for name in same)


def test_what_was_learned_there_helps_here(tmp_path):
    """The same three movements under other names and in another layout."""
    settings = settings_for("st_gcn_pp")
    settings |= {"epochs": 30, "learning_rate": 0.05, "dropout": 0.0}
    settings["stream"] = "joint_motion"
    first = train_first(tmp_path / "a", write_stores(tmp_path / "a"), settings=settings)
    short = {**settings, "epochs": 4}
    names = [f"other {name}" for name in LABELS]
    stores = write_stores(tmp_path / "b", seed=1, layout=TARGET)
    about = {"layout": TARGET, "labels": names}
    with_it = start_from(tmp_path / "b", stores, first, short, **about)
    without = start_from(tmp_path / "c", stores, first, short, initial=[], **about)
    losses = [pd.read_csv(made["curves"], sep="\t")["loss"].iloc[-1] for made in (with_it, without)]
    assert losses[0] < 0.7 * losses[1]


def test_a_member_of_a_bundle_is_a_checkpoint(tmp_path):
    """It names a layout file as it is called in the bundle's folder."""
    stores = write_stores(tmp_path)
    settings = settings_for("st_gcn_pp")
    made = train_first(tmp_path, stores, settings=settings)
    member = tmp_path / "bundle" / "members" / "joint"
    member.mkdir(parents=True)
    (tmp_path / "bundle" / MANIFEST).write_text("{}", encoding="utf-8")
    layout = get_layout("coco17")
    edges = [[layout.joints[child], layout.joints[parent]] for child, parent in layout.edges]
    content = yaml.safe_dump({"joints": list(layout.joints), "edges": edges})
    (tmp_path / "bundle" / "layout.yaml").write_text(content, encoding="utf-8")
    shutil.copy(made["checkpoint"], member / "model.safetensors")
    facts = json.loads(Path(made["metadata"]).read_text(encoding="utf-8"))
    (member / "model.json").write_text(json.dumps({**facts, "layout": "layout.yaml"}), "utf-8")
    initial = [str(member / "model.safetensors"), str(member / "model.json")]
    still = {**settings, "learning_rate": 0.0, "weight_decay": 0.0}
    second = start_from(tmp_path / "b", stores, made, still, initial=initial)
    before, after = load_file(made["checkpoint"]), load_file(second["checkpoint"])
    names = [name for name in after if name.endswith("conv.weight")]
    assert names and all(torch.equal(after[name], before[name]) for name in names)


def test_pretraining_of_another_set_travels(tmp_path):
    """Pre-trained there without labels, fine-tuned here: what it saw is told here, in numbers."""
    first = run(tmp_path / "a", write_stores(tmp_path / "a"))
    stores = write_stores(tmp_path / "b", seed=1, layout=TARGET)
    second = start_from(tmp_path / "b", stores, first, settings_of(), layout=TARGET, labels=OTHERS)
    facts = json.loads(Path(second["metadata"]).read_text(encoding="utf-8"))
    assert facts["initial_weights"]["pretraining"]["people"] == 3
