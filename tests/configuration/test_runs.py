"""Which jobs two runs share, worked out by hand."""

import copy

import pytest

from microgesture.configuration.runs import MAIN, Runs, laid_over
from microgesture.provenance.errors import BadInput

CONFIG = {
    "seed": 0,
    "rounds": 1,
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


def test_the_main_run_is_the_first_seed_of_the_whole_system(runs):
    full = runs.name("full", 0)
    assert full == "ablation/full/0/"
    for kind in ("saliency", "rgb", "temperatures", "probabilities", "scores"):
        assert runs.owner(full, kind) == MAIN
    assert runs.owner(full, "checkpoint", "joint", "1") == MAIN


def test_another_seed_trains_again_on_the_same_crops(runs):
    full = runs.name("full", 1)
    assert runs.owner(full, "saliency") == runs.owner(full, "rgb") == MAIN
    assert runs.owner(full, "checkpoint", "rgb", "0") == full
    assert runs.config(full)["seed"] == 1


def test_without_fusion_every_network_is_shared_and_the_vote_is_not(runs):
    name = runs.name("no_fusion", 1)
    for modality in ("joint", "rgb"):
        assert runs.owner(name, "logits", modality, "1") == runs.name("full", 1)
    assert runs.owner(name, "temperatures") == name
    assert runs.members(name) == [("joint", "1"), ("rgb", "1")]
    assert runs.members(MAIN)[-1] == ("fusion", "final")


def test_another_loss_trains_everything_again(runs):
    name = runs.name("no_semantic", 0)
    assert runs.owner(name, "checkpoint", "joint", "0") == name
    assert runs.owner(name, "checkpoint", "fusion", "final") == name  # its parents differ
    assert runs.owner(name, "rgb") == MAIN
    assert runs.modality_settings(name, "joint")["semantic_loss"] == {"form": "none", "weight": 0.5}
    assert runs.modality_settings(name, "joint")["epochs"] == 3


def test_without_a_modality_only_its_pupils_change(runs):
    name = runs.name("no_joint", 0)
    assert runs.owner(name, "checkpoint", "rgb", "0") == MAIN
    assert runs.teachers(name, "rgb") == []
    assert runs.owner(name, "pseudo_labels", "rgb", "1") == name
    assert runs.owner(name, "checkpoint", "rgb", "1") == name


def test_crops_without_a_seed_belong_to_the_first_seed(runs):
    first, second = runs.name("whole_frame", 0), runs.name("whole_frame", 1)
    assert runs.owner(second, "saliency") == runs.owner(first, "saliency") == first
    assert runs.owner(second, "rgb") == first
    assert runs.owner(second, "checkpoint", "joint", "0") == second


def test_one_more_round_shares_the_rounds_before(runs):
    name = runs.name("more_rounds", 0)
    assert runs.owner(name, "checkpoint", "joint", "1") == MAIN
    assert runs.owner(name, "checkpoint", "joint", "2") == name
    assert runs.rounds(name) == ["0", "1", "2"]


def test_variants_that_are_equal_share_their_vote(runs):
    # two names for one thing: the first of them does it
    again = copy.deepcopy(CONFIG)
    again["ablation"]["variants"]["searched"] = {"fit_temperatures": {"weights": "search"}}
    runs = Runs(again, check)
    assert runs.owner(runs.name("searched", 1), "probabilities") == runs.name("equal", 1)


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
        runs.owner(runs.name("other", 0), "saliency")


def test_a_bad_value_names_its_variant():
    wrong = copy.deepcopy(CONFIG)
    wrong["ablation"]["variants"] = {"other": {"rounds": -1}}
    runs = Runs(wrong, check)
    with pytest.raises(BadInput, match="ablation: variants: other: rounds: -1"):
        runs.config(runs.name("other", 0))
