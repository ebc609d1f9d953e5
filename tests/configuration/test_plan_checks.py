"""What configuration and sheets show is told before the first job: all of it at once."""

import copy
import json
import logging
import os

import numpy as np
import pandas as pd
import pytest

from microgesture.configuration.checked import checked_configuration
from microgesture.configuration.plan_checks import check_plan
from microgesture.configuration.presets import read_yaml
from microgesture.configuration.runs import Runs, laid_over
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence, write_sequences
from microgesture.tables.sheets import Sheets
from tests.workflow.conftest import ROOT

SHIPPED = read_yaml(ROOT / "config.yaml")
NO_FUSION = {"train_fusion": {"enabled": False}}


def sheets(splits=("train", "train", "val", "test"), names=("rubbing", "pressing"), **columns):
    """One video and two clips a person, one person for each split."""
    numbers = range(len(splits))
    videos = pd.DataFrame(
        {"video": [f"v{n}" for n in numbers], "path": [f"v{n}.mp4" for n in numbers]}
    )
    videos = videos.assign(subject=videos["video"], batch="", fps=np.nan)
    videos = videos.assign(keypoints="", keypoints_2d="").assign(**columns)
    rows = [
        (f"v{n}_{k}", f"v{n}", f"v{n}", 0, 9, k if split != "unlabelled" else -1, split)
        for n, split in enumerate(splits)
        for k in range(2)
    ]
    clips = ["clip", "video", "subject", "start", "end", "label", "split"]
    labels = pd.DataFrame(
        {"label": range(len(names)), "name": names, "description": "", "group": ""}
    )
    return Sheets(videos, pd.DataFrame(rows, columns=clips), labels)


def check(overlay=None, tables=None, **given):
    runs = Runs(laid_over(SHIPPED, overlay or {}), checked_configuration)
    check_plan(runs, sheets() if tables is None else tables, **given)


def told(overlay=None, tables=None, **given):
    """The lines of the message, without the first."""
    with pytest.raises(BadInput) as error:
        check(overlay, tables, **given)
    return str(error.value).split("\n  ")[1:]


def test_the_shipped_configuration_has_nothing_to_tell(caplog):
    with caplog.at_level(logging.WARNING):
        check()
    assert not caplog.records


@pytest.mark.parametrize("names", [("fusion",), ("ensemble",)])
def test_a_modality_is_called_like_nothing_else(names):
    lines = told({"modalities": {name: {"preset": "demo_joint"} for name in names}})
    assert [f"config: modalities: {names[0]!r} is what" in line for line in lines] == [True]


