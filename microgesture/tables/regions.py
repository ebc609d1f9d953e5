"""The column `region` of the video table: the part of the picture where a row's subject is."""

import math

HINT = (
    "write x0,y0,x1,y1 as shares of the picture with 0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1, such "
    "as 0,0,0.5,1 for its left half; or leave it empty"
)


def parse_region(text: str) -> tuple[float, float, float, float] | None:
    """The region that `text` names; None for an empty text (the whole picture).

    Raises ValueError, with what is wrong in words, for anything else than four shares in order.
    """
    if not text.strip():
        return None
    try:
        numbers = [float(part) for part in text.replace(";", ",").split(",")]
    except ValueError:
        raise ValueError("is no list of four numbers") from None
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise ValueError("is no list of four numbers")
    x0, y0, x1, y1 = numbers
    if not (0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
        inside = all(0 <= number <= 1 for number in numbers)
        raise ValueError("is empty or upside down" if inside else "lies outside the picture")
    return x0, y0, x1, y1
