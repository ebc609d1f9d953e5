"""Which files jobs take in, on a small configuration, worked out by hand.

`made` stands for the sharing between runs: the first seed of the whole system is the main run, and
`no_prototypes` changes the fusion network alone.
"""

import copy

import pytest

from microgesture.configuration.run_files import RunFiles
from microgesture.configuration.runs import Runs

CONFIG = {
    "seed": 0,
    "rounds": 1,
    "modalities": {
        "joint": {"stream": "joint", "initial_weights": "resources/weights/a/model.safetensors"},
        "heatmap": {"stream": "limb_heatmap"},
        "rgb": {"stream": "rgb"},
    },
    "train_modality": {},
    "select_pseudo_labels": {"mode": "transductive"},
    "train_fusion": {"enabled": True, "rgb_parent": "rgb", "pose_parent": "heatmap"},
    "label_efficiency": {"shares": [10], "seeds": [3], "against": {"no_rgb": {"rounds": 0}}},
    "ablation": {
        "seeds": [0, 1],
        "compare": None,
        "against": {"no_rounds": "no_rgb"},
        "variants": {
            "no_prototypes": {"train_fusion": {"weight": 0.0}},
            "no_rgb": {"modalities": {"rgb": None}, "train_fusion": {"enabled": False}},
            "no_rounds": {"rounds": 0, "select_pseudo_labels": {"mode": "inductive"}},
        },
    },
}


def check(config):
    config = copy.deepcopy(config)
    named = config["modalities"].items()
    config["modalities"] = {name: entry for name, entry in named if entry is not None}
    return config


def made(run, kind, modality="", round=""):
    if run == "ablation/full/0/":
        run = ""
    if run.startswith("ablation/no_prototypes/") and modality not in ("", "fusion"):
        run = run.replace("no_prototypes", "full") if "/1/" in run else ""
    return f"{run}{kind} {modality} {round}".strip()


def stores(run, streams, splits):
    return {"stores": (run, tuple(streams), splits)}


@pytest.fixture
def files():
    return RunFiles(Runs(CONFIG, check), made, stores)


def test_the_first_round_starts_from_weights_of_others(files):
    assert files.to_train_modality("", "joint", "0") == {
        "stores": ("", ("joint",), ("train", "val")),
        "pseudo_labels": [],
        "parent": [],
        "initial": [
            "resources/weights/a/model.safetensors",
            "resources/weights/a/model.json",
        ],
    }


def test_a_later_round_starts_from_its_own_first_and_needs_the_targets(files):
    assert files.to_train_modality("", "joint", "1") == {
        "stores": ("", ("joint",), ("train", "val", "test", "unlabelled")),
        "pseudo_labels": "pseudo_labels joint 1",
        "parent": "checkpoint joint 0",
        "initial": [],
    }


def test_a_prediction_takes_the_clips_that_nothing_is_learned_from(files):
    predicted = ("val", "test", "unlabelled")
    assert files.to_predict_modality("", "rgb") == {"stores": ("", ("rgb",), predicted)}
    streams = ("rgb", "limb_heatmap")
    assert files.to_predict_fusion("") == {"stores": ("", streams, predicted)}


def test_the_fusion_network_looks_at_every_round_of_both_parents(files):
    assert files.to_train_fusion("") == {
        "stores": ("", ("rgb", "limb_heatmap"), ("train", "val")),
        "initial": [],
        "rgb_checkpoints": ["checkpoint rgb 0", "checkpoint rgb 1"],
        "rgb_logits": ["logits rgb 0", "logits rgb 1"],
        "pose_checkpoints": ["checkpoint heatmap 0", "checkpoint heatmap 1"],
        "pose_logits": ["logits heatmap 0", "logits heatmap 1"],
    }


def test_the_fusion_network_of_a_parent_that_is_not_there_sees_joints():
    config = copy.deepcopy(CONFIG)
    config["train_fusion"] |= {"pose_parent": "other"}
    found = RunFiles(Runs(config, check), made, stores).to_predict_fusion("")
    assert found["stores"][1] == ("rgb", "joint_heatmap")


def test_teachers_are_the_others_in_the_round_before(files):
    assert files.teacher_logits("", "joint", "1") == ["logits heatmap 0", "logits rgb 0"]


def test_members_and_their_logits_stand_in_one_order(files):
    assert files.member_names("") == ["joint", "heatmap", "rgb", "fusion"]
    assert files.member_logits("") == [
        "logits joint 1", "logits heatmap 1", "logits rgb 1", "logits fusion final",
    ]  # fmt: skip