@pytest.mark.parametrize(
    ("overlay", "parts"),
    [
        ({"modalities": {"rgb": None}}, ["rgb_parent: 'rgb' is no modality"]),
        (
            {"modalities": {"rgb": None, "heatmap": None}, "rounds": 0},
            ["rgb_parent: 'rgb' is no modality", "pose_parent: 'heatmap' is no modality"],
        ),
        ({"train_fusion": {"pose_parent": "heatmaps"}}, ["did you mean 'heatmap'?"]),
        (
            {"train_fusion": {"pose_parent": "joint"}},
            ["'joint' (st_gcn_pp on joint) cannot be the pose branch; name a modality with model "
             "poseconv3d and stream joint_heatmap or limb_heatmap"],
        ),
        ({"modalities": {"rgb": {"preset": "tsm"}}}, ["'rgb' (tsm on rgb) cannot be the rgb branch"]),
        ({"train_fusion": {"frames": 9, "rgb_frames": 4}}, ["frames: '9' is no multiple of rgb_frames"]),
        ({"modalities": {"joint": {"model": "tsm"}}}, ["stream: 'joint' is not taken by tsm"]),
        (
            {"modalities": {"joint": {"model_options": {"base_chanels": 3}}}},
            ["model_options: 'base_chanels' is no option of st_gcn_pp; did you mean 'base_channels'?"],
        ),
        ({"train_fusion": {"model_options": {"gate": 1}}}, ["'gate' is no option of rgbpose_fusion"]),
        ({"fit_temperatures": {"weights": {"rbg": 1}}}, ["'rbg' is no member of the ensemble; did you mean 'rgb'?", "no member has a weight"]),
        ({"fit_temperatures": {"weights": {"joint": 0}}}, ["weights: no member has a weight above 0"]),
        ({"fit_temperatures": {"weights": {"fusion": 1}}, **NO_FUSION}, ["'fusion' is no member", "above 0"]),
        ({"modalities": {"rgb": None, "joint": None}, **NO_FUSION}, ["rounds: '1' needs a second modality as a teacher"]),
        ({"combine_scores": {"submission": "ma52"}}, ["'ma52' has 52 classes, the labels sheet has 2"]),
        ({"train_modality": {"semantic_loss": {"dimension": 1}}}, ["modalities: joint: semantic_loss: dimension: '1' is less than the 2 classes", "heatmap", "rgb"]),
        ({"train_fusion": {"semantic_loss": {"form": "cosine", "dimension": 1}}}, ["train_fusion: semantic_loss: dimension: '1' is less"]),
        ({"train_fusion": {"semantic_loss": {"form": "cosine", "vectors": "words.npz"}}}, ["train_fusion: semantic_loss: vectors: 'words.npz' is no file"]),
        ({"extract_keypoints": {"checkpoint": "rtmw.pth", "config": "rtmw.py"}}, ["extract_keypoints: config: 'rtmw.py' is no file", "checkpoint: 'rtmw.pth' is no file; docs/pose.md"]),
        ({"train_fusion": {"compile_network": True, "recompute_activations": True}}, ["train_fusion: compile_network: 'True' cannot be had together with recompute_activations"]),
        ({"modalities": {"joint": {"last_batch": "dropped", "repeats": 3}}}, ["joint: last_batch: 'dropped' leaves nothing: an epoch has 12 clips, a batch 16"]),
        ({"modalities": {"joint": {"initial_weights": "lost/model.safetensors"}}}, ["modalities: joint: initial_weights: 'lost/model.safetensors' is no file"]),
        ({"modalities": {"joint": {"initial_weights": "resources/weights/swin/model.safetensors"}}}, ["is not there and no import_weights makes it; name where they come from under import_weights: swin"]),
        ({"modalities": {"joint": {"augmentation": {"cutmix": 1.0}}}}, ["modalities: joint: augmentation: cutmix: '1.0' cuts pictures, and the stream joint is a skeleton"]),
        ({"train_fusion": {"augmentation": {"cutmix": 1.0}}}, ["train_fusion: augmentation: cutmix: '1.0' mixes clips, and prototypes are means of whole ones; write prototype_loss: {weight: 0}, or cutmix: 0"]),
        ({"modalities": {"rgb": {"epochs": 4, "snapshots": {"count": 5}}}}, ["modalities: rgb: snapshots: count: '5' is more than the epochs (4)"]),
        ({"modalities": {"rgb": {"schedule": "step", "checkpoint": "best", "snapshots": {"count": 2, "cyclic": True}}}}, ["are of the last epochs, not of the best one", "snapshots: cyclic: 'True' begins a cosine anew"]),
        ({"fit_temperatures": {"weights": "stacking"}}, ["fit_temperatures: weights: 'stacking' needs labelled validation clips of two people or more, and they are of one; hold more people out"]),
    ],
)  # fmt: skip
def test_each_mistake_is_told(overlay, parts):
    lines = told(overlay)
    assert len(lines) == len(parts), lines
    for line, part in zip(lines, parts):
        assert part in line


def test_a_batch_is_shared_out_to_the_gpus():
    assert len(told(processes=3)) == 4
    check(processes=4)


def test_without_validation_clips():
    tables = sheets(("train", "train", "test"))
    lines = told(tables=tables)
    assert [line.split(" needs ")[0] for line in lines] == [
        "config: fit_temperatures: calibrate: 'True'",
        "config: fit_temperatures: weights: 'search'",
    ]
    lines = told({"modalities": {"joint": {"checkpoint": "best"}}}, tables)
    assert lines[-1].startswith("config: modalities: joint: checkpoint: 'best' needs validation")
    check({"fit_temperatures": {"calibrate": False, "weights": {"rgb": 1, "fusion": 2}}}, tables)


