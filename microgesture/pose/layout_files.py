"""A keypoint layout of the user's own, in a small YAML file.

    joints: [nose, left_wrist, right_wrist, chest]     # in the order of the data
    edges: [[left_wrist, chest], [right_wrist, chest], [nose, chest]]
    pairs: [[left_wrist, right_wrist]]                 # the person's own left first
    center: chest                                      # optional: the root of the tree

Where a joint has a name of this project (docs/layouts.md), points go over to other layouts by it.
`pairs` may be left out for joints called left_... and right_.... A file is known by its path and a
hash of what it says (`layouts/mine.yaml#1f0c9a3b`), so that a change of it is a change of every
job that uses it.
"""

import hashlib
import json
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from microgesture.pose.layouts import Layout, get_layout, is_layout_file, mirrored_name, part_of
from microgesture.provenance.errors import BadInput
from microgesture.tables.problems import Problem, nearest, raise_for

ROOT = Path(__file__).resolve().parents[2]
KEYS = ("joints", "edges", "pairs", "center")
_EXAMPLE = "joints: [chest, left_wrist, right_wrist], edges: [[left_wrist, chest], ...]"


def read_layout_file(name: str) -> Layout:
    """The layout of the file `name` (path, or path#hash as `identified` writes it).

    Raises BadInput that lists everything that is wrong with it, and where the hash is not the
    file's: it was changed since.
    """
    path, _, digest = str(name).partition("#")
    content = _content(path)
    found = _digest(content)
    if digest and digest != found:
        raise BadInput(
            f"{path}: has changed ({found}) since {name} was written down; keypoints in the old "
            "layout must be imported again"
        )
    return build_layout(f"{path}#{found}", content, path)


def identified(name: str) -> str:
    """`name` itself for a known layout; for a file its path and the hash of its content. Raises
    BadInput as `get_layout` does."""
    return read_layout_file(name).name if is_layout_file(name) else get_layout(name).name


def _content(path: str) -> dict[str, Any]:
    there = Path(path)
    if not there.is_file() and not there.is_absolute():
        there = ROOT / path  # a run in another --directory finds the project's files too
    try:
        content = yaml.safe_load(there.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{path}: cannot be read ({error}); write the path of a layout file as seen from the "
            "folder where the command starts"
        ) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        reason = getattr(error, "problem", None) or "no YAML"
        raise BadInput(f"{path}{line}: {reason}; expected {_EXAMPLE}") from error
    if not isinstance(content, dict):
        raise BadInput(f"{path}: holds a {type(content).__name__}; expected {_EXAMPLE}")
    return content


