import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from microgesture.configuration.settings import FUSION_SETTINGS, complete_settings
from microgesture.datasets.clips import Clips
from microgesture.ensembles.logits import read_logits
from microgesture.models.rgbpose_fusion import merge_parents
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.training.fusion import build_fusion, fusion_options
from microgesture.weights.checkpoints import load_network, read_metadata, read_network_weights
from microgesture.weights.networks import build_network
from microgesture.weights.published import import_weights
from scripts.predict_fusion import predict as predict_fused
from scripts.predict_modality import predict
from scripts.train_fusion import train
from tests.datasets.synthetic import LABELS, write_stores
from tests.models.references import slowonly_reference as slowonly
from tests.scripts.test_train_modality import outputs_in, run

RGB = {
    "stream": "rgb",
    "model": "resnet3d",
    "model_options": {"base_channels": 8, "stage_blocks": [1] * 4, "stem_pool_stride": None},
    "rgb_frames": 4,
    "rgb_size": 16,
    "precision": "float32",
}
POSE = {
    "stream": "joint_heatmap",
    "model": "poseconv3d",
    "model_options": {"base_channels": 8, "stage_blocks": [1] * 3, "temporal_strides": [1] * 3},
    "frames": 8,
    "size": 8,
    "precision": "float32",
}
LIMBS = {"stream": "limb_heatmap", "limbs": "pyskl17"}
FUSION = {"enabled": True, "threads": 1, "rgb_parent": "rgb", "pose_parent": "heatmap"}
FUSION |= {"epochs": 1, "batch_size": 7, "frames": 8, "rgb_frames": 4, "size": 8, "rgb_size": 16}
FUSION |= {"precision": "float32", "prototype_loss": {"weight": 0.2}}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parents")
    stores = write_stores(folder)
    files, logits = {}, {}
    for name, settings in (("rgb", RGB), ("pose", POSE)):
        files[name] = run(folder, stores, settings=settings, modality=name)
        logits[name] = str(folder / f"{name}.parquet")
        checkpoint, metadata = files[name]["checkpoint"], files[name]["metadata"]
        predict(stores, checkpoint, metadata, logits[name], {}, 1, False)
    return folder, stores, files, logits


def run_fusion(trained, settings, folder, parents=None, logits=None):
    _, stores, files, tables = trained
    outputs = outputs_in(folder / "fusion")
    train(
        stores,
        parents or {name: [files[name]["checkpoint"]] for name in files},
        logits or {name: [tables[name]] for name in tables},
        outputs,
        settings={**FUSION, **settings},
        layout="coco17",
        labels=LABELS,
        seed=0,
        state=str(folder / "state"),
        provenance={"signature": "s"},
        threads=1,
        gpus=0,
    )
    return outputs


def test_before_the_first_step_the_fusion_gives_its_parents_logits(trained):
    _, _, files, _ = trained
    own = ("enabled", "threads", "rgb_parent", "pose_parent")
    given = {key: value for key, value in FUSION.items() if key not in own}
    settings = complete_settings(given, FUSION_SETTINGS)
    layout = get_layout("coco17")
    facts = {name: read_metadata(files[name]["metadata"]) for name in files}
    parents = {}
    for name in files:
        model, stream, options = (facts[name][key] for key in ("model", "stream", "options"))
        parents[name] = build_network(model, stream, 3, layout, options=options).eval()
        load_network(parents[name], files[name]["checkpoint"])
    clips = Clips(layout, [], [], np.zeros(0, int), np.zeros(0), np.zeros(0, int))
    options = fusion_options(settings, facts["rgb"]["options"], facts["pose"]["options"])
    network = build_fusion("rgbpose_fusion", 3, clips, ("rgb", "joint_heatmap"), options, 0.5)
    merge_parents(network, *(read_network_weights(files[n]["checkpoint"]) for n in ("rgb", "pose")))
    inputs = {"rgb": torch.randn(2, 3, 4, 16, 16), "pose": torch.rand(2, 17, 8, 8, 8)}
    with torch.no_grad():
        fused = network.eval()(inputs["rgb"], inputs["pose"])
        for name, logits in zip(("rgb", "pose"), fused):
            torch.testing.assert_close(logits, parents[name](inputs[name]), rtol=1e-5, atol=1e-6)


