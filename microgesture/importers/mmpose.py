"""Import mmpose's own predictions: the JSON that MMPoseInferencer and its demos write.

    python -m microgesture.importers.mmpose FOLDER --videos VIDEOS --size 1280x720 --out data/mine

A file is a recording. Its points are known by their names where the file has them (`meta_info`),
else by their number: 17 coco17, 26 halpe26, 133 coco_wholebody133, 136 halpe136; --layout says
otherwise.
"""

import json
import logging
import re
from pathlib import Path
from typing import Any

import numpy as np

from microgesture.importers.point_names import arranged, choose_layout
from microgesture.importers.recordings import FPS, Options, Picture, files_of, run
from microgesture.pose.layouts import get_layout
from microgesture.pose.persons import link_people
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence

LOGGER = logging.getLogger(__name__)

_BY_COUNT = {
    17: "coco17", 26: "halpe26", 133: "coco_wholebody133", 136: "halpe136", 68: "h68",
}  # fmt: skip


def find_recordings(paths: list[str]) -> dict[str, Path]:
    """Recording -> file (`results_` in front of a demo's is left out). Raises BadInput."""
    found: dict[str, Path] = {}
    for file in files_of(paths, (".json",), "prediction of mmpose"):
        name = re.sub(r"^results_", "", file.stem)
        if name in found:
            raise BadInput(f"{file}: {found[name]} is called {name!r} too; rename one of them")
        found[name] = file
    return found


def read_recording(file: Path, picture: Picture, options: Options) -> Sequence:
    """The people of a recording, each in a row of their own. Raises BadInput."""
    frames, names = read_predictions(file)
    joints = next((frame.shape[1] for frame in frames if len(frame)), 0)
    if not joints:
        raise BadInput(f"{file}: nobody is seen in any of its {len(frames)} frames")
    if options.layout is None and names is None and joints not in _BY_COUNT:
        raise BadInput(
            f"{file}: has {joints} points a person and no names for them; say which they are by "
            "--layout (docs/layouts.md)"
        )
    if names is None or (options.layout is None and joints in _BY_COUNT):
        layout = get_layout(options.layout or _BY_COUNT[joints])
        if layout.num_joints != joints:
            raise BadInput(
                f"{file}: has {joints} points a person, the layout {layout.name} has "
                f"{layout.num_joints}"
            )
    else:
        layout = choose_layout(names, options.layout, str(file))
        moved = [arranged(frame, names, layout) for frame in frames]
        if moved[0][1]:
            LOGGER.warning("%s: left out: %s", file, ", ".join(moved[0][1]))
        frames = [frame for frame, _ in moved]
    points, left = link_people(frames, options.persons)
    if left:
        LOGGER.warning("%s: %d people who are seen least are left out (--persons)", file, left)
    present = (points[..., -1] > 0).any((0, 2))
    fps = picture.fps or FPS
    return Sequence(points, present, layout.name, picture.width, picture.height, fps)


def read_predictions(file: Path) -> tuple[list[np.ndarray], list[str] | None]:
    """(people of every frame float32 (N, J, 3), names of the points or None).

    A list of {frame_id, instances}, or {meta_info, instance_info: that list}. frame_id counts from
    0 (the inferencer) or from 1 (the demos, known by meta_info, or by a list that begins with 1).
    Raises BadInput.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise BadInput(f"{file}: is no JSON ({error})") from error
    names, demo = None, False
    if isinstance(content, dict) and "instance_info" in content:
        names, demo = _names(content.get("meta_info")), True
        content = content["instance_info"]
    if not isinstance(content, list) or not content:
        raise BadInput(
            f"{file}: is no prediction of mmpose for a video; expected a list of frames, each with "
            "frame_id and instances"
        )
    if not all(isinstance(row, dict) and {"frame_id", "instances"} <= set(row) for row in content):
        what = "a single picture's" if "keypoints" in str(content[0])[:200] else "not"
        raise BadInput(
            f"{file}: holds {what} prediction; expected a list of frames, each with frame_id and "
            "instances (run mmpose on the video)"
        )
    numbers = [row["frame_id"] for row in content]
    if not all(isinstance(n, int) and n >= 0 for n in numbers) or len(set(numbers)) < len(numbers):
        raise BadInput(f"{file}: frame_id must be whole numbers, each once")
    first = 1 if min(numbers) == 1 and (demo or len(numbers) == max(numbers)) else 0
    frames: list[np.ndarray | None] = [None] * (max(numbers) - first + 1)
    joints = 0
    for row in content:
        people = [_person(p, f"{file}: frame_id {row['frame_id']}") for p in row["instances"] or ()]
        joints = joints or (len(people[0]) if people else 0)
        if any(len(person) != joints for person in people):
            raise BadInput(f"{file}: frame_id {row['frame_id']}: another number of points")
        frames[row["frame_id"] - first] = np.array(people, np.float32)
    missing = sum(frame is None for frame in frames)
    if missing:
        LOGGER.warning("%s: %d of %d frames are missing and empty", file, missing, len(frames))
    empty = np.zeros((0, joints, 3), np.float32)
    return [frame if frame is not None and len(frame) else empty for frame in frames], names


def _person(person: Any, place: str) -> np.ndarray:
    try:
        points = np.asarray(person["keypoints"], np.float32)
        scores = np.asarray(person["keypoint_scores"], np.float32)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"{place}: an instance has no keypoints and keypoint_scores") from error
    if points.ndim != 2 or points.shape[1] != 2 or scores.shape != points.shape[:1]:
        raise BadInput(
            f"{place}: keypoints have the shape {points.shape}, scores {scores.shape}; expected "
            "(points, 2) and (points,): predictions in the picture, not in space"
        )
    known = np.isfinite(points).all(1) & (np.nan_to_num(scores) > 0)
    scores = np.where(known, scores, 0).clip(0, 1)
    return np.concatenate([np.where(known[:, None], points, 0), scores[:, None]], 1)


def _names(meta: Any) -> list[str] | None:
    names = meta.get("keypoint_id2name") if isinstance(meta, dict) else None
    if not isinstance(names, dict) or not names:
        return None
    try:
        return [str(names[key]) for key in sorted(names, key=int)]
    except (TypeError, ValueError):
        return None


def main(arguments: list[str] | None = None) -> None:
    """The command line; see the module's docstring."""
    run(__doc__, find_recordings, read_recording, arguments)


if __name__ == "__main__":
    main()
