"""The exchange format of skeletons that PYSKL and MMAction2 share: read, check, write.

A pickle of {"split": {name: [ids]}, "annotations": [{"frame_dir": id, "total_frames": T, "label",
"img_shape": (h, w), "keypoint": (M, T, V, 2 or 3), "keypoint_score": (M, T, V)}]}.
"""

import logging
import pickle
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np

from microgesture.importers.restricted_pickle import load_pickle
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.provenance.files import written_whole
from microgesture.stores.sequences import Sequence

LOGGER = logging.getLogger(__name__)

_SHOWN = 10  # problems in one message


@dataclass(frozen=True)
class Annotation:
    """One sequence of the file, checked.

    name: frame_dir. label: class number, -1 where the file has none. points: float32 (M, T, V, D),
    pixels (D = 2) or metres (D = 3); what is not finite is 0. scores: float32 (M, T, V) in [0, 1],
    or None where the file has none. width, height: frame size in pixels, 0 where not given. fps,
    present (bool (T,)), layout: what this project writes beside the format's own keys, or None.
    """

    name: str
    label: int
    points: np.ndarray
    scores: np.ndarray | None
    width: int
    height: int
    fps: float | None = None
    present: np.ndarray | None = None
    layout: str | None = None


@dataclass(frozen=True)
class Skeletons:
    """splits: name -> ids, in the file's order. annotations: id -> Annotation."""

    splits: dict[str, list[str]]
    annotations: dict[str, Annotation]


def read_skeletons(
    path: str | Path,
    *,
    layout: str,
    num_classes: int | None = None,
    dimensions: int | None = None,
    shares: bool = False,
) -> Skeletons:
    """Read and check a pickle of the format.

    layout: name of the keypoint layout; num_classes: labels must lie below it. dimensions: 2 takes
    a third number of a point for its score, None asks the shape. shares: coordinates are shares of
    the picture and are multiplied by its size. Coordinates that are
    not finite become missing, with a warning. Raises BadInput for a hostile or damaged pickle
    (see restricted_pickle), and one that lists the first problems of content: missing keys, wrong
    shapes, `total_frames` or scores that disagree with the keypoints, labels out of range, an id
    that comes twice, a split that names unknown ids.
    """
    content = load_pickle(path)
    if not isinstance(content, dict) or not {"split", "annotations"} <= set(content):
        held = ", ".join(map(str, content)) if isinstance(content, dict) else type(content).__name__
        raise BadInput(
            f"{path}: is not in PYSKL's format: expected a dictionary with the keys 'split' and "
            f"'annotations', found {held or 'an empty one'}. A bare list of annotations is written "
            f"as {{'split': {{'train': [ids], 'test': [ids]}}, 'annotations': [...]}}"
        )
    joints = get_layout(layout).num_joints
    problems: list[str] = []
    annotations: dict[str, Annotation] = {}
    rows = content["annotations"]
    if not isinstance(rows, list | tuple) or not len(rows):
        raise BadInput(f"{path}: 'annotations' must be a list of at least one dictionary")
    dims = set()
    for number, row in enumerate(rows):
        try:
            row = _with_score(row) if dimensions == 2 else row
            annotation = _annotation(row, layout, joints, num_classes)
            annotation = _in_pixels(annotation) if shares else annotation
            if annotation.name in annotations:
                raise BadInput("the id comes twice; give every sequence a frame_dir of its own")
            annotations[annotation.name] = annotation
            dims.add(annotation.points.shape[-1])
        except BadInput as error:
            name = row.get("frame_dir") if isinstance(row, dict) else None
            problems.append(f"annotation {number} ({name!r}): {error}")
    if len(dims) > 1:
        problems.append("some keypoints are 2D and some 3D; write one file for each")
    splits = _splits(content["split"], annotations if not problems else None, problems)
    if problems:
        more = f"\n  and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise BadInput(
            f"{path}: {len(problems)} problem(s):\n  " + "\n  ".join(problems[:_SHOWN]) + more
        )
    _warn_not_finite(path, rows)
    return Skeletons(splits, annotations)


