"""Questions that a look at keypoints answers: pixels or shares, depth or score, which way round.

Every check is a pure function of points and picture size and returns what is wrong in words, or
None. `implausible` asks them all; the importers and the rule import_keypoints refuse what it names.
`doubts` names what may be right but seldom is: it is told as a warning.
"""

from collections.abc import Iterable

import numpy as np

from microgesture.pose.joint_order import better_layout
from microgesture.stores.sequences import Sequence

_SHARE = 0.98  # of the points must agree before anything is said
_SMALL_PICTURE = 16  # pixels: no real picture is smaller
_EXCHANGED_ONE = 0.35  # share of a sequence's points outside the picture, and of those of
EXCHANGED_ALL = 0.05  # all sequences, for width and height to be exchanged
_JUMP = 2.0  # body sizes between two frames


def _known(points: np.ndarray) -> np.ndarray:
    """Coordinates of the known points: float64 (N, D)."""
    return points[points[..., -1] > 0][:, :-1].astype(np.float64)


def shares_of_picture(points: np.ndarray, width: int, height: int) -> str | None:
    """Coordinates in shares of the picture (0 to 1, or -1 to 1 around its middle) where pixels
    belong.

    points: (M, T, J, 3), missing = score 0. Without a picture size the body must be at least two
    pixels large.
    """
    values = _known(points)
    if points.shape[-1] != 3 or len(values) < 4:
        return None
    if width > 0 and height > 0 and max(width, height) <= _SMALL_PICTURE:
        return None
    low, high = np.quantile(values, [0.01, 0.99], axis=0)
    if (np.abs(values) <= 2).all(1).mean() < _SHARE or not (high - low > 0).any():
        return None
    size = f"the picture has {width}x{height} pixels" if width > 0 else "pixels are expected"
    return (
        f"coordinates lie between {low.min():.3g} and {high.max():.3g}, {size}: they are shares of "
        "the picture; multiply x by its width and y by its height"
    )


def score_as_depth(points: np.ndarray) -> str | None:
    """A score in the place of the third coordinate. points: (M, T, J, 4)."""
    values = _known(points)
    if points.shape[-1] != 4 or len(values) < 4:
        return None
    third = values[:, 2]
    flat = np.abs(values[:, :2])
    between = ((third >= 0) & (third <= 1)).mean() >= _SHARE
    pixels = np.quantile(flat, 0.9) > 20 and np.ptp(np.quantile(third, [0.01, 0.99])) <= 1
    inside = ((values >= 0) & (values <= 1)).all(1).mean() >= _SHARE
    inside &= np.ptp(np.quantile(values[:, :2], [0.01, 0.99], axis=0), axis=0).min() > 0.02
    if not between or not (pixels or inside):
        return None
    kind = "pixels" if pixels else "shares of the picture"
    return (
        f"the third coordinate lies between {third.min():.3g} and {third.max():.3g} while x and y "
        f"are {kind}: it is a score; write (x, y) as coordinates and the score beside them"
    )


def picture_counts(points: np.ndarray, width: int, height: int) -> np.ndarray:
    """(known points, those outside a picture of width x height, outside one of height x width):
    int64 (3,); zeros without a picture, or a square one. points: (M, T, J, D + 1)."""
    values = _known(points)
    if points.shape[-1] != 3 or min(width, height) <= 0 or width == height:
        return np.zeros(3, np.int64)
    sizes = np.array([(width, height), (height, width)])
    inside = [((values >= 0) & (values <= size)).all(1).sum() for size in sizes]
    return np.array([len(values), len(values) - inside[0], len(values) - inside[1]])


def size_exchanged(counts: np.ndarray, width: int, height: int, least: float) -> str | None:
    """Width and height, or x and y, in each other's place.

    counts: `picture_counts`, of one sequence or summed over many. least: the share of the points
    that must lie outside; hands and feet of people at the edge do so in healthy data too (8 % of a
    sequence in one of ten of MSR-Action3D's, 1 % of all).
    """
    total, outside, exchanged = (int(count) for count in counts)
    if total < 4 or outside < least * total or exchanged > (1 - _SHARE) * total:
        return None
    return (
        f"{outside / total:.0%} of the points lie outside the picture of {width}x{height} (width x "
        f"height), and inside one of {height}x{width}: width and height, or x and y, are "
        "exchanged; img_shape is (height, width)"
    )


