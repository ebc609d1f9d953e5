"""Faces made unrecognisable, where the keypoints say that they are.

A head's box comes from the points of eyes, ears, nose and face, as wide as their distances say that
a head is (and never much narrower than it is in the rest of the video), with a margin. Between two
frames in which it was found the box is drawn from one to the other, at the ends it is held, and it
grows with the time since it was last seen. A frame in which no head is known is
made unrecognisable as a whole, unless that is switched off (an empty room too: estimators lose
people who are still there).

Only people who have keypoints are covered: an estimator that follows one person says nothing of
somebody in the background. Frames in which it counted more people than it followed
(`Sequence.tracks`) count as frames with an unknown head.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from microgesture.figures.panel import TRACK
from microgesture.figures.skeletons import rgb_of
from microgesture.pose.layouts import Layout, get_layout
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Track, read_sequence

HOW = ("none", "blur", "mask")
UNKNOWN = ("blur", "keep")
HEAD_BLOCKS = 4  # what is left of a head is so many patches across
FRAME_BLOCKS = 8  # and of a whole frame along its longer side
LOWEST_SCORE = 0.2
# Breadth of a head over the distance of two of its points, seen from the side that makes that
# distance longest (adults: breadth 15 cm, ear to nose 12 cm, pupils 6.3 cm apart, ...).
_SPANS = {
    ("left_ear", "right_ear"): 1.0,
    ("left_ear", "nose"): 1.25,
    ("right_ear", "nose"): 1.25,
    ("left_eye", "left_ear"): 1.7,
    ("right_eye", "right_ear"): 1.7,
    ("left_eye", "right_eye"): 2.4,
    ("left_eye", "nose"): 2.8,
    ("right_eye", "nose"): 2.8,
    ("face_0", "face_16"): 1.07,
    ("face_8", "face_27"): 1.4,
    ("head_top", "nose"): 1.1,
    ("head_top", "neck"): 0.55,
    ("head_center", "neck"): 0.9,
    ("head_center", "spine_shoulder"): 0.6,
    ("nose", "neck"): 0.6,
    ("left_shoulder", "right_shoulder"): 0.42,
}
_WIDE, _TALL = 0.85, 1.0  # half a box in breadths of the head: hair to chin is the longer way
_GROWTH = 0.5  # of the box, at the end of the time that it is held
_SMALLEST, _LARGEST = 0.85, 1.6  # of a head in one frame, as parts of its median in the video


@dataclass(frozen=True)
class Anonymise:
    """how: "none", "blur" (a few patches of mean colour), "mask" (one flat colour). unknown: what
    becomes of a frame in which a head is not known: "blur" (the whole frame) or "keep". margin:
    factor of the box, 1 = hair to chin and a little more. hold_seconds: how long a box is held
    where the head is not found."""

    how: str = "none"
    unknown: str = "blur"
    margin: float = 1.0
    hold_seconds: float = 1.0

    def __post_init__(self):
        for key, choices in (("how", HOW), ("unknown", UNKNOWN)):
            if getattr(self, key) not in choices:
                raise BadInput(
                    f"anonymise: {key} {getattr(self, key)!r}; write one of {', '.join(choices)}"
                )
        if self.margin <= 0 or self.hold_seconds < 0:
            raise BadInput(
                f"anonymise: margin {self.margin} and hold_seconds {self.hold_seconds}; write a "
                f"margin above 0 and 0 seconds or more"
            )

    @classmethod
    def from_settings(cls, settings: Mapping) -> "Anonymise":
        """From a section of the config: anonymise, anonymise_unknown, anonymise_margin,
        anonymise_hold_seconds; what is missing has its default."""
        keys = {"how": "anonymise"} | {
            key: f"anonymise_{key}" for key in ("unknown", "margin", "hold_seconds")
        }
        return cls(**{key: settings[name] for key, name in keys.items() if name in settings})


@dataclass(frozen=True)
class Heads:
    """boxes: float64 (M, T, 4) x0, y0, x1, y1 in pixels of each person's head, NaN = not known;
    lost: bool (T,), somebody is there whose head is not known."""

    boxes: np.ndarray
    lost: np.ndarray

    @property
    def unknown(self) -> np.ndarray:
        """bool (T,): no head is known, or not that of everybody who is there."""
        return self.lost | np.isnan(self.boxes[..., 0]).all(axis=0)

    def cut(self, start: int, end: int) -> "Heads":
        """Of the frames `start` to `end` (inclusive)."""
        return Heads(self.boxes[:, start : end + 1], self.lost[start : end + 1])


def find_heads(
    points: np.ndarray,
    layout: Layout,
    fps: float,
    settings: Anonymise,
    tracks: Sequence[Track] = (),
) -> Heads:
    """Where the heads are in every frame.

    points: float (M, T, J, 3), x and y in pixels, score last, 0 = missing. A frame in which nobody
    is found at all counts as one with an unknown head, since estimators lose people who are there.
    """
    points = np.asarray(points, np.float64)
    boxes = np.stack([_boxes(person, layout, fps, settings) for person in points])
    known = ~np.isnan(boxes[..., 0])
    seen = (points[..., 2] > 0).any(axis=-1)
    lost = (seen & ~known).any(axis=0)
    for track in tracks:
        if track.people > len(points):
            lost[track.start : track.end + 1] = True
    return Heads(boxes, lost)


def read_heads(
    people: Sequence[str], store_of: Mapping[str, str], fps: float, settings: Anonymise
) -> Heads:
    """The heads of all rows of videos.tsv that are people of one file (one row: that person's).

    store_of: row -> sequence store that holds its skeletons, in pixels. A file with several rows
    has a person in each; whoever else was counted in a row's region is lost there. Raises BadInput
    for keypoints in metres and for a row without a store.
    """
    found = []
    for name in people:
        if name not in store_of:
            raise BadInput(
                f"video {name!r} shows somebody whose skeleton is in no store given, so the face "
                f"cannot be hidden; give the store of its batch too"
            )
        sequence = read_sequence(store_of[name], name)
        if sequence.points.shape[-1] != 3:
            raise BadInput(
                f"{store_of[name]}: video {name!r} has keypoints in metres, which do not tell "
                f"where in the picture a face is; give keypoints_2d in videos.tsv, or write "
                f"anonymise: none"
            )
        points = sequence.points[..., [0, 1, -1]]
        layout = get_layout(sequence.layout)
        found.append(find_heads(points, layout, fps, settings, sequence.tracks))
    return Heads(
        np.concatenate([heads.boxes for heads in found]),
        np.logical_or.reduce([heads.lost for heads in found]),
    )


def _boxes(person: np.ndarray, layout: Layout, fps: float, settings: Anonymise) -> np.ndarray:
    """(T, 4) boxes of one person (T, J, 3), held through gaps."""
    head = [j for part in ("head", "face") for j in layout.parts.get(part, ())]
    seen = person[..., 2] >= LOWEST_SCORE
    found = seen[:, head].any(axis=1)
    boxes = np.full((len(person), 4), np.nan)
    if not found.any():
        return boxes
    breadth = head_breadths(person, layout)
    usual = np.median(breadth[found & (breadth > 0)]) if (found & (breadth > 0)).any() else 0.0
    for frame in np.flatnonzero(found):
        places = person[frame, head][seen[frame, head], :2]
        unit = np.clip(breadth[frame], _SMALLEST * usual, _LARGEST * usual)
        if unit <= 0:
            continue  # a single point, and nothing that tells how large a head is
        # The median keeps one stray point from carrying the box away; points near it are in it.
        middle = np.median(places, axis=0)
        near = places[np.abs(places - middle).max(axis=1) <= 1.2 * unit]
        half = settings.margin * unit * np.array([_WIDE, _TALL])
        low, high = near.min(axis=0), near.max(axis=0)
        centre = (low + high) / 2
        low = np.minimum(centre - half, low - 0.4 * half)
        high = np.maximum(centre + half, high + 0.4 * half)
        boxes[frame] = (*low, *high)
    return hold_boxes(boxes, settings.hold_seconds * fps)


def head_breadths(person: np.ndarray, layout: Layout) -> np.ndarray:
    """float64 (T,): how broad the head is in every frame, in pixels; 0 = nothing tells. Of several
    distances between points the one that says most counts, since turning makes them shorter."""
    number = {name: joint for joint, name in enumerate(layout.joints)}
    breadth = np.zeros(len(person))
    for (first, second), factor in _SPANS.items():
        if first in number and second in number:
            a, b = person[:, number[first]], person[:, number[second]]
            both = np.minimum(a[:, 2], b[:, 2]) >= LOWEST_SCORE
            length = factor * np.linalg.norm(a[:, :2] - b[:, :2], axis=1)
            breadth = np.maximum(breadth, np.where(both, length, 0.0))
    return breadth


def hold_boxes(boxes: np.ndarray, hold: float) -> np.ndarray:
    """Boxes (T, 4), NaN = not found, held for `hold` frames from where they were found.

    A gap of at most twice that is filled by straight lines; a longer one, and the ends, by the
    nearest box as long as it is held. The box grows by half on the way.
    """
    filled = boxes.copy()
    found = np.flatnonzero(~np.isnan(boxes[:, 0]))
    if not len(found):
        return filled
    frames = np.arange(len(boxes))
    before = np.searchsorted(found, frames, side="right") - 1
    left = found[np.maximum(before, 0)]
    right = found[np.minimum(before + 1, len(found) - 1)]
    away_left = np.where(before >= 0, frames - left, np.inf)
    away_right = np.where(right > frames, right - frames, np.inf)
    for frame in np.flatnonzero(np.isnan(boxes[:, 0])):
        a, b = away_left[frame], away_right[frame]
        if min(a, b) > hold:
            continue
        if a + b <= 2 * hold + 1e-9:
            box = boxes[left[frame]] + a / (a + b) * (boxes[right[frame]] - boxes[left[frame]])
        else:
            box = boxes[left[frame] if a <= b else right[frame]]
        grow = _GROWTH * min(a, b) / max(hold, 1) * (box[2:] - box[:2]) / 2
        filled[frame] = np.concatenate([box[:2] - grow, box[2:] + grow])
    return filled


def without_face_points(points: np.ndarray, layout: Layout) -> np.ndarray:
    """The points (..., J, C) with those of the face taken out, to draw over a hidden face: brows,
    eyes, nose, mouth and chin tell of a face too. Eyes, ears and nose of the body's points stay."""
    hidden = list(layout.parts.get("face", ()))
    if not hidden:
        return points
    kept = points.copy()
    kept[..., hidden, :] = 0
    return kept


def apply(frame: np.ndarray, box: Sequence[float] | None, how: str) -> np.ndarray:
    """A copy of the frame, uint8 (H, W, 3) RGB, with the box (None = all of it) unrecognisable.

    "blur" leaves the mean colours of at most 4 x 4 patches, or 8 of a whole frame along its longer
    side, drawn into each other: what was averaged away cannot be brought back. "mask" leaves
    nothing. A box outside the picture changes nothing.
    """
    height, width = frame.shape[:2]
    if how == "none":
        return frame.copy()
    blocks = HEAD_BLOCKS if box is not None else FRAME_BLOCKS
    x0, y0, x1, y1 = box if box is not None else (0, 0, width, height)
    left, top = max(0, int(np.floor(x0))), max(0, int(np.floor(y0)))
    right, bottom = min(width, int(np.ceil(x1)) + 1), min(height, int(np.ceil(y1)) + 1)
    changed = frame.copy()
    if left >= right or top >= bottom:
        return changed
    part = changed[top:bottom, left:right]
    if how == "mask":
        part[:] = rgb_of(TRACK)
        return changed
    tall, wide = part.shape[:2]
    longer = max(tall, wide)
    small = (max(1, round(blocks * wide / longer)), max(1, round(blocks * tall / longer)))
    patches = cv2.resize(np.ascontiguousarray(part), small, interpolation=cv2.INTER_AREA)
    part[:] = cv2.resize(patches, (wide, tall), interpolation=cv2.INTER_LINEAR)
    return changed


def anonymised(
    frames: Iterable[np.ndarray], heads: Heads, settings: Anonymise
) -> Iterator[np.ndarray]:
    """The frames, one after the other, without faces; as they are where `how` is "none".

    Raises ValueError where there are more frames than `heads` knows: none passes unseen.
    """
    if settings.how == "none":
        yield from frames
        return
    unknown = heads.unknown
    for number, frame in enumerate(frames):
        if number >= len(unknown):
            raise ValueError(f"frame {number} lies behind the last of {len(unknown)}")
        if unknown[number] and settings.unknown == "blur":
            yield apply(frame, None, settings.how)
            continue
        for box in heads.boxes[:, number]:
            if not np.isnan(box[0]):
                frame = apply(frame, box, settings.how)
        yield frame
