"""From raw keypoints to skeletons that a recogniser can trust: no absurd values, no jitter, no NaN.

Missing stays missing: a joint without a believable point in or near a frame keeps score 0 and
coordinates 0 there, and nothing is invented in frames without a person.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from microgesture.pose.convert import convert_points
from microgesture.stores.sequences import Sequence

# Savitzky-Golay weights, 5 frames, order 2: takes noise out, leaves any parabola as it is.
_SMOOTH_FIVE = np.array([-3, 12, 17, 12, -3], np.float32) / 35
# A coordinate this many times the typical deviation away from the sequence's middle is absurd;
# used where there is no frame to measure by (metres, or files without a size).
_ABSURD_DEVIATIONS = 25.0
_SMOOTHED = 2  # frames before and after that smoothing looks at
FRAMES_AT_ONCE = 4096  # of a long video


@dataclass(frozen=True)
class CleaningSettings:
    """Numbers of the cleaning, all of them config values.

    minimum_score: points below it are missing. frame_margin: how far out of the frame a point may
    lie, in frame sizes. outlier_window: frames (odd) of the running median that a point is compared
    with; 1 = off. outlier_distance: how far from that median it may lie, in body sizes
    (`body_size`). longest_gap: frames of a missing joint that are filled between two known points.
    filled_score: the score of a filled point, as a part of the smaller score at the gap's ends.
    smoothing: 'none', 'savitzky_golay' (5 frames, order 2) or 'median' (3 frames).
    """

    minimum_score: float = 0.05
    frame_margin: float = 0.5
    outlier_window: int = 5
    outlier_distance: float = 0.15
    longest_gap: int = 8
    filled_score: float = 0.5
    smoothing: str = "savitzky_golay"


def believable(points: np.ndarray, width: int, height: int, margin: float) -> np.ndarray:
    """Which points lie where a person can be: bool (..., J).

    points: (M, T, J, D+1), missing = score 0. With a frame size and D = 2: within the frame and
    `margin` frame sizes around it. Without one: within 25 typical deviations of the middle of all
    points of the sequence (medians, so that absurd values do not shift them).
    """
    coordinates, known = points[..., :-1], points[..., -1] > 0
    if width > 0 and height > 0 and coordinates.shape[-1] == 2:
        size = np.array([width, height], np.float64)
        inside = (coordinates >= -margin * size) & (coordinates <= (1 + margin) * size)
        return known & inside.all(-1)
    if not known.any():
        return known
    values = coordinates[known].astype(np.float64)
    middle = np.median(values, axis=0)
    deviation = np.median(np.abs(values - middle), axis=0).max()
    return known & (np.abs(coordinates - middle) <= _ABSURD_DEVIATIONS * deviation).all(-1)


def body_size(points: np.ndarray) -> float:
    """Median over frames of the diagonal of the box around the known points; 0 without any.

    points: (M, T, J, D+1), pixels or metres.
    """
    return median_size(body_diagonals(points))


def median_size(diagonals: np.ndarray) -> float:
    """The median, 0 of none."""
    return float(np.median(diagonals)) if len(diagonals) else 0.0


def body_diagonals(points: np.ndarray) -> np.ndarray:
    """The diagonal of the box around the known points, of every person and frame with any: (N,)."""
    known = (points[..., -1] > 0)[..., None]
    low = np.where(known, points[..., :-1], np.inf).min(2)
    high = np.where(known, points[..., :-1], -np.inf).max(2)
    seen = known.any(axis=(2, 3))
    return np.linalg.norm(high[seen] - low[seen], axis=-1)


def drop(points: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """The points with those not in `keep` (bool (..., J)) made missing (zeros)."""
    return np.where(keep[..., None], points, np.float32(0))


def far_from_median(points: np.ndarray, window: int, distance: float) -> np.ndarray:
    """Points that leap away from their neighbours in time: bool (M, T, J).

    A point is far if it lies more than `distance` from the median of the known points of its joint
    in the `window` frames around it. A median of five follows any steady motion and any turn of it,
    and is not moved by outliers of one or two frames. Fewer than three known points decide nothing.
    """
    half = window // 2
    frames = points.shape[1]
    if half < 1 or frames < 3:
        return np.zeros(points.shape[:-1], bool)
    known = points[..., -1:] > 0
    coordinates = np.where(known, points[..., :-1], np.nan)
    padding = ((0, 0), (half, half), (0, 0), (0, 0))
    padded = np.pad(coordinates, padding, constant_values=np.nan)
    around = np.stack([padded[:, shift : shift + frames] for shift in range(2 * half + 1)])
    count = np.isfinite(around[..., 0]).sum(0)
    around = np.where(count[..., None] > 0, around, 0)  # no median of nothing
    away = np.linalg.norm(coordinates - np.nanmedian(around, axis=0), axis=-1)
    return known[..., 0] & (count >= 3) & (np.nan_to_num(away) > distance)


def fill_gaps(
    points: np.ndarray, present: np.ndarray, longest: int, filled_score: float
) -> tuple[np.ndarray, int]:
    """Fill short gaps of single joints by straight lines in time.

    points: (M, T, J, D+1); present: bool (T,). A gap of at most `longest` frames between two known
    points is filled if a person is present in all of it. Returns new points and the number filled.
    """
    filled = points.copy()
    known = points[..., -1] > 0
    frames = np.arange(points.shape[1])[:, None]
    shape = known.shape
    last = np.maximum.accumulate(np.where(known, frames, -1), axis=1)
    following = np.where(known, frames, shape[1])[:, ::-1]
    following = np.minimum.accumulate(following, axis=1)[:, ::-1]
    absent_before = np.concatenate([[0], np.cumsum(~present)])
    inside = ~known & (last >= 0) & (following < shape[1])
    before, after = np.where(inside, last, 0), np.where(inside, following, 0)
    inside &= after - before - 1 <= longest
    inside &= absent_before[after] == absent_before[before]
    person, frame, joint = np.nonzero(inside)
    start, end = before[inside], after[inside]
    first, second = points[person, start, joint], points[person, end, joint]
    share = ((frame - start) / np.maximum(end - start, 1))[:, None].astype(np.float32)
    values = first + share * (second - first)
    values[:, -1] = filled_score * np.minimum(first[:, -1], second[:, -1])
    filled[person, frame, joint] = values
    return filled, len(frame)


def smooth(points: np.ndarray, method: str) -> np.ndarray:
    """Light smoothing over time of the coordinates; scores stay.

    points: (M, T, J, D+1). A point changes only where all points of its joint in the window are
    known, so that nothing is mixed with a missing point and ends stay where they are.
    """
    if method == "none":
        return points
    width = {"savitzky_golay": 5, "median": 3}[method]
    frames = points.shape[1]
    if frames < width:
        return points
    steps = frames - width + 1
    windows = np.stack([points[:, shift : shift + steps] for shift in range(width)])
    complete = (windows[..., -1] > 0).all(0)[..., None]
    if method == "median":
        values = np.median(windows[..., :-1], axis=0)
    else:
        values = np.tensordot(_SMOOTH_FIVE, windows[..., :-1], axes=1)
    out = points.copy()
    middle = out[:, width // 2 : width // 2 + steps, :, :-1]
    middle[...] = np.where(complete, values, middle)
    return out


@dataclass(frozen=True)
class CleaningCounts:
    """What was done to a sequence, in points: all, absurd and leaping (dropped), filled, missing in
    frames with a person; and frames: all, with a person."""

    points: int
    absurd: int
    leaping: int
    filled: int
    missing: int
    frames: int
    present: int


def clean_sequence(sequence: Sequence, layout: str, settings: CleaningSettings) -> Sequence:
    """A cleaned sequence in `layout`: `clean_and_count` without the counts."""
    return clean_and_count(sequence, layout, settings)[0]


def clean_and_count(
    sequence: Sequence, layout: str, settings: CleaningSettings
) -> tuple[Sequence, CleaningCounts]:
    """A cleaned sequence in `layout`, and what was done.

    Converts the layout, drops absurd, uncertain and leaping points, fills short gaps, smooths.
    Frames with `present` False hold zeros. The same for two and three dimensions; never NaN.
    """
    parts: list[np.ndarray] = []
    counts = clean_in_parts(
        lambda first, last: sequence.points[:, first : last + 1],
        replace(sequence, points=sequence.points[:, :0], present=sequence.present[:0]),
        sequence.present,
        sequence.points.shape,
        layout,
        settings,
        lambda first, points: parts.append(points),
        frames_at_once=max(len(sequence.present), 1),
    )
    present = np.asarray(sequence.present, bool)
    cleaned = Sequence(parts[0], present, layout, sequence.width, sequence.height, sequence.fps)
    return cleaned, counts


def clean_in_parts(
    read: Callable[[int, int], np.ndarray],
    facts: Sequence,
    present: np.ndarray,
    shape: tuple[int, ...],
    layout: str,
    settings: CleaningSettings,
    write: Callable[[int, np.ndarray], None],
    frames_at_once: int = FRAMES_AT_ONCE,
) -> CleaningCounts:
    """Clean a sequence part by part, so that memory does not grow with its length; the result is
    that of the whole, bit for bit.

    read: first and last frame (inclusive) -> raw points (M, n, J, D + 1). facts: layout and picture
    size; its points are not looked at. present: bool (T,). shape: that of all raw points. write:
    called with the first frame of a part and its cleaned points, in order. Coordinates without a
    picture size (metres) are judged by the whole sequence, which is then taken at once.
    """
    present, frames = np.asarray(present, bool), shape[1]
    if not (facts.width > 0 and facts.height > 0 and shape[-1] == 3):
        frames_at_once = frames
    firsts = range(0, max(frames, 1), max(frames_at_once, 1))

    def prepared(first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Points without the uncertain and absurd ones, and which were absurd."""
        points = convert_points(read(first, last), facts.layout, layout)
        there = present[first : last + 1][None, :, None]
        points = drop(points, there & (points[..., -1] >= settings.minimum_score))
        keep = believable(points, facts.width, facts.height, settings.frame_margin)
        return drop(points, keep), (points[..., -1] > 0) & ~keep

    def end(first: int) -> int:
        return min(first + frames_at_once, frames) - 1

    whole = prepared(0, frames - 1) if len(firsts) == 1 else None
    each = [body_diagonals((whole or prepared(first, end(first)))[0]) for first in firsts]
    limit = settings.outlier_distance * median_size(np.concatenate(each))
    # What a frame's result depends on: its window, across the longest gap, and the smoothing.
    around = settings.outlier_window // 2 + settings.longest_gap + 1 + _SMOOTHED
    total = dict.fromkeys(("points", "absurd", "leaping", "filled", "missing"), 0)
    for first in firsts:
        low, high = max(first - around, 0), min(end(first) + around, frames - 1)
        points, absurd = whole or prepared(low, high)
        leaps = far_from_median(points, settings.outlier_window, limit)
        points = drop(points, ~leaps)
        filled, _ = fill_gaps(
            points, present[low : high + 1], settings.longest_gap, settings.filled_score
        )
        here = slice(first - low, end(first) + 1 - low)
        done = smooth(filled, settings.smoothing).astype(np.float32)[:, here]
        total["points"] += done[..., 0].size
        total["absurd"] += int(absurd[:, here].sum())
        total["leaping"] += int(leaps[:, here].sum())
        before, after = points[:, here, :, -1] == 0, done[..., -1] > 0
        total["filled"] += int((before & after).sum())
        there = present[first : end(first) + 1]
        total["missing"] += int((done[:, there, :, -1] == 0).sum())
        write(first, done)
    return CleaningCounts(**total, frames=frames, present=int(present.sum()))


def summary(counts: Mapping[str, CleaningCounts]) -> list[str]:
    """What was done to all sequences of a store, in a few lines: sums, how many sequences they fall
    on, and the one with most; then sequences of one frame and without a person."""
    total = sum(each.points for each in counts.values())
    lines = [f"{len(counts)} sequences, {total} points"]
    for kind in ("absurd", "leaping", "filled", "missing"):
        touched = {name: getattr(each, kind) for name, each in counts.items()}
        touched = {name: number for name, number in touched.items() if number}
        if touched:
            worst = max(touched, key=touched.get)
            lines.append(
                f"{sum(touched.values())} points {kind} ({sum(touched.values()) / total:.2%}) in "
                f"{len(touched)} sequences, most in {worst}: {touched[worst]}"
            )
    single = [name for name, each in counts.items() if each.frames == 1]
    empty = [name for name, each in counts.items() if not each.present]
    for names, wrong in ((single, "hold a single frame"), (empty, "show nobody")):
        if names:
            lines.append(f"{len(names)} sequences {wrong} (first: {names[0]})")
    return lines
