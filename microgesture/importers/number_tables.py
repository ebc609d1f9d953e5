"""Tables of numbers without a header, a row a frame: an empty line is a frame, never left out."""

import csv
from pathlib import Path

import numpy as np

from microgesture.provenance.errors import BadInput


def whole_number(text: str) -> int:
    """12 and 12.0 -> 12. Raises ValueError for anything else, 12.48 above all."""
    number = float(text)
    if number != round(number):
        raise ValueError(f"{text} is no whole number")
    return int(number)


def read_numbers(
    path: str | Path, columns: int, expected: str, frames: int | None = None
) -> np.ndarray:
    """float32 (rows, columns); NaN for empty cells, and for all cells of an empty line.

    Line k is row k: line breaks at the end of the file are no rows. expected: what the columns are,
    for messages. frames: of the video, None = unknown: then nobody can tell an empty line that is a
    frame from one too many, and it is refused. Raises BadInput with the line for that, for another
    number of columns, and for text.
    """
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            lines = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path}: cannot be read as a table ({error})") from error
    values = np.full((len(lines), columns), np.nan, np.float32)
    for number, cells in enumerate(lines):
        if not any(cell.strip() for cell in cells):
            if frames is None and any(any(later) for later in lines[number:]):
                raise BadInput(
                    f"{path}: line {number + 1}: is empty: a frame without a person, or a line too "
                    "many? Put the video beside it, whose frames are counted, or write zeros"
                )
            continue
        if len(cells) != columns:
            raise BadInput(
                f"{path}: line {number + 1}: has {len(cells)} columns, expected {columns} = "
                f"{expected}"
            )
        try:
            values[number] = [cell if cell.strip() else "nan" for cell in cells]
        except ValueError as error:
            raise BadInput(
                f"{path}: line {number + 1}: holds text among the numbers ({error}); expected "
                f"{columns} = {expected}"
            ) from None
    if not np.isfinite(values).any():
        raise BadInput(f"{path}: holds no numbers; expected {columns} = {expected}")
    return values
