"""Pre-training that cannot be had is told before the first job."""

import json
import logging

import pytest

from tests.configuration.test_plan_checks import check, sheets, told

TABLES = sheets(("train", "train", "val", "test", "unlabelled"))


TUBES = {"preset": "demo_video_mae"}


def asked(name, **group):
    return {"modalities": {name: {"pretrain": {"method": "masked_motion", **group}}}}


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        (asked("rgb"), "modalities: rgb: pretrain: method: 'masked_motion' is not made for the stream rgb"),
        (asked("heatmap"), "heatmaps masked_joints, rgb masked_tubes; or write none"),
        (asked("joint", method="masked_tubes"), "'masked_tubes' is not made for the stream joint"),
        ({"modalities": {"video": {**TUBES, "pretrain": {"method": "masked_tubes", "pixel_weight": 0}}}}, "pretrain: pixel_weight: '0.0' is 0, and so is keypoint_weight: nothing is left to learn"),
        ({"modalities": {"rgb": {"rgb_size": 60, "pretrain": {"method": "masked_tubes"}}}}, "modalities: rgb: rgb_size: '60' is no multiple of 8, the places a side that masked_tubes wipes out; write rgb_size: 56"),
        ({"modalities": {"joint": {"model": "decoupled_st_cnn", "model_options": {}, **asked("joint")["modalities"]["joint"]}}}, "needs a feature of every joint, which decoupled_st_cnn has not"),
        ({"modalities": {"joint": {"model": "random_convolutions", "model_options": {}, **asked("joint")["modalities"]["joint"]}}}, "needs a feature of every joint, which random_convolutions has not"),
        (asked("joint", clips="some.tsv"), "some.tsv: is no file and no choice; write labelled, unlabelled, all or a sheet"),
        (asked("joint", clips="labeled"), "labeled: is no file and no choice; did you mean 'labelled'?"),
    ],
)  # fmt: skip
def test_what_cannot_be_had(overlay, message):
    (line,) = told(overlay, TABLES)
    assert message in line


def test_a_batch_is_shared_out():
    overlay = {**asked("joint", batch_size=7), "train_modality": {"batch_size": 16}}
    (line,) = told(overlay, TABLES, processes=2)
    assert "pretrain: batch_size: 7 cannot be shared out to 2 GPUs" in line.replace("'", "")


@pytest.mark.parametrize("choice", ["labelled", "unlabelled", "all"])
def test_what_can_be_had(choice):
    check(asked("joint", clips=choice), TABLES)
    check(asked("heatmap", method="masked_joints", clips=choice), TABLES)
    group = {"method": "masked_tubes", "keypoint_weight": 0.5, "clips": choice}
    check({"modalities": {"video": {**TUBES, "pretrain": group}}}, TABLES)
    check({"modalities": {"rgb": {"pretrain": group}}}, TABLES)  # a 3D-ResNet


def test_weights_that_saw_people_called_like_these_are_told(tmp_path, caplog):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"x")
    facts = {"pretraining": {"people": ["subject v3", "subject z"]}}
    path.with_suffix(".json").write_text(json.dumps(facts), encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        check({"modalities": {"joint": {"initial_weights": str(path)}}}, TABLES)
    assert "was pre-trained on clips of subject v3, who is scored here" in caplog.text