def _annotation(row: Any, layout: str, joints: int, num_classes: int | None) -> Annotation:
    if not isinstance(row, dict):
        raise BadInput(f"is a {type(row).__name__}, expected a dictionary")
    missing = [key for key in ("frame_dir", "label", "keypoint") if key not in row]
    if missing:
        raise BadInput(f"has no {' and no '.join(map(repr, missing))}; found {', '.join(row)}")
    points = np.asarray(row["keypoint"])
    if points.ndim != 4 or points.shape[-1] not in (2, 3) or points.dtype.kind not in "fiu":
        hint = " (one person: keypoint[None])" if points.ndim == 3 else ""
        hint = " (put scores into keypoint_score)" if points.shape[-1:] == (4,) else hint
        raise BadInput(
            f"keypoint has the shape {points.shape} and type {points.dtype}; expected numbers "
            f"(persons, frames, joints, 2 or 3){hint}"
        )
    if points.shape[2] != joints:
        raise BadInput(f"has {points.shape[2]} joints, the layout {layout} has {joints}")
    if points.shape[0] < 1 or points.shape[1] < 1:
        raise BadInput(f"keypoint of shape {points.shape} holds no person or no frame")
    frames = row.get("total_frames", points.shape[1])
    if frames != points.shape[1]:
        raise BadInput(f"total_frames is {frames}, keypoint has {points.shape[1]} frames")
    label = row["label"]
    if not isinstance(label, Integral) or isinstance(label, bool):
        raise BadInput(f"label is {label!r}; expected a whole number, or -1 for none")
    if label < -1 or (num_classes is not None and label >= num_classes):
        upper = "" if num_classes is None else f" to {num_classes - 1}"
        raise BadInput(f"label {label} is out of range; the classes are 0{upper}, -1 = none")
    scores = row.get("keypoint_score")
    if scores is not None:
        scores = np.nan_to_num(np.asarray(scores, np.float32), posinf=0.0, neginf=0.0)
        if scores.shape != points.shape[:3]:
            raise BadInput(
                f"keypoint_score has the shape {scores.shape}, expected {points.shape[:3]}"
            )
        if scores.min() < 0 or scores.max() > 1:
            raise BadInput(
                f"keypoint_score lies between {scores.min():g} and {scores.max():g}; expected 0 "
                "(missing) to 1 (certain): divide it by its largest value"
            )
    height, width = _image_size(row.get("img_shape", row.get("original_shape")))
    finite = np.isfinite(points).all(-1, keepdims=True)
    points = np.where(finite, points, 0).astype(np.float32)
    name = str(row["frame_dir"])
    return Annotation(name, int(label), points, scores, width, height, *_own(row, frames, layout))


def _own(row: dict, frames: int, layout: str) -> tuple[float | None, np.ndarray | None, str | None]:
    """fps, present and layout of a row that `write_skeletons` wrote; None where it did not."""
    fps, present, written = row.get("fps"), row.get("present"), row.get("layout")
    if present is not None:
        present = np.asarray(present, bool)
        present = present if present.shape == (frames,) else None
    fps = float(fps) if isinstance(fps, int | float) and fps > 0 else None
    if not isinstance(written, str):
        return fps, present, None
    if written.split("#")[0] != layout.split("#")[0]:
        raise BadInput(f"is in the layout {written}, not {layout}; write --layout {written}")
    return fps, present, written


def _with_score(row: Any) -> Any:
    """The row with a third number of every point as keypoint_score."""
    points = np.asarray(row["keypoint"]) if isinstance(row, dict) and "keypoint" in row else None
    if points is None or points.ndim != 4 or points.shape[-1] != 3:
        return row
    given = row.get("keypoint_score")
    return {
        **row,
        "keypoint": points[..., :2],
        "keypoint_score": points[..., 2] if given is None else given,
    }


def _in_pixels(annotation: Annotation) -> Annotation:
    if annotation.points.shape[-1] != 2:
        raise BadInput("--units shares: the keypoints are in space")
    if not (annotation.width and annotation.height):
        raise BadInput("--units shares: there is no img_shape to multiply by; write it beside them")
    size = np.array([annotation.width, annotation.height], np.float32)
    return replace(annotation, points=annotation.points * size)


def _image_size(shape: Any) -> tuple[int, int]:
    """(height, width); (0, 0) where the file has none."""
    if shape is None:
        return 0, 0
    size = np.asarray(shape)
    if size.shape[:1] < (2,) or size.ndim != 1 or not (size[:2] >= 0).all():
        raise BadInput(f"img_shape is {shape!r}; expected (height, width) in pixels")
    return int(size[0]), int(size[1])


