"""MediaPipe's points in tables: which column is which joint of coco_wholebody133.

Columns are read by their words: an axis (x, y, z, visibility, ...), a model (pose, left hand, right
hand, face) and a point, by MediaPipe's name (NOSE, LEFT_INDEX_FINGER_TIP) or number, in any order
and any case: X_NOSE, landmark_0_x, left_hand_8_y, pose.left_wrist.visibility.
"""

import re
from dataclasses import dataclass

from microgesture.importers.point_names import hand_joints

AXES = {
    "x": "x", "y": "y", "z": "z", "visibility": "score", "vis": "score", "v": "score",
    "presence": "presence", "score": "score", "confidence": "score", "c": "score",
    "likelihood": "score",
}  # fmt: skip
# The 33 points of the pose model, in order.
POSE = (
    "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye",
    "right_eye_outer", "left_ear", "right_ear", "mouth_left", "mouth_right", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_pinky",
    "right_pinky", "left_index", "right_index", "left_thumb", "right_thumb", "left_hip",
    "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle", "left_heel", "right_heel",
    "left_foot_index", "right_foot_index",
)  # fmt: skip
# Those of them that coco_wholebody133 has; the foot's index is the big toe.
_POSE_JOINTS = {
    name: name.replace("foot_index", "big_toe")
    for name in POSE
    if not name.endswith(("_inner", "_outer", "_pinky", "_index", "_thumb"))
    and not name.startswith("mouth")
} | {f"{side}_foot_index": f"{side}_big_toe" for side in ("left", "right")}
_HANDS = {side: hand_joints(side) for side in ("left", "right")}
_FILLER = {
    "landmark",
    "landmarks",
    "lm",
    "pose",
    "body",
    "point",
    "kp",
    "keypoint",
    "joint",
    "norm",
}


@dataclass(frozen=True)
class Column:
    """model: "pose", "left hand", "right hand", "hand" (nobody says which), "face", "world"; point:
    its name in lower case or its number as text; axis: x, y, z, score or presence."""

    model: str
    point: str
    axis: str


def parse_column(text: str) -> Column | None:
    """What a column holds; None for one that is no point's."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", text.strip()) if word]
    # x0 and 0x, NOSEx: number and letter apart
    if len(words) == 1 and (parts := re.fullmatch(r"([A-Za-z]+?)(\d+)|(\d+)([A-Za-z]+)", words[0])):
        words = [part for part in parts.groups() if part]
    words = [word.lower() for word in words]
    if len(words) < 2:
        return None
    inside = [place for place, word in enumerate(words) if word in ("x", "y", "z", "visibility")]
    for place in (len(words) - 1, 0, *inside):
        if words[place] in AXES:
            axis = AXES[words.pop(place)]
            break
    else:
        return None
    if "world" in words:
        return Column("world", "_".join(words), axis)
    if "face" in words or "mesh" in words:
        return Column("face", words[-1], axis)
    sides = [word for word in words if word in ("left", "right")]
    side = sides[0] if sides else ""
    numbers = [word for word in words if word.isdigit()]
    named_hand = "hand" in words or "hands" in words
    rest = [w for w in words if w not in _FILLER and w not in ("hand", "hands")]
    if numbers and len(rest) <= 2:
        model = f"{side} hand".strip() if named_hand else "pose"
        return Column(model, numbers[-1], axis) if named_hand or not side else None
    point = "_".join(rest)
    finger = "_".join(word for word in rest if word not in ("left", "right"))
    finger = re.sub(r"^pinky_finger_", "pinky_", finger)
    if finger.upper() in _HANDS["left"] and (named_hand or finger != "wrist"):
        return Column(f"{side} hand".strip(), finger, axis)
    if point in POSE:
        return Column("pose", point, axis)
    return None


def joint_of_column(column: Column) -> str | None:
    """The joint of coco_wholebody133, or None for a point that it has not."""
    if column.model == "pose":
        number = int(column.point) if column.point.isdigit() else -1
        if number >= len(POSE):
            return None
        return _POSE_JOINTS.get(POSE[number] if number >= 0 else column.point)
    if column.model in ("left hand", "right hand"):
        names = _HANDS[column.model.split()[0]]
        if column.point.isdigit():
            joints = list(names.values())
            return joints[int(column.point)] if int(column.point) < len(joints) else None
        return names.get(column.point.upper())
    return None
