"""The keypoint layouts this project knows: which joints, in which order, joined how.

Joint names are shared by all layouts, so that a point can be found in another layout by its name
(microgesture/pose/convert.py), and so that one anatomical table gives every layout its bones.
`left` and `right` are the person's own. Face points are the 68 of iBUG 300-W, `face_0` (the
person's right temple) to `face_67`; hand points are counted from the hand's root to the tips.

Sources: COCO-WholeBody (Jin et al. 2020), Halpe-Full-Body (Fang et al. 2022), OpenPose (Cao et al.
2019), Kinect v2 as in NTU RGB+D (Shahroudy et al. 2016) and SMG, iMiGUE (Liu et al. 2021), MA-52
(Guo et al. 2024), MSR-Action3D (Li et al. 2010), Kinect v1 (the order of its SDK's joint numbers),
UTD-MHAD (Chen et al. 2015), Human3.6M's 17 joints (Ionescu et al. 2014). docs/layouts.md lists the
joints of each in order. A layout of the user's own is a file: microgesture/pose/layout_files.py.
"""

import difflib
from dataclasses import dataclass
from functools import cache

import numpy as np

from microgesture.provenance.errors import BadInput

# MSR-Action3D's files do not say which side joint 0 is on. Its authors had one-armed actions done
# with the right arm, and there the arm of joint 1 moves 3 to 5 times as much: joint 1 is right. (So
# the recorded pictures are mirrored: joint 1 lies on their right-hand side.)
_MSR20_SIDES = ("left", "right")

FINGERS = ("thumb", "forefinger", "middle_finger", "ring_finger", "pinky_finger")

# iBUG-68: every face point's parent; the midline and the person's right half (0-7, 17-21, ...) are
# written down, the other half follows by mirroring. The bridge runs up from the tip of the nose.
_FACE_MIRROR = (
    *range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31,
    45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40, 54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55,
    64, 63, 62, 61, 60, 67, 66, 65,
)  # fmt: skip
_FACE_HALF = {
    29: 30, 28: 29, 27: 28, 33: 30, 32: 33, 31: 32,  # nose
    21: 27, 20: 21, 19: 20, 18: 19, 17: 18,  # brow
    39: 27, 38: 39, 37: 38, 36: 37, 40: 39, 41: 40,  # eye
    51: 33, 50: 51, 49: 50, 48: 49, 59: 48, 58: 59,  # outer lip
    62: 51, 61: 62, 60: 61, 67: 60, 66: 62, 57: 66,  # inner lip and the middle of the lower lip
    8: 57, 7: 8, 6: 7, 5: 6, 4: 5, 3: 4, 2: 3, 1: 2, 0: 1,  # chin and jaw
}  # fmt: skip
_FACE_PARENTS = _FACE_HALF | {
    _FACE_MIRROR[child]: _FACE_MIRROR[parent] for child, parent in _FACE_HALF.items()
}

# Every joint's possible parents, the nearest first: a layout takes the first one that it has.
_MIDLINE_PARENTS = {
    "neck": ("spine_shoulder",),
    "nose": ("neck",),
    "head_top": ("neck",),
    "head_center": ("neck", "spine_shoulder"),
    "spine_middle": ("spine_shoulder", "neck"),
    "middle_hip": ("spine_middle", "neck"),
    "face_30": ("nose",),
}
_SIDE_PARENTS = {
    "eye": ("nose",),
    "ear": ("{side}_eye",),
    "pupil": ("{eye_corner}",),
    "shoulder": ("spine_shoulder", "neck", "nose"),
    "elbow": ("{side}_shoulder",),
    "wrist": ("{side}_elbow",),
    "hip": ("middle_hip", "{side}_shoulder"),
    "knee": ("{side}_hip",),
    "ankle": ("{side}_knee",),
    "foot": ("{side}_ankle",),
    "big_toe": ("{side}_ankle",),
    "small_toe": ("{side}_big_toe",),
    "heel": ("{side}_ankle",),
    "hand": ("{side}_wrist",),
    "hand_tip": ("{side}_hand",),
    "thumb": ("{side}_hand",),
    "hand_root": ("{side}_wrist",),
}


