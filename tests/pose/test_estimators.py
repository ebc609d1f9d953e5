"""Both estimators behind one door: settings, and whom they followed."""

import numpy as np
import pytest

from microgesture.configuration.estimators import chosen_settings, fetched_models
from microgesture.pose.estimators import estimate_video, open_estimator
from microgesture.provenance.errors import BadInput
from tests.pose.footage import frames_of, needs_footage

SECTION = {
    "estimator": "mmpose",
    "mediapipe": {"detection_confidence": 0.8},
    "model": None,
    "sha256": None,
    "config": "own.py",
    "checkpoint": "own.pth",
    "layout": None,
    "batch_size": 32,
    "person_threshold": 0.5,
}


def test_each_estimator_reads_its_own_settings_only():
    assert chosen_settings({**SECTION, "estimator": "mediapipe"}) == {
        "estimator": "mediapipe",
        "detection_confidence": 0.8,
    }
    assert chosen_settings(SECTION) == {
        "estimator": "mmpose",
        "config": "own.py",
        "checkpoint": "own.pth",
        "layout": None,
        "batch_size": 32,
        "person_threshold": 0.5,
    }


def test_a_model_by_name_takes_the_place_of_config_and_checkpoint():
    found = chosen_settings({**SECTION, "model": "rtmw-m"})
    assert found["config"].endswith("cocktail14/rtmw-m_8xb1024-270e_cocktail14-256x192.py")
    assert found["checkpoint"].startswith("resources/weights/pose/rtmw-dw-l-m_simcc")
    assert "model" not in found
    with pytest.raises(BadInput, match="no body or whole-body model"):
        chosen_settings({**SECTION, "model": "hourglass9000"})


def test_a_detector_by_name_or_by_its_files():
    none = {"model": None, "sha256": None, "config": None, "checkpoint": None, "threshold": 0.5}
    assert "detector" not in chosen_settings({**SECTION, "detector": none})
    section = {**SECTION, "model": "rtmw-m", "detector": {**none, "model": "rtmdet_tiny"}}
    found = chosen_settings(section)["detector"]
    assert found["config"] == "mmdet::rtmdet/rtmdet_tiny_8xb32-300e_coco.py"
    assert found["threshold"] == 0.5
    fetched = fetched_models(section)
    assert {f"resources/weights/pose/{name}" for name in fetched} == {
        found["checkpoint"],
        chosen_settings(section)["checkpoint"],
    }
    own = {**none, "config": "d.py", "checkpoint": "d.pth"}
    section = {**SECTION, "detector": own}
    assert chosen_settings(section)["detector"] == {
        "config": "d.py", "checkpoint": "d.pth", "threshold": 0.5,
    }  # fmt: skip
    assert fetched_models(section) == {}
    assert fetched_models({**section, "model": "rtmw-m", "estimator": "mediapipe"}) == {}


def test_an_unknown_estimator_is_told():
    with pytest.raises(BadInput, match="'openpose'; mediapipe or mmpose"):
        open_estimator({"estimator": "openpose"})


@pytest.fixture(scope="module")
def two_people():
    """Two people side by side, for 4 frames; uint8 (4, 480, 1280, 3)."""
    return np.concatenate([frames_of("thanks.mkv", 10, 13), frames_of("milk.mkv", 10, 13)], axis=2)


@needs_footage
def test_of_two_people_the_larger_one_is_followed_and_both_are_counted(two_people):
    pytest.importorskip("mediapipe")
    estimator = open_estimator({"estimator": "mediapipe"})
    points, present, (track,) = estimate_video(estimator, [two_people], 30.0)
    assert present.all() and (track.start, track.end) == (0, 3)
    assert (track.people, track.reason, track.jump) == (2, "largest", False)
    assert (points[:, 0, 0] > 640).all()


@needs_footage
def test_when_the_subject_goes_the_other_is_taken_late_and_the_jump_is_told(two_people):
    pytest.importorskip("mediapipe")
    alone = two_people.copy()
    alone[..., 640:, :] = alone[:, :1, 640:]  # the wall above the person goes down to the floor
    estimator = open_estimator({"estimator": "mediapipe", "patience": 0.1, "look_around": 0.1})
    points, present, tracks = estimate_video(estimator, [two_people, alone, alone, alone], 30.0)
    assert len(tracks) == 2
    first, second = tracks
    assert first.reason == "largest" and not first.jump
    assert second.reason == "alone" and second.jump and second.end == 15
    assert second.start - first.end > 3, "the one who is lost is waited for"
    assert not present[first.end + 1 : second.start].any()
    assert (points[second.start :, 0, 0] < 640).all()
