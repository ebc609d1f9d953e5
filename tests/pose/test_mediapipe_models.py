"""MediaPipe's parts joined anew give what its own solution gives, and one file imports it."""

import re
import sys

import numpy as np
import pytest

from microgesture.pose import mediapipe_models
from microgesture.pose.boxes import box_of_hand
from microgesture.pose.layouts import _FACE_MIRROR
from microgesture.pose.mediapipe_layout import FACE
from microgesture.provenance.errors import BadInput
from tests.pose.footage import ROOT, frames_of, needs_footage

has_mediapipe = pytest.mark.skipif(
    mediapipe_models._MISSING is not None, reason="mediapipe has no package for this Python"
)


@pytest.fixture(scope="module")
def seen():
    """Ten frames, the box of the detector, and what the models see in each."""
    frames = frames_of("milk.mkv", 20, 29)
    detector, model = mediapipe_models.PeopleDetector(0.8), mediapipe_models.PersonModel()
    boxes, scores = detector(frames[0])
    people, box = [], boxes[0]
    for frame in frames:
        people.append(model(frame, box))
        box = people[-1].box
    yield frames, boxes, scores, people
    detector.close()
    model.close()


@needs_footage
@has_mediapipe
def test_the_same_points_as_holistic(seen):
    from mediapipe.python.solutions.holistic import Holistic

    def pixels(landmarks):
        return np.array([(p.x * 640, p.y * 480) for p in landmarks.landmark])

    frames, _, _, people = seen
    both = []
    with Holistic(min_detection_confidence=0.8, smooth_landmarks=False) as holistic:
        for frame, person in zip(frames, people):
            found = holistic.process(frame)
            np.testing.assert_allclose(person.body[:, :2], pixels(found.pose_landmarks), atol=0.5)
            np.testing.assert_allclose(person.face, pixels(found.face_landmarks), atol=0.2)
            for hand, theirs in (
                (person.left_hand, found.left_hand_landmarks),
                (person.right_hand, found.right_hand_landmarks),
            ):
                if hand is not None and theirs is not None:
                    both.append(np.linalg.norm(hand - pixels(theirs), axis=1).mean())
    # The hand model makes pixels out of a hundredth of a pixel that its box is moved by.
    assert len(both) >= 10 and np.median(both) < 3


@needs_footage
@has_mediapipe
def test_scores_are_the_models_own(seen):
    _, boxes, scores, people = seen
    assert len(boxes) == 1 and 0.8 <= scores[0] <= 1
    for person in people:
        assert person.presence > 0.9 and person.face_score > 0.9
        assert (person.left_score >= 0.5) == (person.left_hand is not None)
        assert person.body[:, 2].min() >= 0 and person.body[:, 2].max() <= 1


@needs_footage
@has_mediapipe
def test_left_is_the_persons_own_left(seen):
    person = seen[3][0]  # who faces the camera: the left shoulder is on the picture's right
    assert person.body[11, 0] > person.body[12, 0] + 50


@needs_footage
@has_mediapipe
def test_the_68_face_points_are_a_mirror_image_of_themselves(seen):
    face = seen[3][0].face[list(FACE)]
    across = face[45] - face[36]  # from the outer corner of the right eye to that of the left
    along = (face - face[[27, 8]].mean(0)) @ (across / np.linalg.norm(across))
    width = np.linalg.norm(across)
    assert (
        np.abs(along + along[list(_FACE_MIRROR)] - np.median(along + along[list(_FACE_MIRROR)]))[
            :
        ].max()
        < 0.25 * width
    )
    assert (along[:8] < along[9:17][::-1]).all(), "the person's right is on the picture's left"


@needs_footage
@has_mediapipe
def test_a_hand_is_found_again_in_the_box_of_its_points(seen):
    frames, _, _, people = seen
    number = next(n for n, p in enumerate(people) if p.right_hand is not None)
    hand = people[number].right_hand
    model = mediapipe_models.HandModel(0.02)
    points, score = model.look(frames[number], box_of_hand(hand))
    assert score > 0.5
    assert np.linalg.norm(points - hand, axis=1).mean() < 8, "of some 80 pixels"
    empty = model.look(np.full((480, 640, 3), 200, np.uint8), box_of_hand(hand))
    assert empty[1] < 0.02 and empty[0] is None
    x, y = hand.mean(0).astype(int)
    crop = frames[number][max(y - 80, 0) : y + 80, max(x - 80, 0) : x + 80]
    palms = model.palms(crop) + [max(x - 80, 0), max(y - 80, 0), 0, 0, 0]
    assert min(np.linalg.norm(palm[:2] - hand.mean(0)) for palm in palms) < 30
    model.close()


def test_python_3_13_is_told_which_python_to_use(monkeypatch):
    monkeypatch.setattr(mediapipe_models, "_MISSING", ImportError("No module named 'mediapipe'"))
    version = type("Version", (tuple,), {"major": 3, "minor": 13})((3, 13, 0))
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(BadInput, match=r"no package for Python 3\.13.*PYTHON=python3\.12"):
        mediapipe_models.require_mediapipe()
    version = type("Version", (tuple,), {"major": 3, "minor": 12})((3, 12, 0))
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(BadInput, match="make setup"):
        mediapipe_models.require_mediapipe()


def test_one_file_imports_mediapipe():
    pattern = re.compile(r"^\s*(import mediapipe|from mediapipe[. ])", re.M)
    files = [*(ROOT / "microgesture").rglob("*.py"), *(ROOT / "scripts").glob("*.py")]
    found = [file.name for file in files if pattern.search(file.read_text(encoding="utf-8"))]
    assert found == ["mediapipe_models.py"]


def test_the_environment_installs_the_wheel_of_the_lock():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pin = re.search(r"^mediapipe==\S+", lock, re.M)[0]
    assert f"{pin} ; python_version < '3.13'" in lock
    assert f"--no-deps {pin}\n" in (ROOT / "envs" / "pose.post-deploy.sh").read_text()
