"""Import OpenPose's JSON files: one a frame, any number of people in each.

    python -m microgesture.importers.openpose FOLDER... --videos VIDEOS --out data/mine

Each folder holds `<name>_000000000000_keypoints.json` and so on (`--write_json`), of one recording
or of several, which go by <name>; or a folder for each recording. BODY_25 with hands and face
becomes the layout openpose137, BODY_25 alone body25, the 18 points of COCO openpose18. A frame
whose `people` is empty, and one whose file is missing, stays as an empty frame.
"""

import json
import logging
import re
from pathlib import Path
from typing import Any

import numpy as np

from microgesture.importers.recordings import FPS, Options, Picture, run
from microgesture.pose.persons import link_people
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence

LOGGER = logging.getLogger(__name__)

_NAME = re.compile(r"(?P<name>.*?)_?(?P<frame>\d+)(_keypoints)?\.json")
_BODIES = {25: "body25", 18: "openpose18"}
# part of the file -> (keys of new and old versions, points)
_PARTS = {
    "body": (("pose_keypoints_2d", "pose_keypoints"), 25),
    "face": (("face_keypoints_2d", "face_keypoints"), 70),
    "left hand": (("hand_left_keypoints_2d", "hand_left_keypoints"), 21),
    "right hand": (("hand_right_keypoints_2d", "hand_right_keypoints"), 21),
}
_SHOWN = 10


def find_recordings(paths: list[str]) -> dict[str, dict[int, Path]]:
    """Recording -> frame number -> file. Raises BadInput, with all problems at once."""
    found: dict[str, dict[int, Path]] = {}
    problems = []
    for folder in map(Path, paths):
        if not folder.is_dir():
            problems.append(f"{folder}: is no folder; name the one that --write_json was given")
            continue
        files = sorted(folder.rglob("*.json"))
        if not files:
            problems.append(f"{folder}: holds no .json file; OpenPose writes one a frame")
        for file in files:
            parsed = _NAME.fullmatch(file.name)
            if parsed is None or file.name.startswith("."):
                problems.append(
                    f"{file}: has no frame number; expected <name>_000000000012_keypoints.json"
                )
                continue
            name = parsed["name"] or file.parent.name
            frames = found.setdefault(name, {})
            number = int(parsed["frame"])
            if number in frames:
                problems.append(f"{file}: frame {number} of {name!r} stands in {frames[number]}")
            frames[number] = file
    if problems:
        more = f"\n  and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise BadInput(f"{len(problems)} problem(s):\n  " + "\n  ".join(problems[:_SHOWN]) + more)
    return found


def read_recording(frames: dict[int, Path], picture: Picture, options: Options) -> Sequence:
    """The people of one recording, each in a row of their own (`link_people`).

    frames: frame number (0 = the video's first) -> file. Raises BadInput that lists every file that
    cannot be read.
    """
    problems: list[str] = []
    count = max(frames) + 1
    missing = count - len(frames)
    if missing:
        first = next(number for number in range(count) if number not in frames)
        LOGGER.warning(
            "%s: %d of %d frames have no file (first: %d) and count as empty",
            *(next(iter(frames.values())).parent, missing, count, first),
        )
    people: list[list[dict[str, np.ndarray]]] = [[] for _ in range(count)]
    for number, file in sorted(frames.items()):
        try:
            people[number] = _people(file)
        except BadInput as error:
            problems.append(str(error))
    if problems:
        more = f"\n  and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise BadInput(f"{len(problems)} file(s):\n  " + "\n  ".join(problems[:_SHOWN]) + more)
    kinds = {len(person["body"]) for frame in people for person in frame}
    if len(kinds) > 1:
        raise BadInput(
            f"{next(iter(frames.values())).parent}: bodies of {' and '.join(map(str, kinds))} "
            "points in one recording; it was made with two models"
        )
    joints = kinds.pop() if kinds else 25
    parts = ["body"]
    if any(len(person) > 1 for frame in people for person in frame):
        if joints == 25:
            parts = ["body", "face", "left hand", "right hand"]
        else:
            LOGGER.warning("hands and face beside 18 body points are left out")
    layout = "openpose137" if len(parts) > 1 else _BODIES[joints]
    empty = {part: np.zeros((points, 3), np.float32) for part, (_, points) in _PARTS.items()}
    stacked = [
        np.array([np.concatenate([(empty | p)[part] for part in parts]) for p in frame], np.float32)
        if frame
        else np.zeros((0, joints if len(parts) == 1 else 137, 3), np.float32)
        for frame in people
    ]
    points, left = link_people(stacked, options.persons)
    if left:
        LOGGER.warning("%d people who are seen least are left out (--persons)", left)
    present = (points[..., -1] > 0).any((0, 2))
    fps = picture.fps or FPS
    return Sequence(points, present, layout, picture.width, picture.height, fps)


def _people(file: Path) -> list[dict[str, np.ndarray]]:
    """The people of a frame: part -> float32 (points, 3); missing points are zeros."""
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise BadInput(f"{file}: is no JSON ({error}); run OpenPose again for it") from error
    people = content.get("people") if isinstance(content, dict) else None
    if not isinstance(people, list):
        raise BadInput(f"{file}: has no list 'people'; expected a file of OpenPose's --write_json")
    found = []
    for number, person in enumerate(people):
        parts = {}
        for part, (keys, points) in _PARTS.items():
            values = next((person[key] for key in keys if key in person), None)
            if values:
                parts[part] = _points(values, part, points, f"{file}: person {number}")
        if "body" not in parts:
            raise BadInput(f"{file}: person {number} has no pose_keypoints_2d")
        if any((points[:, 2] > 0).any() for points in parts.values()):
            found.append({k: v for k, v in parts.items() if k == "body" or (v[:, 2] > 0).any()})
    return found


def _points(values: Any, part: str, points: int, place: str) -> np.ndarray:
    allowed = tuple(_BODIES) if part == "body" else (points,)
    try:
        array = np.asarray(values, np.float32).reshape(-1, 3)
    except ValueError:
        raise BadInput(
            f"{place}: the {part} has {len(values)} numbers; expected x, y, score of "
            f"{' or '.join(map(str, allowed))} points"
        ) from None
    if len(array) not in allowed:
        raise BadInput(
            f"{place}: the {part} has {len(array)} points; expected "
            f"{' or '.join(map(str, allowed))} (OpenPose's BODY_25 or COCO model)"
        )
    known = np.isfinite(array).all(1) & (array[:, 2] > 0)
    array = np.where(known[:, None], array, np.float32(0))
    array[:, 2] = array[:, 2].clip(0, 1)
    return array


def main(arguments: list[str] | None = None) -> None:
    """The command line; see the module's docstring."""
    run(__doc__, find_recordings, read_recording, arguments)


if __name__ == "__main__":
    main()