@dataclass(frozen=True)
class Layout:
    """Names and anatomy of one set of keypoints.

    joints: unique names. edges: (child, parent) joint numbers, one per joint but the root, so they
    form a tree over all joints; edge k's child is the k-th joint that is not the root. parents: one
    per joint, the root's is itself. flip_pairs: left and right joints that change places in a
    mirror image. center: the root, a joint that is seen in most pictures. parts: body part -> its
    joints; every joint stands in exactly one part.
    """

    name: str
    joints: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]
    parents: tuple[int, ...]
    flip_pairs: tuple[tuple[int, int], ...]
    center: int
    parts: dict[str, tuple[int, ...]]

    @property
    def num_joints(self) -> int:
        return len(self.joints)

    @property
    def flip_order(self) -> np.ndarray:
        """int64 (J,): the joint whose point joint j takes in a mirror image; its own inverse."""
        order = np.arange(len(self.joints))
        for left, right in self.flip_pairs:
            order[left], order[right] = right, left
        return order


def _anatomy() -> dict[str, tuple[str, ...]]:
    """Every known joint but the face's midline root -> its possible parents, nearest first."""
    parents = dict(_MIDLINE_PARENTS)
    for child, parent in _FACE_PARENTS.items():
        parents[f"face_{child}"] = (f"face_{parent}",)
    for side, corner in (("left", "face_42"), ("right", "face_39")):
        for joint, candidates in _SIDE_PARENTS.items():
            parents[f"{side}_{joint}"] = tuple(
                name.format(side=side, eye_corner=corner) for name in candidates
            )
        for finger in FINGERS:
            root = (f"{side}_hand_root", f"{side}_wrist")
            parents[f"{side}_{finger}1"] = root
            for number in (2, 3, 4):
                parents[f"{side}_{finger}{number}"] = (f"{side}_{finger}{number - 1}", *root)
    return parents


def mirrored_name(joint: str) -> str:
    """The joint that takes `joint`'s place in a mirror image; `joint` itself on the midline."""
    if joint.startswith("left_"):
        return "right_" + joint.removeprefix("left_")
    if joint.startswith("right_"):
        return "left_" + joint.removeprefix("right_")
    if joint.startswith("face_"):
        return f"face_{_FACE_MIRROR[int(joint.removeprefix('face_'))]}"
    return joint


def part_of(joint: str) -> str:
    """The body part that a joint belongs to."""
    side, _, rest = joint.partition("_")
    if joint.startswith("face_") or rest == "pupil":
        return "face"
    if rest in ("eye", "ear") or joint in ("nose", "head_top", "head_center"):
        return "head"
    if side not in ("left", "right"):
        return "torso"
    if rest in ("shoulder", "elbow", "wrist"):
        return f"{side}_arm"
    if rest in ("hip", "knee", "ankle", "foot", "big_toe", "small_toe", "heel"):
        return f"{side}_leg"
    return f"{side}_hand"


def make_layout(name: str, joints: tuple[str, ...]) -> Layout:
    """Build a layout from its joints' names; bones, mirror pairs and parts come from anatomy."""
    number = {joint: index for index, joint in enumerate(joints)}
    anatomy = _anatomy()
    parents = tuple(
        next((number[parent] for parent in anatomy.get(joint, ()) if parent in number), index)
        for index, joint in enumerate(joints)
    )
    mirrored = [number[mirrored_name(joint)] for joint in joints]
    parts: dict[str, tuple[int, ...]] = {}
    for index, joint in enumerate(joints):
        part = part_of(joint)
        parts[part] = (*parts.get(part, ()), index)
    return Layout(
        name=name,
        joints=joints,
        edges=tuple((child, parent) for child, parent in enumerate(parents) if child != parent),
        parents=parents,
        flip_pairs=tuple((a, b) for a, b in enumerate(mirrored) if a < b),
        center=next(child for child, parent in enumerate(parents) if child == parent),
        parts=parts,
    )


def _sides(*joints: str, order: tuple[str, str] = ("left", "right")) -> tuple[str, ...]:
    """left_a, right_a, left_b, right_b, ..."""
    return tuple(f"{side}_{joint}" for joint in joints for side in order)


def _limb(side: str, *joints: str) -> tuple[str, ...]:
    return tuple(f"{side}_{joint}" for joint in joints)


def _hand(side: str) -> tuple[str, ...]:
    """The 21 points of a hand: its root, then thumb to little finger, four each."""
    return (
        f"{side}_hand_root",
        *(f"{side}_{finger}{number}" for finger in FINGERS for number in (1, 2, 3, 4)),
    )


def _fingertips(side: str) -> tuple[str, ...]:
    return tuple(f"{side}_{finger}4" for finger in FINGERS)