def test_scores_take_all_networks_and_all_pseudo_labels(files):
    assert files.all_logits("") == [
        "logits joint 0", "logits joint 1", "logits heatmap 0", "logits heatmap 1",
        "logits rgb 0", "logits rgb 1", "logits fusion final",
    ]  # fmt: skip
    names = ("joint", "heatmap", "rgb")
    assert files.all_pseudo_labels("") == [f"pseudo_labels {name} 1" for name in names]
    assert files.all_pseudo_labels("ablation/no_rounds/0/") == []


def test_variants_over_seeds(files):
    assert files.ensembles_of_variants() == [
        "probabilities",
        "ablation/no_prototypes/0/probabilities",
        "ablation/no_rgb/0/probabilities",
        "ablation/no_rounds/0/probabilities",
        "ablation/full/1/probabilities",
        "ablation/no_prototypes/1/probabilities",
        "ablation/no_rgb/1/probabilities",
        "ablation/no_rounds/1/probabilities",
    ]
    assert files.of_whole_system("scores") == ["scores", "ablation/full/1/scores"]
    assert files.over_seeds("no_rgb", "logits", "joint", "1") == [
        "ablation/no_rgb/0/logits joint 1",
        "ablation/no_rgb/1/logits joint 1",
    ]
    assert files.modes_of_variants() == ["transductive"] * 3 + ["inductive"]
    assert files.rounds_of_variants() == [1, 1, 1, 0]


def test_changed_networks_are_those_that_are_not_shared(files):
    changed = files.changed_networks()
    found = [(n["variant"], n["against"], n["modality"], n["round"]) for n in changed]
    assert found == [
        ("no_prototypes", "full", "fusion", "final"),
        ("no_rgb", "full", "joint", "1"),
        ("no_rgb", "full", "heatmap", "1"),
        ("no_rounds", "full", "joint", "0"),
        ("no_rounds", "full", "heatmap", "0"),
        ("no_rounds", "full", "rgb", "0"),
        ("no_rounds", "full", "fusion", "final"),
        ("no_rounds", "no_rgb", "joint", "0"),
        ("no_rounds", "no_rgb", "heatmap", "0"),
    ]
    assert changed[1] == {
        "variant": "no_rgb",
        "against": "full",
        "modality": "joint",
        "round": "1",
        "own": ["ablation/no_rgb/0/logits joint 1", "ablation/no_rgb/1/logits joint 1"],
        "other": ["logits joint 1", "ablation/full/1/logits joint 1"],
        "pseudo_labels": [
            "ablation/no_rgb/0/pseudo_labels joint 1",
            "ablation/no_rgb/1/pseudo_labels joint 1",
        ],
    }
    # neither what learned from no pseudo-labels, nor the two-branch network, has any of its own
    assert changed[0]["pseudo_labels"] == [] and changed[3]["pseudo_labels"] == []


def test_files_of_changed_networks_stand_once(files):
    found = files.files_of_changed_networks()
    assert len(found) == len(set(found))
    assert found[:4] == [
        "ablation/no_prototypes/0/logits fusion final",
        "ablation/no_prototypes/1/logits fusion final",
        "logits fusion final",
        "ablation/full/1/logits fusion final",
    ]
    # 9 networks of 2 seeds; what the last two pairs share is named by the pairs before them:
    # own: 9 x 2 less 2 x 2 (no_rounds' joint and heatmap twice); other: fusion, joint, heatmap and
    # rgb of the whole system, no_rgb's are "own" already; pseudo-labels: no_rgb's two
    assert len(found) == 14 + 8 + 4


def test_what_is_scored_with_fewer_labels(files):
    found = files.label_efficiency()
    assert [(one["variant"], one["system"]) for one in found] == [
        (variant, system)
        for variant in ("full", "no_rgb")
        for system in ("ensemble", "joint", "heatmap", "rgb", "fusion")
    ]
    assert all((one["share"], one["seed"], one["mode"]) == (10, 3, "transductive") for one in found)
    assert [one["rounds"] for one in found] == [1] * 5 + [0] * 5
    assert [one["file"] for one in found[:2]] == [
        "label_efficiency/full/10/3/probabilities",
        "label_efficiency/full/10/3/logits joint 1",
    ]
    assert found[6]["file"] == "label_efficiency/no_rgb/10/3/logits joint 0"