def implausible(sequence: Sequence) -> list[str]:
    """Everything that makes a sequence unusable as it is."""
    points, size = sequence.points, (sequence.width, sequence.height)
    found = (
        shares_of_picture(points, *size),
        score_as_depth(points),
        size_exchanged(picture_counts(points, *size), *size, _EXCHANGED_ONE),
    )
    return [problem for problem in found if problem]


def outside(points: np.ndarray, width: int, height: int) -> float:
    """Share of the known points outside the picture; 0 without a picture."""
    values = _known(points)
    if points.shape[-1] != 3 or min(width, height) <= 0 or not len(values):
        return 0.0
    return 1 - float(((values >= 0) & (values <= np.array([width, height]))).all(1).mean())


def jumps(points: np.ndarray) -> np.ndarray:
    """Frames in which a person stands far from where the frame before had them: int64 (N,).

    points: (M, T, J, D + 1). The middle (median) of the joints known in both frames moves by more
    than two sizes of the body, and stays there in the next frame: a point that is wrong in one
    frame is no jump.
    """
    found: set[int] = set()
    for person in points:
        known = person[..., -1] > 0
        frames = np.flatnonzero(known.any(-1))
        if len(frames) < 4:
            continue
        places = np.where(known[..., None], person[..., :-1], np.nan)[frames]
        middle = np.nanmedian(places, axis=1)
        size = np.linalg.norm(np.nanmax(places, 1) - np.nanmin(places, 1), axis=-1)
        step = np.linalg.norm(np.diff(middle, axis=0), axis=-1)
        over_two = np.linalg.norm(middle[2:] - middle[:-2], axis=-1)
        limit = _JUMP * max(float(np.median(size)), 1e-9)
        close = np.diff(frames) == 1
        # From frame k to k + 1, and neither k - 1 nor k + 2 is where the other side is.
        far = np.flatnonzero(
            (step[1:-1] > limit) & (over_two[1:] > limit) & (over_two[:-1] > limit) & close[1:-1]
        )
        found |= {int(frames[place + 2]) for place in far}
    return np.array(sorted(found), np.int64)


def doubts(named: Iterable[tuple[str, Sequence]]) -> list[str]:
    """What may be right but seldom is, over all sequences: single frames, points outside the
    picture, people who jump. One line each, with a count and the first."""
    single, out, far, total = [], [], [], 0
    for name, sequence in named:
        total += 1
        if sequence.points.shape[1] == 1:
            single.append(name)
        if outside(sequence.points, sequence.width, sequence.height) > 0.5:
            out.append(name)
        leaps = jumps(sequence.points)
        if len(leaps):
            far.append(f"{name} at frame {leaps[0]}")
    lines = []
    for names, wrong in (
        (single, "hold a single frame: there is no motion to see"),
        (out, "have more than half of their points outside the picture: is its size right?"),
        (far, "show a body that jumps by more than twice its size: two people in one row?"),
    ):
        if names:
            lines.append(f"{len(names)} of {total} sequences {wrong} (first: {names[0]})")
    return lines


def order_problem(sequences: Iterable[np.ndarray], layout: str) -> tuple[str | None, str | None]:
    """(what is certainly wrong, what is doubtful) about the order of the joints.

    sequences: points (M, T, J, D + 1) said to be in `layout`. Certain: a named layout of as many
    joints fits clearly better (`better_layout`).
    """
    judged = better_layout(sequences, layout)
    if judged is None or judged[0].fits:
        return None, None
    own, best = judged
    facts = []
    if own.worst[1] > 0.25:
        facts.append(f"{own.worst[0]} hang on bones that differ by {own.worst[1]:.0%} in length")
    facts.append(f"the longest bone, {own.longest[0]}, is {own.longest[1]:.0%} of the body")
    facts.append(f"the bones are {own.detour:.1f} times as long as need be")
    said = f"the joints do not stand in the order of {layout}: {', '.join(facts)}"
    if best is None:
        doubtful = own.detour > 1.8 or own.asymmetry > 0.35
        text = (
            f"{said}. No layout of as many joints known here fits better; compare with "
            "docs/layouts.md, or write a layout file"
        )
        return None, text if doubtful else None
    return (
        f"{said}. The layout {best.layout} fits (bones {best.detour:.1f} times as long as need "
        f"be, mirrored ones alike): write {best.layout}"
    ), None