def test_what_goes_together():
    three = sheets(("train", "train", "val", "val", "test"))
    check({"fit_temperatures": {"weights": "cross_fitted"}}, three)
    mixes = {"mixup": 0.2, "cutmix": 1.0}
    check({"modalities": {"rgb": {"augmentation": mixes}, "heatmap": {"augmentation": mixes}}})
    check({"modalities": {"joint": {"augmentation": {"mixup": 0.2}}}})
    check({"train_modality": {"snapshots": {"count": 2, "cyclic": True}}})
    lines = told({"fit_temperatures": {"weights": "stacking"}}, sheets(("train", "train", "test")))
    assert "fit_temperatures: weights: 'stacking' needs validation clips" in lines[1]


def test_equal_votes_without_validation_are_doubtful(caplog):
    equal = {"fit_temperatures": {"calibrate": False, "weights": "equal"}}
    with caplog.at_level(logging.WARNING):
        check(equal)
        assert not caplog.records
        check(equal, sheets(("train", "train", "test")))
        alone = {"modalities": {"rgb": None, "joint": None}, "rounds": 0, **NO_FUSION}
        check({**equal, **alone}, sheets(("train", "train", "test")))
    (record,) = caplog.records
    assert "joint, heatmap, rgb, fusion vote with equal weights" in record.getMessage()


@pytest.mark.parametrize(
    ("names", "warned"),
    [
        (("swipe left", "swipe right"), True),
        (("Left hand up", "right hand up"), True),
        (("swipe left", "swipe up"), False),
        (("bright light", "left light"), False),
    ],
)
def test_mirror_images_of_left_and_right_are_doubtful(caplog, names, warned):
    with caplog.at_level(logging.WARNING):
        check(None, sheets(names=names))
        assert len(caplog.records) == int(warned)
        caplog.clear()
        check({"mirror_images": False}, sheets(names=names))
    assert not caplog.records


def test_pictures_need_videos():
    lines = told(tables=sheets(path=["a.mp4", "", "", ""], keypoints=""))
    assert len(lines) == 1
    assert "modalities: rgb: stream: 'rgb' needs the pixels of all videos, and 3 of 4" in lines[0]
    assert "(such as v1)" in lines[0] and "modalities: {rgb: null}" in lines[0]
    check({"modalities": {"rgb": None}, **NO_FUSION}, sheets(path=""))


def test_rounds_need_somebody_to_label():
    assert "there is none" in told(tables=sheets(("train", "train", "val")))[0]
    inductive = {"select_pseudo_labels": {"mode": "inductive"}}
    assert "needs two test subjects or more, and there is 1" in told(inductive)[0]
    check(inductive, sheets(("train", "val", "test", "test")))


def test_what_is_not_trained_is_not_asked():
    tables = sheets(("unlabelled", "unlabelled"), path=["a.mp4", ""])
    check({"modalities": {"rgb": None}, "fit_temperatures": {"weights": {"x": 1}}}, tables)


def test_initial_weights_that_are_there(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"x")
    overlay = {"modalities": {"joint": {"initial_weights": str(path)}}}
    assert "(model.json is not beside it)" in told(overlay)[0]
    path.with_suffix(".json").write_text("{}")
    check(overlay)
    os.utime(path, (1900000000, 1900000000))
    assert "was changed in the future" in told(overlay)[0]
    made_here = {"modalities": {"joint": {"initial_weights": "results/other/model.safetensors"}}}
    check(made_here)


def test_weights_that_an_import_makes(tmp_path):
    path = "resources/weights/mine/model.safetensors"
    entry = {"model": "st_gcn_pp", "stream": "joint", "file": str(tmp_path / "mine.pth")}
    overlay = {
        "modalities": {"joint": {"initial_weights": path}},
        "import_weights": {"mine": entry},
    }
    assert "import_weights: mine: file:" in told(overlay)[0]
    (tmp_path / "mine.pth").write_bytes(b"x")
    check(overlay)
    other = copy.deepcopy(overlay)
    other["import_weights"]["mine"]["model"] = "ctr_gcn"
    assert "holds weights of ctr_gcn, the modality is st_gcn_pp" in told(other)[0]
    del other["import_weights"]["mine"]["file"]
    other["import_weights"]["mine"]["model"] = "st_gcn_pp"
    assert "names neither a file nor a url" in told(other)[0]
    other["modalities"]["joint"]["initial_weights"] = path.replace("mine", "mime")
    assert "did you mean 'mine'?" in told(other)[0]


