"""Import DeepLabCut's predictions: csv or h5, one animal or several.

    python -m microgesture.importers.deeplabcut FOLDER --layout layouts/mine.yaml --out data/mine

A file is a recording; its name up to "DLC_" is the recording's. Without --layout the names of the
points must be those of a body (nose, left_wrist, LElbow, ...; docs/layouts.md).
"""

import csv
import logging
import re
from pathlib import Path

import numpy as np

from microgesture.importers.deeplabcut_h5 import read_h5
from microgesture.importers.point_names import arranged, choose_layout
from microgesture.importers.recordings import FPS, Options, Picture, files_of, run
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence

LOGGER = logging.getLogger(__name__)

_ROWS = ("scorer", "individuals", "bodyparts", "coords")
_UNIQUE = "single"  # the "individual" of points that belong to no animal


def find_recordings(paths: list[str]) -> dict[str, Path]:
    """Recording -> file. Of a csv and an h5 file with one name the h5 file is taken. Raises
    BadInput."""
    found: dict[str, Path] = {}
    for file in files_of(paths, (".h5", ".hdf5", ".csv"), "DeepLabCut file"):
        name = re.split(r"DLC[_-]", file.stem)[0].rstrip("_-") or file.stem
        other = found.get(name)
        if other is not None and other.stem == file.stem:
            found[name] = min(file, other, key=lambda path: path.suffix.lower() == ".csv")
        elif other is not None:
            raise BadInput(
                f"{file}: {other.name} is a recording {name!r} too (filtered or made by another "
                "model); name the files that are meant instead of the folder"
            )
        else:
            found[name] = file
    return found


def read_recording(file: Path, picture: Picture, options: Options) -> Sequence:
    """The animals of a file, each in a row. Raises BadInput."""
    columns, frames, values = read_csv(file) if file.suffix.lower() == ".csv" else read_h5(file)
    rows, points = _table(file, columns, values)
    count = int(frames.max()) + 1
    missing = count - len(frames)
    if missing:
        LOGGER.warning("%s: %d of %d frames have no row and count as empty", file, missing, count)
    placed = np.zeros((len(rows), count, *points.shape[2:]), np.float32)
    placed[:, frames] = points
    names = list(dict.fromkeys(column[-2] for column in columns if _animal(column) != _UNIQUE))
    layout = choose_layout(names, options.layout, str(file))
    placed, left = arranged(placed, names, layout)
    if left:
        LOGGER.warning("%s: %d points are no joints of %s and are left out: %s",
                       file, len(left), layout.name, ", ".join(left))  # fmt: skip
    present = (placed[..., -1] > 0).any((0, 2))
    fps = picture.fps or FPS
    return Sequence(placed, present, layout.name, picture.width, picture.height, fps)


def read_csv(file: Path) -> tuple[list[tuple[str, ...]], np.ndarray, np.ndarray]:
    """(columns, frame numbers int64 (T,), values float64 (T, columns), missing = NaN).

    A column is (scorer, bodypart, coordinate) or (scorer, individual, bodypart, coordinate). Raises
    BadInput with the line.
    """
    try:
        with file.open(newline="", encoding="utf-8-sig") as opened:
            lines = list(csv.reader(opened))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{file}: cannot be read as a table ({error})") from error
    names = [line[0].strip().lower() if line else "" for line in lines[:4]]
    header = 4 if names[:4] == list(_ROWS) else 3
    wanted = list(_ROWS) if header == 4 else ["scorer", "bodyparts", "coords"]
    if names[:header] != wanted:
        raise BadInput(
            f"{file}: begins with {', '.join(names[:3]) or 'nothing'}; expected DeepLabCut's rows "
            "scorer, (individuals,) bodyparts, coords"
        )
    columns = list(zip(*(line[1:] for line in lines[:header])))
    frames, values = [], []
    for number, line in enumerate(lines[header:], header + 1):
        if not any(cell.strip() for cell in line):
            continue
        if len(line) != len(columns) + 1:
            raise BadInput(
                f"{file}: line {number}: has {len(line)} cells, the header {len(columns) + 1}"
            )
        frames.append(_frame(line[0], f"{file}: line {number}"))
        try:
            values.append([float(cell) if cell.strip() else np.nan for cell in line[1:]])
        except ValueError as error:
            raise BadInput(
                f"{file}: line {number}: holds text among the numbers ({error})"
            ) from None
    return _in_order(columns, frames, np.array(values, np.float64), file)


def _frame(text: str, place: str) -> int:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if number < 0 or number != round(number):
        raise BadInput(
            f"{place}: {text!r} is no frame number; labelled pictures (labeled-data/...) are no "
            "recording: take the file of analyze_videos"
        )
    return int(number)


def _in_order(columns, frames, values, file):
    if not len(values):
        raise BadInput(f"{file}: holds no frame")
    if len(set(frames)) < len(frames):
        again = next(n for n in frames if frames.count(n) > 1)
        raise BadInput(f"{file}: frame {again} comes twice")
    return [tuple(column) for column in columns], np.array(frames, np.int64), values


def _animal(column: tuple[str, ...]) -> str:
    return column[1] if len(column) == 4 else ""


def _table(
    file: Path, columns: list[tuple[str, ...]], values: np.ndarray
) -> tuple[list[str], np.ndarray]:
    """(animals, float32 (M, T, P, 3)); a point without a position or likelihood has score 0."""
    animals = [a for a in dict.fromkeys(map(_animal, columns)) if a != _UNIQUE]
    if any(_animal(column) == _UNIQUE for column in columns):
        LOGGER.warning("%s: points that belong to no individual are left out", file)
    names = list(dict.fromkeys(c[-2] for c in columns if _animal(c) != _UNIQUE))
    if not animals:
        raise BadInput(f"{file}: has no column of an individual")
    points = np.zeros((len(animals), len(values), len(names), 3), np.float32)
    coordinates = {"x": 0, "y": 1, "likelihood": 2}
    if not any(column[-1] == "likelihood" for column in columns):
        points[..., 2] = 1
    seen: dict[tuple, set[str]] = {}
    for number, column in enumerate(columns):
        if _animal(column) == _UNIQUE:
            continue
        if column[-1] not in coordinates:
            raise BadInput(
                f"{file}: column {number + 2} is {column[-1]!r} of {column[-2]!r}; expected x, y "
                "and likelihood (files in space have z: import those in the picture)"
            )
        key = (animals.index(_animal(column)), names.index(column[-2]))
        if column[-1] in seen.setdefault(key, set()):
            raise BadInput(f"{file}: {column[-2]} has two columns {column[-1]}")
        seen[key].add(column[-1])
        points[key[0], :, key[1], coordinates[column[-1]]] = values[:, number]
    for (animal, point), found in seen.items():
        if not {"x", "y"} <= found:
            lacking = ({"x", "y"} - found).pop()
            raise BadInput(f"{file}: {names[point]} of {animals[animal]} has no column {lacking}")
    whole = {(a, p) for a in range(len(animals)) for p in range(len(names))}
    for key in whole - set(seen):
        points[key[0], :, key[1]] = 0
    known = np.isfinite(points).all(-1) & (points[..., 2] > 0)
    points = np.where(known[..., None], points, np.float32(0))
    points[..., 2] = points[..., 2].clip(0, 1)
    return animals, points


def main(arguments: list[str] | None = None) -> None:
    """The command line; see the module's docstring."""
    run(__doc__, find_recordings, read_recording, arguments)


if __name__ == "__main__":
    main()