def _digest(content: dict[str, Any]) -> str:
    text = json.dumps({key: content.get(key) for key in KEYS}, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def build_layout(name: str, content: dict[str, Any], path: str) -> Layout:
    """A layout called `name` out of the file's content. path: for messages. Raises BadInput."""
    problems: list[Problem] = []

    def tell(key: str | None, value: object, wrong: str, remedy: str) -> None:
        problems.append(Problem(path, None, key, value, wrong, remedy))

    for key in content:
        if key not in (*KEYS, "name"):
            similar = nearest(str(key), KEYS)
            known = f"did you mean {similar!r}?" if similar else f"known are {', '.join(KEYS)}"
            tell(None, key, "is no known key", known)
    joints = _joints(content.get("joints"), tell)
    raise_for(problems, "the layout")
    edges = _links(content.get("edges"), "edges", joints, tell)
    if "pairs" in content and content["pairs"] is not None:
        pairs = _links(content["pairs"], "pairs", joints, tell)
    else:
        pairs = [(j, mirrored_name(j)) for j in joints if j.startswith("left_")]
        pairs = [(left, right) for left, right in pairs if right in joints]
    center = content.get("center")
    if center is not None and center not in joints:
        tell("center", center, "is no joint", _meant(center, joints))
    _check_tree(joints, edges, tell)
    _check_pairs(joints, pairs, tell)
    raise_for(problems, "the layout")
    parents = _parents(joints, edges, center or _middle(joints, edges))
    _check_mirror(joints, parents, pairs, tell)
    raise_for(problems, "the layout")
    number = {joint: index for index, joint in enumerate(joints)}
    parts: dict[str, tuple[int, ...]] = {}
    for index, joint in enumerate(joints):
        parts[part_of(joint)] = (*parts.get(part_of(joint), ()), index)
    up = tuple(number[parents[joint]] for joint in joints)
    return Layout(
        name=name,
        joints=tuple(joints),
        edges=tuple((child, parent) for child, parent in enumerate(up) if child != parent),
        parents=up,
        flip_pairs=tuple((number[left], number[right]) for left, right in pairs),
        center=next(child for child, parent in enumerate(up) if child == parent),
        parts=parts,
    )


def _joints(given: Any, tell) -> list[str]:
    if not isinstance(given, list) or not given:
        tell("joints", given, "is no list of names", f"write {_EXAMPLE}")
        return []
    for number, joint in enumerate(given):
        if not isinstance(joint, str) or not joint.strip():
            tell("joints", joint, f"(number {number}) is no name", "write it in quotation marks")
    names = [joint for joint in given if isinstance(joint, Hashable)]
    for joint in dict.fromkeys(joint for joint in names if names.count(joint) > 1):
        tell("joints", joint, f"comes {names.count(joint)} times", "give every joint its own name")
    if len(given) < 2:
        tell("joints", given, "is a single joint", "a skeleton has two or more")
    return given


def _meant(word: object, joints: list[str]) -> str:
    similar = nearest(str(word), joints)
    return f"did you mean {similar!r}?" if similar else "write a name of the list joints"


def _links(given: Any, key: str, joints: list[str], tell) -> list[tuple[str, str]]:
    """Pairs of joints; those that are none are told and left out."""
    if not isinstance(given, list):
        tell(key, given, "is no list of pairs of joints", f"write {_EXAMPLE}")
        return []
    links = []
    for link in given:
        if not isinstance(link, list) or len(link) != 2:
            tell(key, link, "is no pair of joints", "write [left_elbow, left_shoulder]")
            continue
        unknown = [end for end in link if end not in joints]
        for end in unknown:
            tell(key, end, f"in {link} is no joint", _meant(end, joints))
        if not unknown and link[0] == link[1]:
            tell(key, link[0], "is joined with itself", "name two different joints")
        elif not unknown:
            links.append((link[0], link[1]))
    return links


def _check_tree(joints: list[str], edges: list[tuple[str, str]], tell) -> None:
    """The edges join all joints, and between two joints there is one way only."""
    group = {joint: joint for joint in joints}

    def root(joint: str) -> str:
        while group[joint] != joint:
            joint = group[joint]
        return joint

    for one, other in edges:
        if root(one) == root(other):
            tell(
                "edges", f"{one} - {other}", "closes a ring", "take it out: bones must form a tree"
            )
        else:
            group[root(one)] = root(other)
    groups: dict[str, list[str]] = {}
    for joint in joints:
        groups.setdefault(root(joint), []).append(joint)
    largest = max(groups.values(), key=len)
    for loose in groups.values():
        if loose is not largest:
            some = ", ".join(loose[:4]) + (", ..." if len(loose) > 4 else "")
            tell("edges", some, "hangs on nothing", f"join it with one of {', '.join(largest[:4])}")


def _check_pairs(joints: list[str], pairs: list[tuple[str, str]], tell) -> None:
    """A joint stands in one pair, left_x is paired with right_x."""
    ends = [end for pair in pairs for end in pair]
    for joint in dict.fromkeys(end for end in ends if ends.count(end) > 1):
        tell("pairs", joint, "stands in more than one pair", "keep one of them")
    for pair in pairs:
        left, right = pair
        if left.startswith("right_") and right.startswith("left_"):
            tell("pairs", f"{left}, {right}", "names the right one first", "write [left, right]")
        elif left.startswith(("left_", "right_")) and mirrored_name(left) != right:
            tell("pairs", f"{left}, {right}", "is no left and right", f"{mirrored_name(left)!r}?")
    paired = set(ends)
    for joint in joints:
        if joint.startswith(("left_", "right_")) and joint not in paired:
            tell(
                "pairs", joint, "has no counterpart", f"add {mirrored_name(joint)!r} to both lists"
            )


def _check_mirror(joints, parents, pairs, tell) -> None:
    """In the mirror image every bone is a bone."""
    mirror = {joint: joint for joint in joints}
    for left, right in pairs:
        mirror[left], mirror[right] = right, left
    bones = {frozenset((child, parent)) for child, parent in parents.items() if child != parent}
    for bone in sorted(map(sorted, bones)):
        other = [mirror[end] for end in bone]
        if frozenset(other) not in bones:
            wrong = f"is a bone, its mirror image {' - '.join(other)} is none"
            tell("edges", " - ".join(bone), wrong, "join both sides alike, or mend the pairs")


def _neighbours(joints, edges) -> dict[str, list[str]]:
    near: dict[str, list[str]] = {joint: [] for joint in joints}
    for one, other in edges:
        near[one].append(other)
        near[other].append(one)
    return near


def _parents(joints, edges, center: str) -> dict[str, str]:
    near, parents, waiting = _neighbours(joints, edges), {center: center}, [center]
    while waiting:
        joint = waiting.pop(0)
        for other in near[joint]:
            if other not in parents:
                parents[other] = joint
                waiting.append(other)
    return parents


def _middle(joints, edges) -> str:
    """The joint from which the farthest one is nearest; the first of several."""

    def reach(joint: str) -> int:
        parents = _parents(joints, edges, joint)

        def depth(other: str) -> int:
            return 0 if parents[other] == other else 1 + depth(parents[other])

        return max(depth(other) for other in parents)

    return min(joints, key=reach)
