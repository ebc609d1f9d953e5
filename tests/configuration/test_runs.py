"""Which jobs two runs share, worked out by hand."""

import copy

import pytest

from microgesture.configuration.runs import MAIN, Runs, laid_over
from microgesture.provenance.errors import BadInput

CONFIG = {
    "seed": 0,
    "layout": "h68",
    "protocol": {"folds": None},
    "rounds": 1,
    "extract_keypoints": {"config": "pose.py", "checkpoint": "pose.pth", "batch_size": 8},
    "locate_saliency": {"enabled": True},
    "decode_rgb": {"size": 96},
    "modalities": {
        "joint": {"stream": "joint", "model": "st_gcn_pp", "epochs": 3},
        "rgb": {"stream": "rgb", "model": "tsm"},
    },
    "train_modality": {"epochs": 9, "semantic_loss": {"form": "softmax", "weight": 0.5}},
    "predict_modality": {},
    "select_pseudo_labels": {"mode": "transductive"},
    "train_fusion": {"enabled": True, "rgb_parent": "rgb", "pose_parent": "joint"},
    "predict_fusion": {},
    "fit_temperatures": {"weights": "equal"},
    "combine_scores": {},
    "compare_members": {},
    "label_efficiency": {
        "shares": [100, 10],
        "seeds": [0, 1],
        "against": {"searched": {"fit_temperatures": {"weights": "search"}}},
    },
    "ablation": {
        "seeds": [0, 1],
        "compare": None,
        "against": {},
        "variants": {
            "no_fusion": {"train_fusion": {"enabled": False}},
            "no_semantic": {"train_modality": {"semantic_loss": {"form": "none"}}},
            "no_joint": {"modalities": {"joint": None}, "train_fusion": {"enabled": False}},
            "whole_frame": {"locate_saliency": {"enabled": False}},
            "more_rounds": {"rounds": 2},
            "equal": {"fit_temperatures": {"weights": "search"}},
        },
    },
}


def check(config):
    config = copy.deepcopy(config)
    named = config["modalities"].items()
    config["modalities"] = {name: entry for name, entry in named if entry is not None}
    if config["rounds"] < 0:
        raise BadInput("rounds: -1 is less than 0")
    return config


@pytest.fixture
def runs():
    return Runs(CONFIG, check)


def test_laid_over_merges_mappings_and_replaces_the_rest():
    base = {"a": {"b": 1, "c": [1, 2]}, "d": 4}
    assert laid_over(base, {"a": {"c": [3]}}) == {"a": {"b": 1, "c": [3]}, "d": 4}
    assert base["a"]["c"] == [1, 2]


def test_some_variants_only():
    few = copy.deepcopy(CONFIG)
    few["ablation"]["compare"] = ["equal", "no_joint"]
    assert list(Runs(few, check).variants) == ["full", "equal", "no_joint"]
    few["ablation"]["compare"] = ["no_join"]
    with pytest.raises(BadInput, match="'no_join' is no variant; did you mean 'no_joint'"):
        Runs(few, check)


def test_pairs_beside_the_whole_system():
    config = copy.deepcopy(CONFIG)
    config["ablation"] |= {
        "compare": ["equal", "no_joint", "more_rounds"],
        "against": {"equal": "no_joint", "more_rounds": "no_fusion"},
    }
    alone = [(name, "full") for name in ("full", "equal", "no_joint", "more_rounds")]
    assert Runs(config, check).pairs == [*alone, ("equal", "no_joint")]  # no_fusion does not run
    config["ablation"]["against"] = {"equal": "no_join"}
    with pytest.raises(BadInput, match="against: 'no_join' is no variant; did you mean 'no_joint'"):
        Runs(config, check)


def test_a_variant_may_not_change_the_keypoints():
    wrong = copy.deepcopy(CONFIG)
    wrong["ablation"]["variants"] = {"other": {"layout": "coco17"}}
    runs = Runs(wrong, check)
    with pytest.raises(BadInput, match=r"variants: other: layout is made once.*--directory"):
        runs.config(runs.name("other", 0))


def test_a_bad_value_names_its_variant():
    wrong = copy.deepcopy(CONFIG)
    wrong["ablation"]["variants"] = {"other": {"rounds": -1}}
    runs = Runs(wrong, check)
    with pytest.raises(BadInput, match="ablation: variants: other: rounds: -1"):
        runs.config(runs.name("other", 0))


def test_runs_with_fewer_labels():
    runs = Runs(CONFIG, check)
    assert runs.label_runs[:4] == [
        "label_efficiency/full/10/0/",
        "label_efficiency/full/100/0/",
        "label_efficiency/searched/10/0/",
        "label_efficiency/searched/100/0/",
    ]
    assert len(runs.label_runs) == 8 and not set(runs.label_runs) & set(runs.names)
    config = runs.config("label_efficiency/searched/10/1/")
    assert config["seed"] == 1 and config["fit_temperatures"] == {"weights": "search"}
    # The variants of a share have their clips in common, and with all labels they are the sheet's.
    assert runs.fold_of("label_efficiency/searched/10/1/") == "label_efficiency/10/1/"
    assert runs.fold_of("label_efficiency/10/1/") == "label_efficiency/10/1/"
    assert runs.fold_of("label_efficiency/full/100/1/") == runs.fold_of("ablation/full/0/") == MAIN
    assert runs.fold_of("rotation/2/") == "rotation/2/"


def test_a_wrong_variant_with_fewer_labels_is_named():
    wrong = copy.deepcopy(CONFIG)
    wrong["label_efficiency"]["against"] = {"other": {"layout": "coco17"}}
    with pytest.raises(BadInput, match="label_efficiency: against: other: layout is made once"):
        Runs(wrong, check).config("label_efficiency/other/10/0/")
