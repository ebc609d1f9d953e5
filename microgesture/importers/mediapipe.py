"""Import tables of MediaPipe's landmarks: csv or tsv, one row a frame.

    python -m microgesture.importers.mediapipe FOLDER --videos VIDEOS --out data/mine

A file is a recording; `name_body.csv`, `name_hands.csv` and `name_face.csv` (as envisionhgdetector
and masked-piper write them) are one. Columns: see `mediapipe_names`. Coordinates are shares of the
picture, whose size comes from --videos or --size. Points go to coco_wholebody133; the face mesh is
left out. A hand's points have no scores of their own: present ones score 1.
"""

import csv
import logging
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.importers.mediapipe_names import joint_of_column, parse_column
from microgesture.importers.recordings import FPS, Options, Picture, files_of, run
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence

LOGGER = logging.getLogger(__name__)

LAYOUT = "coco_wholebody133"
_PARTS = re.compile(r"[_-](body|pose|hands?|face)$", re.IGNORECASE)
_FRAMES = ("frame", "frame_number", "frame_id", "frame_index", "frame_idx", "frameno", "image")
_TIMES = {"time": 0.001, "time_ms": 0.001, "timestamp": 0.001, "timestamp_ms": 0.001, "time_s": 1.0,
          "seconds": 1.0, "timestamp_s": 1.0}  # fmt: skip


def find_recordings(paths: list[str]) -> dict[str, list[Path]]:
    """Recording -> its files. Raises BadInput."""
    found: dict[str, list[Path]] = {}
    for file in files_of(paths, (".csv", ".tsv"), "table of landmarks"):
        found.setdefault(_PARTS.sub("", file.stem) or file.stem, []).append(file)
    return found


def read_recording(files: list[Path], picture: Picture, options: Options) -> Sequence:
    """The person of a recording, in pixels. Raises BadInput."""
    if options.layout not in (None, LAYOUT):
        raise BadInput(
            f"--layout {options.layout}: MediaPipe's points go to {LAYOUT}; leave it out, and name "
            "the layout that recognisers see as `layout` in the config"
        )
    tables = [read_table(file) for file in files if not re.search("face$", file.stem, re.I)]
    if not tables:
        raise BadInput(f"{files[0]}: holds face points alone; the body's table is needed")
    rows = [rows_of(file, table, picture.frames) for file, table in zip(files, tables)]
    count = max(int(numbers.max()) + 1 for numbers, _ in rows)
    points = np.zeros((1, count, get_layout(LAYOUT).num_joints, 3), np.float32)
    for file, table, (numbers, _) in zip(files, tables, rows):
        found = points_of(file, table, (picture.width, picture.height))
        part = np.zeros_like(points[0])
        part[numbers] = found
        points[0] = np.where(part[..., 2:] > 0, part, points[0])
    present = (points[..., -1] > 0).any((0, 2))
    fps = picture.fps or next((fps for _, fps in rows if fps), None) or FPS
    return Sequence(points, present, LAYOUT, picture.width, picture.height, fps)


