"""Whether keypoints really stand in the order that their layout says.

Three things are looked at, all of them ratios, so that pixels and metres do alike: mirrored bones
are equally long, the bones together are short (in a wrong order they run criss-cross: nothing that
joins all joints is shorter than the minimum spanning tree), and the longest bone is a limb.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import minimum_spanning_tree

from microgesture.pose.layouts import LAYOUT_NAMES, Layout, get_layout

_SEQUENCES, _FRAMES = 200, 8  # looked at most, spread evenly
# Calibrated on MSR-Action3D (docs/keypoints.md): its order as recorded has 0.003 and 1.27 in space,
# 0.05 and 1.36 in pixels; the nearest wrong order (the spine turned round) 0.001 and 1.50.
_ASYMMETRY, _DETOUR = 0.15, 1.4  # a layout that stays below both fits
_LIKELY = (0.25, 1.6)  # another one may be named below these,
_BETTER = 0.65  # and where its excess is below this part of the given one's
_LEAST_JOINTS = 8  # known joints of a frame that counts


@dataclass(frozen=True)
class OrderFit:
    """How well a layout fits.

    asymmetry: mean over pairs of mirrored bones of |log(left / right)|, of lengths that are medians
    over frames. detour: length of all bones over that of the minimum spanning tree, median over
    frames; 1 = as short as can be. longest: name of the longest bone (child-parent), and its share
    of the body's size. worst: the mirrored bones that differ most and by how much (0.61: 61 %).
    """

    layout: str
    asymmetry: float
    detour: float
    longest: tuple[str, float]
    worst: tuple[str, float]

    @property
    def excess(self) -> float:
        """0 for a layout that fits as well as can be."""
        return self.asymmetry + max(self.detour - 1, 0)

    @property
    def fits(self) -> bool:
        return self.asymmetry <= _ASYMMETRY and self.detour <= _DETOUR


def sample_frames(sequences: Iterable[np.ndarray]) -> np.ndarray:
    """Frames to judge by: float64 (N, J, D + 1), missing joints score 0.

    sequences: points (M, T, J, D + 1). At most 8 frames of each of at most 200 sequences, spread
    evenly; only frames with eight known joints (all, where the layout has fewer) and an extent.
    """
    frames = []
    sequences = list(sequences)
    step = -(-len(sequences) // _SEQUENCES) if sequences else 1
    for points in sequences[::step]:
        rows = points.reshape(-1, *points.shape[2:]).astype(np.float64)
        known = rows[..., -1] > 0
        rows = rows[known.sum(1) >= min(_LEAST_JOINTS, points.shape[2])]
        if len(rows):
            frames.append(rows[np.linspace(0, len(rows) - 1, min(_FRAMES, len(rows))).astype(int)])
    return np.concatenate(frames) if frames else np.zeros((0, 0, 0))


def fit_of(frames: np.ndarray, layout: Layout, shortest: np.ndarray | None = None) -> OrderFit:
    """How well `layout` fits the frames of `sample_frames` (at least one). shortest: their
    `shortest_bones`, where they are known already."""
    known, places = frames[..., -1] > 0, frames[..., :-1]
    children, parents = map(list, zip(*layout.edges, strict=True))
    lengths = np.linalg.norm(places[:, children] - places[:, parents], axis=-1)
    lengths = np.where(known[:, children] & known[:, parents], lengths, np.nan)
    sizes = _sizes(places, known)
    number = {child: edge for edge, child in enumerate(children)}
    worst, logs = ("", 0.0), []
    for left, right in layout.flip_pairs:
        if left not in number or right not in number:
            continue
        bones = lengths[:, [number[left], number[right]]]
        bones = bones[np.isfinite(bones).all(1)]
        if not len(bones):
            continue
        one, other = np.maximum(np.median(bones, axis=0), 1e-9)
        logs.append(abs(np.log(one / other)))
        difference = abs(one - other) / max(one, other)
        if difference > worst[1]:
            worst = (f"{layout.joints[left]} and {layout.joints[right]}", float(difference))
    shares = lengths / np.maximum(sizes, 1e-9)[:, None]
    some = np.isfinite(shares).any(0)
    typical = np.zeros(len(children))
    typical[some] = np.nanmedian(shares[:, some], axis=0)
    far = int(typical.argmax())
    bone = f"{layout.joints[children[far]]} - {layout.joints[parents[far]]}"
    return OrderFit(
        layout.name,
        float(np.mean(logs)) if logs else 0.0,
        _detour(lengths, shortest_bones(frames) if shortest is None else shortest),
        (bone, float(typical[far])),
        worst,
    )


def _sizes(places: np.ndarray, known: np.ndarray) -> np.ndarray:
    low = np.where(known[..., None], places, np.inf).min(1)
    high = np.where(known[..., None], places, -np.inf).max(1)
    return np.linalg.norm(high - low, axis=-1)


def shortest_bones(frames: np.ndarray) -> np.ndarray:
    """Mean length of the edges of the minimum spanning tree over the known joints: float64 (N,)."""
    known, shortest = frames[..., -1] > 0, np.zeros(len(frames))
    for number, (frame, there) in enumerate(zip(frames, known, strict=True)):
        places = frame[there, :-1]
        away = np.linalg.norm(places[:, None] - places[None], axis=-1)
        # Joints in one place are joined too: 0 would mean no edge.
        shortest[number] = minimum_spanning_tree(away + 1e-12).sum() / max(len(places) - 1, 1)
    return shortest


def _detour(lengths: np.ndarray, shortest: np.ndarray) -> float:
    """Median over frames of mean bone over mean edge of the spanning tree; 1 without any."""
    some = np.isfinite(lengths).any(1) & (shortest > 1e-9)
    if not some.any():
        return 1.0
    return float(np.median(np.nanmean(lengths[some], axis=1) / shortest[some]))


def better_layout(
    sequences: Iterable[np.ndarray], layout: str
) -> tuple[OrderFit, OrderFit | None] | None:
    """How well the layout fits, and the named layout of as many joints that fits clearly better.

    sequences: points (M, T, J, D + 1) in `layout`. The second is None where `layout` fits, or where
    no other one does. Returns None where there is nothing to judge by.
    """
    frames = sample_frames(sequences)
    if not len(frames):
        return None
    given = get_layout(layout)
    shortest = shortest_bones(frames)
    own = fit_of(frames, given, shortest)
    others = {
        other.joints: other
        for other in map(get_layout, LAYOUT_NAMES)
        if other.num_joints == given.num_joints and other.joints != given.joints
    }
    fits = [
        fit
        for fit in (fit_of(frames, other, shortest) for other in others.values())
        if fit.asymmetry <= _LIKELY[0] and fit.detour <= _LIKELY[1]
    ]
    best = min(fits, key=lambda fit: fit.excess, default=None)
    if best is None or own.fits or best.excess > _BETTER * own.excess:
        return own, None
    return own, best
