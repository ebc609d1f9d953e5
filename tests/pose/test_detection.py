"""A detector of mmdet with random weights: its faults, its boxes, and whom it says to follow."""

import numpy as np
import pytest
import torch

from microgesture.configuration.pose_models import find_detector
from microgesture.pose.detection import Detector
from microgesture.provenance.errors import BadInput

CONFIG = find_detector("rtmdet_tiny").config


@pytest.fixture(scope="module")
def detector():
    torch.manual_seed(0)
    return Detector(CONFIG, None, threshold=0.5)


@pytest.fixture(scope="module")
def frame():
    return np.random.default_rng(0).integers(0, 255, (120, 160, 3), dtype=np.uint8)


def test_boxes_are_peoples_and_lie_in_the_frame(detector, frame):
    head = detector._network.bbox_head
    with torch.no_grad():  # untrained, it is as sure of every class: make it sure of people
        for layer in head.rtm_cls:
            layer.bias[0] += 3
    boxes, scores = detector.find(frame)
    assert len(boxes) > 0 and boxes.shape == (len(scores), 4)
    assert (boxes[:, 2:] >= boxes[:, :2]).all()
    assert boxes.min() >= 0 and boxes[:, 2].max() <= 160 and boxes[:, 3].max() <= 120
    with torch.no_grad():  # sure of bicycles instead: nobody
        for layer in head.rtm_cls:
            layer.bias[0] -= 6
            layer.bias[1] += 6
    assert detector.find(frame)[0].shape == (0, 4)


class Known(Detector):
    """What is found is known; the choice is the detector's own."""

    def __init__(self, boxes, scores, threshold=0.5):
        self.threshold, self.known = threshold, (np.float32(boxes), np.float32(scores))

    def find(self, frame):
        return self.known


def test_the_largest_is_chosen_and_then_kept(frame):
    people = Known([[10, 10, 40, 110], [90, 50, 110, 90], [0, 0, 160, 120]], [0.9, 0.9, 0.2])
    box, choice = people.choose(frame, None)
    np.testing.assert_allclose(box, [10, 10, 40, 110])
    assert (choice.people, choice.reason) == (2, "largest")
    assert choice.size == pytest.approx(100 / 120) and choice.score == pytest.approx(0.9)
    box, choice = people.choose(frame, np.array([88, 48, 108, 92]))
    np.testing.assert_allclose(box, [90, 50, 110, 90])
    assert choice.reason == "continuity"
    assert people.choose(frame, np.array([120, 100, 130, 110])) is None
    assert Known(np.zeros((0, 4)), []).choose(frame, None) is None


def test_weights_of_another_detector_are_refused(tmp_path, detector):
    small = detector._network.state_dict()
    torch.save({"state_dict": small}, tmp_path / "tiny.pth")
    Detector(CONFIG, str(tmp_path / "tiny.pth"))
    with pytest.raises(BadInput, match="of another detector than"):
        Detector(find_detector("rtmdet_s").config, str(tmp_path / "tiny.pth"))
    torch.save({"state_dict": {"a": torch.zeros(1)}}, tmp_path / "other.pth")
    with pytest.raises(BadInput, match=r"missing .*1 unknown"):
        Detector(CONFIG, str(tmp_path / "other.pth"))


def test_configs_are_looked_at(tmp_path):
    with pytest.raises(BadInput, match="no such mmdet config"):
        Detector("mmdet::rtmdet/none.py", None)
    path = tmp_path / "config.py"
    path.write_text("import os\nmodel = dict(type='RTMDet')\n")
    with pytest.raises(BadInput, match="import"):
        Detector(str(path), None)
    path.write_text("model = dict(type='RTMDet')\n")
    with pytest.raises(BadInput, match="no detector's config"):
        Detector(str(path), None)