def test_class_vectors(tmp_path):
    path = str(tmp_path / "words.npz")
    loss = {"semantic_loss": {"form": "cosine", "vectors": path}}
    overlay = laid_over({"modalities": {"rgb": None, "heatmap": None}, "rounds": 0}, NO_FUSION)
    overlay = laid_over(overlay, {"train_modality": loss})
    np.savez(path, rubbing=np.eye(3)[0])
    assert "holds no vector for pressing" in told(overlay)[0]
    np.savez(path, rubbing=np.ones(1), pressing=np.ones(1))
    assert "2 classes need vectors of at least 2 numbers" in told(overlay)[0]
    np.savez(path, rubbing=np.eye(3)[0], pressing=np.eye(3)[1])
    check(overlay)
    (tmp_path / "words.npz").write_text(json.dumps({}))
    assert "is no .npz of class vectors" in told(overlay)[0]


def stored(tmp_path, layout, joints, dims, videos=("v0", "v1", "v2", "v3")):
    points = np.ones((1, 3, joints, dims + 1), np.float32)
    path = tmp_path / f"{layout}_{dims}.h5"
    one = Sequence(points, np.ones(3, bool), layout, 64, 48, 25.0)
    write_sequences(path, [(video, one) for video in videos])
    return str(path)


def test_stores_hold_every_video(tmp_path):
    store = stored(tmp_path, "h68", 68, 2, videos=("v0", "v2"))
    lines = told(tables=sheets(keypoints=store))
    assert [f"column keypoints: {video!r} is not in the store" in line
            for video, line in zip(("v1", "v3"), lines)] == [True, True]  # fmt: skip
    broken = tmp_path / "broken.h5"
    broken.write_bytes(b"no store")
    assert "cannot be used" in told(tables=sheets(keypoints=str(broken)))[0]


def test_stores_in_space_have_no_heatmaps(tmp_path):
    tables = sheets(keypoints=stored(tmp_path, "msr20", 20, 3), path="")
    overlay = {"layout": "msr20", "modalities": {"rgb": None}, **NO_FUSION}
    (line,) = told(overlay, tables)
    assert "modalities: heatmap: stream: 'joint_heatmap' is made from keypoints in pixels" in line
    flat = stored(tmp_path, "msr20", 20, 2)
    check(overlay, sheets(keypoints=tables.videos["keypoints"], keypoints_2d=flat, path=""))


def test_all_is_told_at_once():
    overlay = {
        "modalities": {"fusion": {"preset": "demo_joint"}, "rgb": None},
        "fit_temperatures": {"weights": {"rgb": 2, "joint": 1}},
        "extract_keypoints": {"checkpoint": "lost.pth"},
    }
    lines = told(overlay, sheets(("train", "train", "test"), path=["a.mp4", "", "", ""][:3]))
    parts = [
        "'fusion' is what",
        "'rgb' is no modality",
        "calibrate",
        "'rgb' is no member",
        "lost.pth",
    ]
    assert len(lines) == len(parts)
    assert all(part in line for part, line in zip(parts, lines))


def test_variants_are_asked_when_they_are_wanted():
    overlay = {"ablation": {"variants": {"bad": {"modalities": {"rgb": None}}}, "seeds": [0]}}
    check(overlay)
    assert "'rgb' is no modality" in told(overlay, names=["", "ablation/bad/0/"])[0]


def test_a_rotation_over_people_makes_its_own_splits():
    tables = sheets(("train", "train", "train", "train"))
    assert told(tables=tables)
    check({"protocol": {"folds": 4}}, tables)
    assert (
        "'rgb' is no modality"
        in told({"protocol": {"folds": 4}, "modalities": {"rgb": None}}, tables)[0]
    )
