"""How sure the keypoints of a video are over time: a strip of three rows, and where its clips lie.

The strip is a picture of few pixels that a page enlarges: rows for the body, the left and the right
hand (pale to dark: unsure to sure; red: nobody, or no hand), a row with the clips, and marks where
the track jumps.
"""

import numpy as np

from microgesture.figures.skeletons import rgb_of
from microgesture.figures.style import BLUE, INK, MUTED, ORANGE, VERMILION

ROW, GAP = 10, 2  # pixels
_MISSING = "#f3b8a0"
_ABSENT = VERMILION
_PALE = "#d6e6f2"
_GROUND = "#ffffff"
_TRACK = "#eef1f4"


def draw_confidence_strip(
    present: np.ndarray,
    body: np.ndarray,
    hands: np.ndarray | None,
    clips: list[tuple[int, int]],
    jumps: np.ndarray,
    width: int = 900,
) -> np.ndarray:
    """uint8 (H, W, 3) RGB; W is `width`, or the number of frames where that is less.

    present: bool (T,), somebody is seen. body: (T,) scores in [0, 1]. hands: (2, T) scores of left
    and right hand, 0 = not found; None = the layout has none, and there are no rows for them.
    clips: (start, end) frames, inclusive. jumps: frames. Several frames in one column give their
    mean, so that what is missing for long enough to matter can be seen.
    """
    frames = len(present)
    columns = max(1, min(width, frames))
    edges = np.linspace(0, frames, columns + 1).astype(int)
    rows = [_scores(np.asarray(body, float), present, edges, _ABSENT)]
    if hands is not None:
        rows += [_scores(hand, present, edges, _MISSING) for hand in np.asarray(hands, float)]
    strip = np.empty(((ROW + GAP) * (len(rows) + 1), columns, 3), np.uint8)
    strip[:] = rgb_of(_GROUND)
    for number, row in enumerate(rows):
        top = number * (ROW + GAP)
        strip[top : top + ROW] = row
    top = len(rows) * (ROW + GAP)
    strip[top : top + ROW] = rgb_of(_TRACK)
    for number, (start, end) in enumerate(sorted(clips)):
        first, last = (int(np.searchsorted(edges, at, "right")) - 1 for at in (start, end))
        colour = INK if number % 2 == 0 else MUTED
        strip[top : top + ROW, first : last + 1] = rgb_of(colour)
    for jump in np.asarray(jumps, int):
        at = min(columns - 1, int(np.searchsorted(edges, jump, "right")) - 1)
        strip[: len(rows) * (ROW + GAP), at : at + max(1, columns // 450)] = rgb_of(ORANGE)
    return strip


def _scores(scores: np.ndarray, present: np.ndarray, edges: np.ndarray, missing: str) -> np.ndarray:
    """float colours (W, 3) of one row: mixed from pale, dark and missing by their frames."""
    pale, dark, none, nobody = (np.array(rgb_of(c), float) for c in (_PALE, BLUE, missing, _ABSENT))
    scores = np.clip(scores, 0, 1)[:, None]
    colours = pale + (dark - pale) * scores
    colours[scores[:, 0] <= 0] = none
    colours[~present] = nobody
    sums = np.vstack([np.zeros(3), np.cumsum(colours, axis=0)])
    return (sums[edges[1:]] - sums[edges[:-1]]) / np.diff(edges)[:, None]