def _joint_names() -> dict[str, tuple[str, ...]]:
    """Layout name -> joint names in the order of the data."""
    arm, leg = ("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle")
    right_first = ("right", "left")
    hands = _hand("left") + _hand("right")
    face = tuple(f"face_{number}" for number in range(68))
    coco17 = ("nose", *_sides("eye", "ear", *arm, *leg))
    feet = ("big_toe", "small_toe", "heel")
    halpe26 = (*coco17, "head_top", "neck", "middle_hip", *_sides(*feet))
    arms = (*_limb("right", *arm), *_limb("left", *arm))
    head_sides = _sides("eye", "ear", order=right_first)
    body25 = (
        "nose", "neck", *arms, "middle_hip", *_limb("right", *leg), *_limb("left", *leg),
        *head_sides, *_limb("left", *feet), *_limb("right", *feet),
    )  # fmt: skip
    openpose18 = (
        "nose", "neck", *arms, *_limb("right", *leg), *_limb("left", *leg), *head_sides,
    )  # fmt: skip
    kinect25 = (
        "middle_hip", "spine_middle", "neck", "head_center",
        *_limb("left", *arm, "hand"), *_limb("right", *arm, "hand"),
        *_limb("left", *leg, "foot"), *_limb("right", *leg, "foot"), "spine_shoulder",
        *_limb("left", "hand_tip", "thumb"), *_limb("right", "hand_tip", "thumb"),
    )  # fmt: skip
    kinect20_limbs = (
        *_limb("left", *arm, "hand"), *_limb("right", *arm, "hand"),
        *_limb("left", *leg, "foot"), *_limb("right", *leg, "foot"),
    )  # fmt: skip
    return {
        "h68": halpe26 + hands,
        "coco17": coco17,
        "coco_wholebody133": coco17
        + _limb("left", *feet) + _limb("right", *feet) + face + hands,
        "halpe136": halpe26 + face + hands,
        # OpenPose's face ends with the two pupils, the person's right one first.
        "openpose137": body25 + face + ("right_pupil", "left_pupil") + hands,
        "body25": body25,
        # The fingers of iMiGUE-22 and MA-52-28 are taken for the five tips, thumb first. iMiGUE's
        # right hand comes first (its joints hang on joint 4, the right wrist).
        "imigue22": ("nose", "neck", *arms, *head_sides)
        + _fingertips("right") + _fingertips("left"),
        "smg25": kinect25,
        # MA-52's papers name no finger order; left hand first is assumed, as in OpenPose's output.
        # An importer checks it by the mean distance of the tips to each wrist.
        "ma52_28": openpose18 + _fingertips("left") + _fingertips("right"),
        "ntu25": kinect25,
        "msr20": (
            *_sides("shoulder", order=_MSR20_SIDES), "spine_shoulder", "spine_middle",
            *_sides("hip", order=_MSR20_SIDES), "middle_hip",
            *_sides("elbow", "wrist", "hand", "knee", "ankle", "foot", order=_MSR20_SIDES),
            "head_center",
        ),
        "kinect20": (
            "middle_hip", "spine_middle", "spine_shoulder", "head_center", *kinect20_limbs,
        ),
        # UTD-MHAD turns the spine round: head first.
        "utd20": ("head_center", "spine_shoulder", "spine_middle", "middle_hip", *kinect20_limbs),
        "h36m17": (
            "middle_hip", *_limb("right", *leg), *_limb("left", *leg), "spine_middle", "neck",
            "nose", "head_top", *_limb("left", *arm), *_limb("right", *arm),
        ),
        "halpe26": halpe26,
        "openpose18": openpose18,
    }  # fmt: skip


LAYOUT_NAMES = tuple(_joint_names())


def is_layout_file(name: str) -> bool:
    """Whether `name` names a file of the user's own instead of a layout known here."""
    return str(name).split("#")[0].lower().endswith((".yaml", ".yml"))


def get_layout(name: str) -> Layout:
    """The layout called `name`, or the one of a file (`layouts/mine.yaml`, see `layout_files`).

    Raises BadInput with the nearest known name for any other.
    """
    if is_layout_file(name) and "#" not in name:  # the file may change until somebody wrote it down
        return _of_file(name)
    return _remembered(name)


def _of_file(name: str) -> Layout:
    from microgesture.pose.layout_files import read_layout_file  # it needs Layout from here

    return read_layout_file(name)


@cache
def _remembered(name: str) -> Layout:
    if is_layout_file(name):
        return _of_file(name)
    joints = _joint_names()
    if name not in joints:
        near = difflib.get_close_matches(str(name), joints, n=1, cutoff=0)
        raise BadInput(
            f"unknown keypoint layout {name!r}: did you mean {near[0]!r}? "
            f"Known layouts: {', '.join(joints)}; a layout of your own is a file, such as "
            "layouts/mine.yaml (docs/layouts.md)."
        )
    return make_layout(name, joints[name])