def test_best_parents_are_chosen_and_recorded(trained, tmp_path):
    _, stores, files, tables = trained
    # A second RGB candidate whose table is right on every validation clip.
    table = pd.read_parquet(tables["rgb"])
    truth = pd.concat(map(pd.read_parquet, stores["clips"])).set_index("clip")["label"]
    for label in range(3):
        right = table["clip"].map(truth) == label
        table[f"logit_{label}"] = np.where(right, 5.0, 0.0)
    table.to_parquet(tmp_path / "better.parquet")
    better = run(tmp_path, stores, 1, RGB, modality="rgb", parent=[files["rgb"]["checkpoint"]])
    outputs = run_fusion(
        trained,
        {},
        tmp_path,
        {
            "rgb": [files["rgb"]["checkpoint"], better["checkpoint"]],
            "pose": [files["pose"]["checkpoint"]],
        },
        {"rgb": [tables["rgb"], str(tmp_path / "better.parquet")], "pose": [tables["pose"]]},
    )
    facts = json.loads(Path(outputs["metadata"]).read_text(encoding="utf-8"))
    assert facts["parents"]["rgb"] == better["checkpoint"]
    scores = [choice["mean_class_accuracy"] for choice in facts["parent_choices"]["rgb"]]
    assert scores[1] == 1.0 and scores[0] < 1.0
    path = tmp_path / "logits.parquet"
    settings = {"threads": 1, "test_flip": True}
    predict_fused(stores, outputs["checkpoint"], outputs["metadata"], str(path), settings, 1, False)
    logits = read_logits(path)
    np.testing.assert_allclose(np.exp(logits.values).sum(axis=1), 1, rtol=1e-6)
    assert len(logits.clips) == 21


def test_sizes_and_parents_that_do_not_fit_are_told(trained, tmp_path):
    _, _, files, tables = trained
    with pytest.raises(BadInput, match="branches do not meet"):
        run_fusion(trained, {"rgb_size": 24}, tmp_path)
    with pytest.raises(BadInput, match="write frames as a multiple of rgb_frames"):
        run_fusion(trained, {"rgb_frames": 3}, tmp_path)
    with pytest.raises(BadInput, match="can be the pose parent; name a modality"):
        parents = {"rgb": [files["rgb"]["checkpoint"]], "pose": [files["rgb"]["checkpoint"]]}
        run_fusion(
            trained, {}, tmp_path, parents, {"rgb": [tables["rgb"]], "pose": [tables["rgb"]]}
        )


def test_from_a_published_two_branch_network_on_published_limbs(trained, tmp_path):
    """The limbs are the pose parent's, the weights those of the file, and both stay known."""
    _, stores, files, tables = trained
    pose = run(tmp_path, stores, settings={**POSE, **LIMBS, "epochs": 1}, modality="limb")
    own = str(tmp_path / "limb.parquet")
    predict(stores, pose["checkpoint"], pose["metadata"], own, {}, 1, False)
    rgb_net = {**slowonly.RGB, "base": 8, "blocks": (1, 1, 1, 1)}
    pose_net = {**slowonly.POSE, "base": 8, "blocks": (1, 1, 1), "temporal": (1, 1, 1)}
    state = slowonly.random_state(slowonly.rgbpose_shapes(17, 3, rgb_net, pose_net))
    torch.save({"state_dict": state}, tmp_path / "published.pth")
    options = {"rgb_options": RGB["model_options"], "pose_options": POSE["model_options"]}
    initial = tmp_path / "imported" / "model.safetensors"
    import_weights(
        tmp_path / "published.pth", initial, initial.with_suffix(".json"),
        model="rgbpose_fusion", stream="limb_heatmap", layout="coco17", limbs="pyskl17",
        labels=list(LABELS), source_labels=list(LABELS), options={**options, "fusion": False},
    )  # fmt: skip
    parents = {"rgb": [files["rgb"]["checkpoint"]], "pose": [pose["checkpoint"]]}
    settings = {"initial_weights": str(initial), "learning_rate": 0.0, "weight_decay": 0.0}
    outputs = run_fusion(
        trained, settings, tmp_path, parents, {"rgb": [tables["rgb"]], "pose": [own]}
    )
    facts = json.loads(Path(outputs["metadata"]).read_text(encoding="utf-8"))
    assert facts["settings"]["limbs"] == "pyskl17"
    assert facts["initial_weights"] == {
        "checkpoint": str(initial),
        "changes": ["exchanges.fusion.*: new, the file has none"],
    }
    found = read_network_weights(outputs["checkpoint"])
    taken = read_network_weights(initial)
    for name in ("pose_backbone.stem.conv.weight", "exchanges.0.pose_to_rgb.weight"):
        assert torch.equal(found[name], taken[name])
    predict_fused(
        stores,
        outputs["checkpoint"],
        outputs["metadata"],
        str(tmp_path / "f.parquet"),
        {},
        1,
        False,
    )
    assert len(read_logits(tmp_path / "f.parquet").clips)
