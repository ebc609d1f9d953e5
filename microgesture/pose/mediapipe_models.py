"""MediaPipe's models as functions of numpy arrays: the only file that imports mediapipe.

The wheel carries its models and the graphs that join them. Its `Holistic` solution hides which
person it follows, when it searched, and how sure it is of a hand; here the same parts (detector of
people, body, hands and face model) are joined so that all of this is seen and decided outside.
Boxes are rows x, y, width, height in pixels (x, y the middle) and a rotation in radians, clockwise.

Source: MediaPipe Holistic and BlazePose (Bazarevsky et al. 2020), Hands (Zhang et al. 2020), Face
Mesh (Kartynnik et al. 2019); graphs of mediapipe 0.10.21 (Apache-2.0).
"""

import sys
from dataclasses import dataclass

import numpy as np

from microgesture.pose.boxes import box_from_ends, hand_box
from microgesture.provenance.errors import BadInput

try:
    from mediapipe.framework.formats.rect_pb2 import NormalizedRect
    from mediapipe.python.solution_base import SolutionBase
except ImportError as error:
    _MISSING = error
else:
    _MISSING = None

BODY_POINTS, HAND_POINTS, FACE_POINTS = 33, 21, 468

_PEOPLE = """
input_stream: "image" output_stream: "people" num_threads: {threads}
node {{ calculator: "PoseDetectionCpu"
  input_stream: "IMAGE:image" output_stream: "DETECTIONS:people" }}
"""
_PERSON = """
input_stream: "image" input_stream: "box" input_side_packet: "smooth" num_threads: {threads}
output_stream: "body" output_stream: "ends" output_stream: "left_hand"
output_stream: "right_hand" output_stream: "face"
node {{ calculator: "PoseLandmarkByRoiCpu"
  input_stream: "IMAGE:image" input_stream: "ROI:box"
  output_stream: "LANDMARKS:raw_body" output_stream: "WORLD_LANDMARKS:raw_world"
  output_stream: "AUXILIARY_LANDMARKS:raw_ends" }}
node {{ calculator: "ImagePropertiesCalculator"
  input_stream: "IMAGE_CPU:image" output_stream: "SIZE:size" }}
node {{ calculator: "PoseLandmarkFiltering" input_side_packet: "ENABLE:smooth"
  input_stream: "IMAGE_SIZE:size" input_stream: "NORM_LANDMARKS:raw_body"
  input_stream: "WORLD_LANDMARKS:raw_world" input_stream: "AUX_NORM_LANDMARKS:raw_ends"
  output_stream: "FILTERED_NORM_LANDMARKS:body"
  output_stream: "FILTERED_AUX_NORM_LANDMARKS:ends" }}
node {{ calculator: "HandLandmarksLeftAndRightCpu"
  input_stream: "IMAGE:image" input_stream: "POSE_LANDMARKS:body"
  output_stream: "LEFT_HAND_LANDMARKS:left_hand" output_stream: "RIGHT_HAND_LANDMARKS:right_hand" }}
node {{ calculator: "SplitNormalizedLandmarkListCalculator"
  input_stream: "body" output_stream: "head"
  options: {{ [mediapipe.SplitVectorCalculatorOptions.ext] {{
    ranges: {{ begin: 0 end: 11 }} }} }} }}
node {{ calculator: "FaceLandmarksFromPoseCpu"
  input_stream: "IMAGE:image" input_stream: "FACE_LANDMARKS_FROM_POSE:head"
  output_stream: "FACE_LANDMARKS:face" }}
"""
_HAND = """
input_stream: "image" input_stream: "box" output_stream: "hand" num_threads: {threads}
node {{ calculator: "HandLandmarkCpu"
  input_stream: "IMAGE:image" input_stream: "ROI:box" output_stream: "LANDMARKS:hand" }}
"""
_PALMS = """
input_stream: "image" output_stream: "palms" num_threads: {threads}
node {{ calculator: "PalmDetectionCpu"
  input_stream: "IMAGE:image" output_stream: "DETECTIONS:palms" }}
"""
# Streams inside the graphs that tell how sure a model is, and the nodes that compare with them.
_HANDS = "handlandmarksleftandrightcpu__handlandmarksfromposecpu_"
_SURE_OF_BODY = "poselandmarkbyroicpu__tensorstoposelandmarksandsegmentation__"
_SURE_OF_HAND = "handlandmarkcpu__"
_SURE_OF_FACE = "facelandmarksfromposecpu__facelandmarkcpu__face_presence_score"


