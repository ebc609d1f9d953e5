"""What a pre-training's signature sees, and what the run's mode follows from, worked out by hand."""

import pandas as pd
import pytest

from microgesture.configuration.run_files import RunFiles
from microgesture.configuration.runs import MAIN, Runs, laid_over
from tests.configuration.test_lineage import clips, lineage_of, videos, with_value
from tests.configuration.test_run_files import made, stores
from tests.configuration.test_runs import CONFIG, check

JOINT = {"modality": "joint"}


def runs_with(method="masked_motion", mode="transductive", **group):
    given = {"modalities": {"joint": {"pretrain": {"method": method, **group}}}}
    given["select_pseudo_labels"] = {"mode": mode}
    return Runs(laid_over(CONFIG, given), check)


def signatures(runs, **tables):
    """Of the pre-training and of round 0."""
    lineage = lineage_of(runs, **tables)
    return (
        lineage.signature("pretrain_modality", **JOINT),
        lineage.signature("train_modality", **JOINT, round="0"),
    )


def with_new_video():
    """A new unlabelled video of a person whom nobody has seen."""
    more = pd.DataFrame([("c6", "v4", "eve", 0, 9, -1, "unlabelled")], columns=clips().columns)
    row = videos().iloc[[0]].assign(video="v4", path="v4.mp4", subject="eve")
    return {
        "clips": lambda: pd.concat([clips(), more], ignore_index=True),
        "videos": lambda: pd.concat([videos(), row], ignore_index=True),
    }


@pytest.mark.parametrize(("choice", "again"), [("labelled", 0), ("unlabelled", 1), ("all", 1)])
def test_a_new_unlabelled_video(choice, again):
    runs = runs_with(clips=choice)
    before, after = signatures(runs), signatures(runs, **with_new_video())
    assert [one != two for one, two in zip(before, after)] == [bool(again)] * 2


def test_a_label_concerns_the_training_alone():
    runs = runs_with(clips="labelled")
    edited = {"clips": lambda: with_value(0, "label", 1)(clips())}
    before, after = signatures(runs), signatures(runs, **edited)
    assert before[0] == after[0] and before[1] != after[1]


def test_numbers_of_the_training_concern_the_training_alone():
    runs = runs_with()
    longer = Runs(laid_over(runs.main, {"modalities": {"joint": {"epochs": 99}}}), check)
    before, after = signatures(runs), signatures(longer)
    assert before[0] == after[0] and before[1] != after[1]
    hidden = Runs(
        laid_over(runs.main, {"modalities": {"joint": {"pretrain": {"mask_ratio": 0.5}}}}), check
    )
    assert all(one != two for one, two in zip(before, signatures(hidden)))


def test_without_it_every_signature_is_what_it_was():
    plain, off = Runs(CONFIG, check), runs_with(method="none", epochs=7)
    for rule, where in (
        ("train_modality", {**JOINT, "round": "0"}),
        ("train_modality", {**JOINT, "round": "1"}),
        ("predict_modality", {**JOINT, "round": "0"}),
        ("score_predictions", {}),
    ):
        assert lineage_of(plain).signature(rule, **where) == lineage_of(off).signature(
            rule, **where
        )
    assert "pretrained_on_scored" not in lineage_of(plain).parts("score_predictions")


def test_later_rounds_follow_through_their_parent():
    one, other = runs_with(clips="labelled"), runs_with(clips="unlabelled", mask_ratio=0.5)
    lineages = [lineage_of(runs) for runs in (one, other)]
    assert len({each.signature("train_modality", **JOINT, round="1") for each in lineages}) == 2


@pytest.mark.parametrize(
    ("choice", "mode", "scored"),
    [
        ("labelled", "transductive", False),
        ("unlabelled", "transductive", False),
        ("all", "transductive", True),
    ],
)
def test_who_was_seen_is_the_runs_mode(choice, mode, scored):
    lineage = lineage_of(runs_with(clips=choice, mode=mode))
    assert lineage.pretrained_on_scored(MAIN) == scored
    parts = lineage.parts("score_predictions")
    assert parts.get("pretrained_on_scored", False) == scored
    people = lineage.parts("pretrain_modality", **JOINT)["scored_people"]
    assert people == (["subject cay"] if scored else [])


def test_a_variant_without_it_has_a_training_of_its_own_and_shares_the_rest():
    overlay = {
        "ablation": {
            "variants": {"plain": {"modalities": {"joint": {"pretrain": {"method": "none"}}}}}
        }
    }
    runs = Runs(laid_over(runs_with().main, overlay), check)
    lineage, plain = lineage_of(runs), runs.name("plain", 0)
    assert lineage.owner(plain, "checkpoint", "joint", "0") == plain
    assert lineage.owner(runs.name("no_fusion", 0), "pretraining", "joint") == MAIN
    other = runs.name("no_fusion", 1)
    assert lineage.owner(other, "pretraining", "joint") == runs.name("full", 1)
    assert not runs.makes(plain, "pretraining", "joint", "")


def test_files():
    runs = runs_with(clips="some.tsv")
    files = RunFiles(runs, made, stores)
    assert files.to_pretrain_modality(MAIN, "joint") == {
        "stores": (MAIN, ("joint",), ("train", "test", "unlabelled")),
        "sheet": ["some.tsv"],
        "initial": [],
    }
    labelled = RunFiles(runs_with(), made, stores).to_pretrain_modality(MAIN, "joint")
    assert labelled["sheet"] == [] and labelled["stores"] == (MAIN, ("joint",), ("train",))
    started = RunFiles(runs_with(), lambda *where: "made/model.safetensors", stores)
    found = started.to_train_modality(MAIN, "joint", "0")["initial"]
    assert found == ["made/model.safetensors", "made/model.json"]
    assert started.to_train_modality(MAIN, "joint", "1")["initial"] == []