def read_table(file: Path) -> pd.DataFrame:
    """The table as text, one row a line of the file, columns by their names. An empty line is a row
    without values, in its place. Raises BadInput."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as opened:
            text = opened.read()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file}: cannot be read as UTF-8 text ({error})") from error
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    lines = list(csv.reader(text.splitlines(), delimiter=separator))
    if len(lines) < 2:
        raise BadInput(f"{file}: holds no frame; expected a header and one row a frame")
    header, body = [name.strip() for name in lines[0]], lines[1:]
    for number, line in enumerate(body, 2):
        if any(cell.strip() for cell in line) and len(line) != len(header):
            raise BadInput(
                f"{file}: line {number}: has {len(line)} cells, the header {len(header)}"
            )
    width = len(header)
    body = [line if len(line) == width else [""] * width for line in body]
    return pd.DataFrame(body, columns=header)


def rows_of(file: Path, table: pd.DataFrame, frames: int | None) -> tuple[np.ndarray, float | None]:
    """(frame number of every row int64, frames per second or None).

    A column `frame` numbers the rows, from 0 or, where it begins with 1 and does not end past the
    video, from 1; frames that it leaves out stay empty. Without it row k is frame k. A column of
    times gives the frames per second. Raises BadInput.
    """
    lower = {name.lower(): name for name in reversed(list(table.columns))}
    fps = None
    for name, unit in _TIMES.items():
        if name in lower:
            times = pd.to_numeric(table[lower[name]], errors="coerce").dropna().to_numpy()
            steps = np.diff(times)
            if len(steps) and (steps > 0).all():
                step = float(np.median(steps))
                # "time" is in milliseconds for some tools and in seconds for others.
                fps = 1 / (step * (1.0 if step < 1 else unit))
    column = next((lower[name] for name in _FRAMES if name in lower), None)
    if column is None:
        return np.arange(len(table)), fps
    numbers = pd.to_numeric(table[column], errors="coerce").to_numpy(np.float64)
    empty = (table.drop(columns=column) == "").all(axis=1).to_numpy() & np.isnan(numbers)
    bad = np.flatnonzero(~empty & ~((numbers >= 0) & (numbers == np.round(numbers))))
    if len(bad):
        raise BadInput(
            f"{file}: line {bad[0] + 2}, column {column}: {table[column].iloc[bad[0]]!r} is no "
            "frame number; write whole numbers, 0 = first frame"
        )
    if empty.any():  # an empty line stands for the frame between its neighbours
        known = np.flatnonzero(~empty)
        if not len(known):
            raise BadInput(f"{file}: holds no frame")
        numbers = np.where(empty, numbers[known[0]] + np.arange(len(numbers)) - known[0], numbers)
    numbers = numbers.astype(np.int64)
    if len(set(numbers)) < len(numbers):
        again = int(pd.Series(numbers)[pd.Series(numbers).duplicated()].iloc[0])
        raise BadInput(
            f"{file}: frame {again} comes twice: one row a frame is expected, for one person"
        )
    first = 1 if numbers.min() == 1 and (frames is None or numbers.max() == frames) else 0
    if first:
        LOGGER.warning("%s: column %s begins with 1: taken for the first frame", file, column)
    missing = int(numbers.max()) + 1 - first - len(numbers)
    if missing:
        LOGGER.warning("%s: %d frames have no row and stay empty", file, missing)
    return numbers - first, fps


def points_of(file: Path, table: pd.DataFrame, size: tuple[int, int]) -> np.ndarray:
    """float32 (rows, 133, 3) in pixels. size: of the picture, (0, 0) = unknown. Raises BadInput for
    a table without landmarks, text among the numbers, and shares without a size."""
    layout = get_layout(LAYOUT)
    number = {joint: index for index, joint in enumerate(layout.joints)}
    columns = {name: parse_column(name) for name in dict.fromkeys(table.columns)}
    parsed = {name: column for name, column in columns.items() if column is not None}
    models = {column.model for column in parsed.values()}
    bodies = {column.point for column in parsed.values() if column.model == "pose"}
    if models - {"pose"} and bodies <= {"left_wrist", "right_wrist"}:  # a table of hands alone
        parsed = {
            name: replace(column, model=f"{column.point.split('_')[0]} hand", point="wrist")
            if column.model == "pose"
            else column
            for name, column in parsed.items()
        }
    if "hand" in models:
        raise BadInput(
            f"{file}: does not say which hand its points are of; call the columns LEFT_... and "
            "RIGHT_..., or left_hand_... and right_hand_..."
        )
    if "world" in models and "pose" not in models:
        raise BadInput(
            f"{file}: holds world landmarks (metres about the hips); take the table of the "
            "landmarks in the picture"
        )
    values = np.full((len(table), layout.num_joints, 3), np.nan)
    values[..., 2] = 1
    seen: dict[str, set[str]] = {}
    for name, column in parsed.items():
        joint = joint_of_column(column)
        axis = {"x": 0, "y": 1, "score": 2}.get(column.axis)
        if joint is None or axis is None:
            continue
        text = table[name] if isinstance(table[name], pd.Series) else table[name].iloc[:, 0]
        numbers = pd.to_numeric(text, errors="coerce")
        wrong = np.flatnonzero(numbers.isna() & ~text.str.lower().isin(["", "nan", "none", "null"]))
        if len(wrong):
            raise BadInput(
                f"{file}: line {wrong[0] + 2}, column {name}: {text.iloc[wrong[0]]!r} is no number"
            )
        values[:, number[joint], axis] = numbers
        seen.setdefault(joint, set()).add(column.axis)
    whole = [joint for joint, axes in seen.items() if {"x", "y"} <= axes]
    if not whole:
        some = ", ".join(map(str, table.columns[:4]))
        raise BadInput(
            f"{file}: has no columns of MediaPipe's landmarks ({some}, ...); expected X_NOSE, "
            "Y_NOSE, ... or landmark_0_x, landmark_0_y, ..."
        )
    known = np.isfinite(values).all(-1) & (values[..., 2] > 0)
    known &= (values[..., :2] != 0).any(-1)  # tools write 0, 0 for what was not found
    if known.any() and np.quantile(np.abs(values[known][:, :2]), 0.99) <= 3:
        if size == (0, 0):
            raise BadInput(
                f"{file}: its coordinates are shares of the picture, whose size nobody says; give "
                "--videos, or --size 1280x720"
            )
        values[..., :2] *= size
    values[..., 2] = values[..., 2].clip(0, 1)
    return np.where(known[..., None], values, 0).astype(np.float32)


def main(arguments: list[str] | None = None) -> None:
    """The command line; see the module's docstring."""
    run(__doc__, find_recordings, read_recording, arguments)


if __name__ == "__main__":
    main()