@dataclass(frozen=True)
class Person:
    """What the models see of one person in one frame; all points in pixels.

    body: float32 (33, 3), x, y, visibility; zeros where the body model sees nobody in its box.
    presence: how sure it is that somebody is there, 0 to 1. left_hand, right_hand: (21, 2), or
    None; face: (468, 2), or None; and how sure their models are. box: where to look next.
    """

    body: np.ndarray
    presence: float
    left_hand: np.ndarray | None
    left_score: float
    right_hand: np.ndarray | None
    right_score: float
    face: np.ndarray | None
    face_score: float
    box: np.ndarray | None


def require_mediapipe() -> None:
    """Raise BadInput, which says what to do, where mediapipe is not installed."""
    if _MISSING is None:
        return
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if sys.version_info >= (3, 13):
        raise BadInput(
            f"estimator: mediapipe has no package for Python {version}. Set the workflow up with "
            "Python 3.11 or 3.12 (rm -rf .venv && make setup PYTHON=python3.12), or write "
            "estimator: mmpose with a model (docs/pose.md)"
        )
    raise BadInput(
        f"estimator: mediapipe cannot be loaded ({_MISSING}); install what requirements.lock "
        "names: make setup"
    )


def _points(landmarks, size: tuple[int, int], visible: bool = False) -> np.ndarray | None:
    """Landmarks as float32 (N, 2) pixels, with `visible` (N, 3); None for None."""
    if landmarks is None:
        return None
    width, height = size
    rows = [
        (point.x * width, point.y * height) + ((point.visibility,) if visible else ())
        for point in landmarks.landmark
    ]
    return np.array(rows, np.float32)


def _rectangle(box: np.ndarray, size: tuple[int, int]) -> "NormalizedRect":
    width, height = size
    return NormalizedRect(
        x_center=box[0] / width,
        y_center=box[1] / height,
        width=box[2] / width,
        height=box[3] / height,
        rotation=box[4],
    )


class _Graph:
    """One graph of MediaPipe, on `threads` threads."""

    def __init__(self, text: str, outputs: list, options: dict, threads: int, sides=None):
        require_mediapipe()
        self._solution = SolutionBase(
            graph_config=text.format(threads=threads),
            calculator_params=options,
            side_inputs=sides,
            outputs=outputs,
        )

    def run(self, image: np.ndarray, **inputs):
        """The outputs for uint8 (H, W, 3) RGB, as attributes; None for what is not there."""
        image = np.ascontiguousarray(image)
        return self._solution.process({"image": image, **inputs})

    def restart(self):
        """Forget the frames before."""
        self._solution.reset()

    def close(self):
        self._solution.close()


