"""What a bundle makes of a configuration: its own sections stand, and nothing is trained."""

import shutil

import pytest
import yaml

from microgesture.bundles.prediction import applied, segmenter_files, voters_of
from microgesture.bundles.reading import read_bundle
from microgesture.configuration.checked import checked_configuration
from microgesture.configuration.plans import ROOT
from microgesture.provenance.errors import BadInput
from microgesture.segments.segmenter import load_segmenter
from tests.bundles.damage import flipped
from tests.bundles.small_bundle import SECONDS, write_small_bundle

DEMO = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return write_small_bundle(tmp_path_factory.mktemp("made"))


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made, tmp_path / "mine")


def asked(folder, **section):
    return {**DEMO, "predict": {"bundle": str(folder), "videos": "videos", **section}}


def test_a_run_without_a_bundle_is_left_as_it_is():
    for given in (DEMO, {**DEMO, "predict": None}, {**DEMO, "predict": {"bundle": None}}):
        config, bundle = applied(given)
        assert config is given and bundle is None


def test_sections_of_the_bundle_stand_and_no_value_below_shines_through(folder):
    given = asked(folder)
    config, bundle = applied(given)
    assert list(bundle.members) == ["joint", "rgb"]
    # The demo has another layout, three modalities, a fusion network, another size of pictures.
    assert config["layout"] == "coco17" and list(config["modalities"]) == ["joint", "rgb"]
    assert config["train_fusion"] == {"enabled": False}
    assert config["decode_rgb"]["size"] == 256 != DEMO["decode_rgb"]["size"]
    assert config["predict_windows"]["seconds"] == list(SECONDS)
    assert config["predict_windows"]["members"] == ["joint", "rgb"]
    assert config["combine_scores"]["prior_correction"] == 0.0
    pose = config["extract_keypoints"]
    assert pose["checkpoint"] == f"{folder}/pose/demo_wholebody.safetensors"
    assert given == asked(folder)  # what was given is not written into
    assert checked_configuration(config)["modalities"]["joint"]["model"] == "st_gcn_pp"


def test_nothing_is_left_to_train(folder):
    config, _ = applied({**asked(folder), "rounds": 3, "protocol": {"folds": 5}})
    assert config["rounds"] == 0 and config["ablation"] == {"variants": {}}
    assert config["protocol"] == {"folds": None}
    assert config["batches"] == 0  # a job a video, whatever the run's own batches are
    assert applied(asked(folder, batches=3))[0]["batches"] == 3


def test_some_members(folder):
    config, bundle = applied(asked(folder, members=["rgb"]))
    assert config["predict_windows"]["members"] == list(bundle.members) == ["rgb"]
    with pytest.raises(BadInput, match="asked for the member 'rbg'; did you mean 'rgb'"):
        applied(asked(folder, members=["rbg"]))


def test_another_pose_estimator_stands_above_the_bundles(folder):
    own = {"estimator": "mediapipe"}
    config, _ = applied(asked(folder, extract_keypoints=own))
    assert config["extract_keypoints"] == own


def test_videos_are_asked_for(folder):
    with pytest.raises(BadInput, match="predict: videos: is not given; write a folder of videos"):
        applied(asked(folder, videos=None))


def test_a_changed_byte_is_seen_once_and_not_by_every_job(folder):
    flipped(folder, "members/joint/model.safetensors")
    with pytest.raises(BadInput, match=r"joint/model.safetensors: was changed"):
        applied(asked(folder))
    applied(asked(folder), content=False)


def test_whose_segmenter_is_used(folder):
    for members, voters in ((None, "all"), (["joint", "rgb"], "all"), (["rgb"], "rgb")):
        bundle = read_bundle(folder, members)
        assert voters_of(bundle) == voters
        files = segmenter_files(bundle)
        assert files == {
            "heads": f"{folder}/segmenter/{voters}.npz",
            "segmenter": f"{folder}/segmenter/{voters}.json",
        }
        found = load_segmenter(files["heads"], files["segmenter"])
        assert found.members == tuple(bundle.members) and found.seconds == SECONDS


def test_members_that_have_no_segmenter(tmp_path):
    (tmp_path / "one").mkdir()
    folder = write_small_bundle(tmp_path / "one", ("all", "joint"))
    assert voters_of(read_bundle(folder, ["joint"])) == "joint"
    with pytest.raises(BadInput) as error:
        segmenter_files(read_bundle(folder, ["rgb"]))
    assert str(error.value) == (
        f"{folder}: has a segmenter for all members together and for each of joint, not for rgb; "
        "ask for all (leave predict: members out) or for one of these"
    )
    (tmp_path / "none").mkdir()
    folder = write_small_bundle(tmp_path / "none", ())
    with pytest.raises(BadInput, match=r"holds no segmenter.*give the segments .predict: clips"):
        segmenter_files(read_bundle(folder))
