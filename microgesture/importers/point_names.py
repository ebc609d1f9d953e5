"""Other tools' names of points: "LWrist", "wrist_l", "Left Ear" -> "left_wrist", "left_ear"."""

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from microgesture.pose.layouts import FINGERS, LAYOUT_NAMES, Layout, get_layout
from microgesture.provenance.errors import BadInput

_SIDES = {"l": "left", "left": "left", "r": "right", "right": "right"}
_WORDS = {
    "bigtoe": "big_toe", "smalltoe": "small_toe", "littletoe": "small_toe",
    "midhip": "middle_hip", "hipcenter": "middle_hip", "pelvis": "middle_hip",
    "root": "middle_hip", "headtop": "head_top", "tophead": "head_top", "forehead": "head_top",
    "chest": "spine_shoulder", "thorax": "spine_shoulder", "spine": "spine_middle",
    "head": "head_center", "toe": "big_toe", "footindex": "big_toe", "index": "forefinger",
}  # fmt: skip


def known_joints() -> set[str]:
    """The names of the joints of all layouts."""
    return {joint for name in LAYOUT_NAMES for joint in get_layout(name).joints}


def joint_of(name: str, known: set[str] | None = None) -> str | None:
    """The joint of this project that a point's name means, or None.

    Upper and lower case, blanks, dots, hyphens and the place of the side do not matter. known: see
    `known_joints`.
    """
    known = known_joints() if known is None else known
    if name in known:
        return name
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    spaced = re.sub(r"(?<=\b[LR])(?=[A-Z][a-z])", "_", spaced)
    words = [word for word in re.split(r"[^A-Za-z0-9]+", spaced.lower()) if word]
    sides = [_SIDES[word] for word in words if word in _SIDES]
    rest = [word for word in words if word not in _SIDES]
    if len(sides) > 1 or not rest:
        return None
    if not sides and len(rest) == 1:  # lwrist, rankle
        side = _SIDES.get(rest[0][0])
        short = _WORDS.get(rest[0][1:], rest[0][1:])
        if side and f"{side}_{short}" in known and rest[0] not in known:
            return f"{side}_{short}"
    joint = "_".join(rest)
    for candidate in (joint, _WORDS.get("".join(rest), joint)):
        candidate = f"{sides[0]}_{candidate}" if sides else candidate
        if candidate in known:
            return candidate
    return None


def choose_layout(names: Sequence[str], layout: str | None, place: str) -> Layout:
    """The layout that points of these names belong to.

    layout: a name or file that the user gave; None = the named layout that has most of the points
    (and of several the smallest), if it has at least two thirds of them. Raises BadInput.
    """
    if layout is not None:
        chosen = get_layout(layout)
        if not any(column is not None for column in columns_of(names, chosen)):
            raise BadInput(
                f"{place}: none of its points ({_some(names)}) is a joint of {layout} "
                f"({_some(chosen.joints)}); write the layout that the points have"
            )
        return chosen
    known = known_joints()
    meant = {joint for joint in (joint_of(name, known) for name in names) if joint}
    best = max(
        map(get_layout, LAYOUT_NAMES),
        key=lambda candidate: (len(meant & set(candidate.joints)), -candidate.num_joints),
    )
    if len(meant & set(best.joints)) * 3 < 2 * len(names):
        listed = ", ".join(names)
        raise BadInput(
            f"{place}: has points of names of its own ({_some(names)}). Write a layout file, "
            f"layouts/mine.yaml, with `joints: [{listed}]`, their `edges` and `pairs` "
            "(docs/layouts.md), and give it by --layout"
        )
    return best


def columns_of(names: Sequence[str], layout: Layout) -> list[int | None]:
    """For every joint of the layout the number of the point that is it, None where there is none.
    A point of just that name comes first, then what `joint_of` makes of the names."""
    exact = {name: number for number, name in reversed(list(enumerate(names)))}
    known = known_joints()
    meant: dict[str, int] = {}
    for number, name in enumerate(names):
        joint = joint_of(name, known)
        if joint is not None:
            meant.setdefault(joint, number)
    return [exact.get(joint, meant.get(joint)) for joint in layout.joints]


def arranged(points: np.ndarray, names: Sequence[str], layout: Layout) -> tuple[np.ndarray, list]:
    """Points (..., P, D + 1) of these names in the order of the layout, joints that it has and the
    data have not as zeros; and the names that are left out."""
    columns = columns_of(names, layout)
    out = np.zeros((*points.shape[:-2], layout.num_joints, points.shape[-1]), np.float32)
    for joint, column in enumerate(columns):
        if column is not None:
            out[..., joint, :] = points[..., column, :]
    used = {column for column in columns if column is not None}
    return out, [name for number, name in enumerate(names) if number not in used]


def _some(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")


def hand_joints(side: str) -> Mapping[str, str]:
    """MediaPipe's names of a hand's points -> joints of this project."""
    names = {"WRIST": f"{side}_hand_root"}
    steps = {
        "THUMB": ("CMC", "MCP", "IP", "TIP"),
        "INDEX_FINGER": ("MCP", "PIP", "DIP", "TIP"),
        "MIDDLE_FINGER": ("MCP", "PIP", "DIP", "TIP"),
        "RING_FINGER": ("MCP", "PIP", "DIP", "TIP"),
        "PINKY": ("MCP", "PIP", "DIP", "TIP"),
    }
    for (finger, parts), ours in zip(steps.items(), FINGERS, strict=True):
        for number, part in enumerate(parts, 1):
            names[f"{finger}_{part}"] = f"{side}_{ours}{number}"
    return names