class PeopleDetector:
    """Where people are in a frame, with no memory of others.

    confidence: least score of a person. threads: of the processor.
    """

    def __init__(self, confidence: float, threads: int = 1):
        name = "posedetectioncpu__TensorsToDetectionsCalculator.min_score_thresh"
        self._graph = _Graph(_PEOPLE, ["people"], {name: confidence}, threads)

    def __call__(self, frame: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Boxes (N, 5) around whole people and scores (N,), the best first."""
        height, width = frame.shape[:2]
        found = self._graph.run(frame).people or []
        boxes = np.zeros((len(found), 5))
        for row, person in zip(boxes, found):
            ends = person.location_data.relative_keypoints
            row[:] = box_from_ends(*((point.x * width, point.y * height) for point in ends[:2]))
        return boxes, np.array([person.score[0] for person in found])

    def close(self):
        self._graph.close()


class PersonModel:
    """Body, hands and face of the person in a box; hands and face are followed between frames.

    presence: least score at which the body model speaks of a person. threads: of the processor.
    """

    def __init__(self, presence: float = 0.5, threads: int = 1):
        self._names = {
            "presence": f"{_SURE_OF_BODY}pose_presence_score",
            "left_score": f"{_HANDS}1__{_SURE_OF_HAND}hand_presence_score",
            "right_score": f"{_HANDS}2__{_SURE_OF_HAND}hand_presence_score",
            "face_score": _SURE_OF_FACE,
        }
        outputs = ["body", "ends", "left_hand", "right_hand", "face", *self._names.values()]
        options = {f"{_SURE_OF_BODY}ThresholdingCalculator.threshold": presence}
        # Smoothing lags behind fast movements; only the box is steadied (by the same part).
        self._graph = _Graph(_PERSON, outputs, options, threads, {"smooth": False})

    def __call__(self, frame: np.ndarray, box: np.ndarray) -> Person:
        """Look into `box` (5,) of the frame that follows the last one."""
        size = frame.shape[1], frame.shape[0]
        seen = self._graph.run(frame, box=_rectangle(box, size))
        scores = {key: float(getattr(seen, name) or 0) for key, name in self._names.items()}
        body = _points(seen.body, size, visible=True)
        ends = _points(seen.ends, size)
        return Person(
            body=np.zeros((BODY_POINTS, 3), np.float32) if body is None else body,
            left_hand=_points(seen.left_hand, size),
            right_hand=_points(seen.right_hand, size),
            face=_points(seen.face, size),
            box=None if body is None else box_from_ends(ends[0], ends[1]),
            **scores,
        )

    def restart(self):
        """Forget the frames before: the next one shows another moment or another person."""
        self._graph.restart()

    def close(self):
        self._graph.close()


class HandModel:
    """The hand in a box, and palms anywhere in a picture, with no memory of other frames.

    presence: least score of a hand. palm: least score of a palm. threads: of the processor.
    """

    def __init__(self, presence: float = 0.5, palm: float = 0.5, threads: int = 1):
        self._score = f"{_SURE_OF_HAND}hand_presence_score"
        options = {f"{_SURE_OF_HAND}ThresholdingCalculator.threshold": presence}
        self._hand = _Graph(_HAND, ["hand", self._score], options, threads)
        name = "palmdetectioncpu__TensorsToDetectionsCalculator.min_score_thresh"
        self._palms = _Graph(_PALMS, ["palms"], {name: palm}, threads)

    def look(self, frame: np.ndarray, box: np.ndarray) -> tuple[np.ndarray | None, float]:
        """Points (21, 2) of the hand in `box` (5,), or None, and the model's score."""
        size = frame.shape[1], frame.shape[0]
        seen = self._hand.run(frame, box=_rectangle(box, size))
        return _points(seen.hand, size), float(getattr(seen, self._score) or 0)

    def palms(self, picture: np.ndarray) -> np.ndarray:
        """Boxes (N, 5) of the hands whose palms are seen, the surest first."""
        height, width = picture.shape[:2]
        found = self._palms.run(picture).palms or []
        return np.array([_palm_box(palm.location_data, width, height) for palm in found])

    def close(self):
        self._hand.close()
        self._palms.close()


def _palm_box(place, width: int, height: int) -> np.ndarray:
    """The box of a hand from its palm: upright, shifted to the fingers, enlarged."""
    palm = place.relative_bounding_box
    side = max(palm.width * width, palm.height * height)
    middle = (palm.xmin + palm.width / 2) * width, (palm.ymin + palm.height / 2) * height
    wrist, knuckle = place.relative_keypoints[0], place.relative_keypoints[2]
    ends = ((point.x * width, point.y * height) for point in (wrist, knuckle))
    turn = box_from_ends(*ends)[4]
    return hand_box(np.array(middle), side, turn, scale=2.6, shift=-0.5)