def _splits(given: Any, annotations: Mapping | None, problems: list[str]) -> dict[str, list[str]]:
    """name -> ids. annotations: None = do not compare (they have problems of their own)."""
    if not isinstance(given, dict) or not given:
        problems.append("'split' must be a dictionary: name -> list of frame_dirs")
        return {}
    splits = {}
    for name, ids in given.items():
        if isinstance(ids, str) or not isinstance(ids, Iterable):
            problems.append(f"split {name!r} is a {type(ids).__name__}, expected a list of ids")
            continue
        splits[str(name)] = [str(identifier) for identifier in ids]
        if annotations is not None:
            unknown = [i for i in splits[str(name)] if i not in annotations]
            if unknown:
                problems.append(
                    f"split {name!r} names {len(unknown)} ids without an annotation, the first: "
                    f"{unknown[0]!r}"
                )
        if len(set(splits[str(name)])) < len(splits[str(name)]):
            problems.append(f"split {name!r} names an id twice")
    return splits


def _warn_not_finite(path, rows) -> None:
    bad = {
        str(row["frame_dir"]): int((~np.isfinite(np.asarray(row["keypoint"])).all(-1)).sum())
        for row in rows
    }
    bad = {name: count for name, count in bad.items() if count}
    if bad:
        name, count = next(iter(bad.items()))
        LOGGER.warning(
            "%s: %d points in %d sequences are NaN or infinite and count as missing (first: %s, %d "
            "points)", path, sum(bad.values()), len(bad), name, count,
        )  # fmt: skip


def choose_scores(annotations: Iterable[Annotation]) -> str:
    """ "given" or "coordinates": whether the file's scores tell which points are missing.

    Depth cameras score a joint 0 that they infer from its neighbours (MSR-Action3D: the spine in
    97 % of all frames), although its coordinates are good. If any joint that has coordinates scores
    0 in more than half of the frames in which it has them, the scores are taken as such flags, and
    every point with coordinates counts as present.
    """
    having, zero = 0, 0
    for annotation in annotations:
        if annotation.scores is None:
            return "coordinates"
        if annotation.present is not None:  # written by this project: scores say what they say
            return "given"
        known = annotation.points.any(-1)
        having = having + known.sum((0, 1))
        zero = zero + (known & (annotation.scores == 0)).sum((0, 1))
    return "coordinates" if np.any(zero > np.maximum(having, 1) / 2) else "given"


def to_sequence(annotation: Annotation, layout: str, fps: float, scores: str) -> Sequence:
    """A sequence of the store. scores: "given" (score 0 = missing) or "coordinates": every point
    that is not at the origin scores 1. A point at the origin is missing either way; a frame without
    a point has `present` False."""
    points = annotation.points
    known = points.any(-1)
    score = known.astype(np.float32)
    if scores == "given" and annotation.scores is not None:
        score = annotation.scores if annotation.present is not None else score * annotation.scores
    present = (score > 0).any((0, 2)) if annotation.present is None else annotation.present
    values = np.concatenate([points * (score > 0)[..., None], score[..., None]], axis=-1)
    flat = points.shape[-1] == 2
    return Sequence(
        points=values.astype(np.float32),
        present=present,
        layout=layout,
        width=annotation.width if flat else 0,
        height=annotation.height if flat else 0,
        fps=annotation.fps or fps,
    )


def write_skeletons(
    path: str | Path,
    splits: Mapping[str, Iterable[str]],
    sequences: Iterable[tuple[str, int, Sequence]],
) -> None:
    """Write a pickle of the format, which PYSKL and MMAction2 read.

    sequences: (id, label, Sequence); label -1 = none. Scores are written beside the coordinates;
    three-dimensional keypoints carry no image size. Frame rate, layout and frames with a person
    stand in keys of their own, which other readers pass over: read back, a sequence is the same.
    """
    annotations = []
    for name, label, sequence in sequences:
        points = np.ascontiguousarray(sequence.points[..., :-1], np.float32)
        row = {"frame_dir": name, "total_frames": points.shape[1], "label": int(label)}
        if points.shape[-1] == 2:
            size = (int(sequence.height), int(sequence.width))
            row |= {"img_shape": size, "original_shape": size}
        row["keypoint"] = points
        row["keypoint_score"] = np.ascontiguousarray(sequence.points[..., -1], np.float32)
        row |= {"fps": float(sequence.fps), "layout": sequence.layout}
        row["present"] = np.asarray(sequence.present, bool)
        annotations.append(row)
    content = {
        "split": {name: list(ids) for name, ids in splits.items()},
        "annotations": annotations,
    }
    with written_whole(path) as temporary, temporary.open("wb") as file:
        pickle.dump(content, file, protocol=4)
