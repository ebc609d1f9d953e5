"""Untrimmed videos out of cut recordings: real skeletons laid end to end, with pauses between.

One video per person and repetition of MSR-Action3D: the person's sequences in random order. What
stands between two of them is real as well, as far as it can be:

- a stand-still: the calmest stretches of the person's own recordings of that repetition (beginnings
  and ends of sequences, where people wait), played forth and back until the pause is over;
- in some pauses one whole sequence of an action that nobody asks for (`OTHERS`): movement without
  a label, so that background is not simply stillness;
- four frames at every seam that lead linearly from pose to pose. These alone are made up.

All sequences of a person lie in one place: the first frame's hips are put over each other.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.importers.pyskl_format import read_skeletons
from microgesture.pose.layouts import get_layout
from microgesture.stores.sequences import Sequence

LAYOUT = "msr20"
FPS = 15.0
OTHERS = ("bend", "forward kick", "jogging", "golf swing")
SPLIT_OF = {"01": "train", "03": "train", "05": "train", "07": "train", "09": "val"}
SEAM = 4  # frames
CALM = 6  # frames of a stand-still that is taken, at least
PAUSE_SECONDS = (0.7, 3.5)
OTHER_SHARE = 1.0  # pauses with other movement, as far as there are recordings of it


@dataclass(frozen=True)
class Untrimmed:
    """videos: video, subject, split, fps, frames; clips: video, start, end, label, split; sequences
    by video; names: the K classes that are left."""

    videos: pd.DataFrame
    clips: pd.DataFrame
    sequences: dict[str, Sequence]
    names: list[str]


def build_videos(folder: Path, seed: int = 0) -> Untrimmed:
    """The videos of all ten people, from msr_action3d_3d.pkl and labels.tsv in `folder`."""
    all_names = pd.read_csv(folder / "labels.tsv", sep="\t")["name"].tolist()
    names = [name for name in all_names if name not in OTHERS]
    label_of = {k: names.index(n) if n in names else -1 for k, n in enumerate(all_names)}
    skeletons = read_skeletons(
        folder / "msr_action3d_3d.pkl", layout=LAYOUT, num_classes=len(all_names)
    )
    people: dict[tuple[str, str], list] = {}
    for name in sorted(skeletons.annotations):
        _, subject, repetition = name.split("_")
        annotation = skeletons.annotations[name]
        points = filled(annotation.points[0].astype(np.float64))
        people.setdefault((subject[1:], repetition), []).append(
            (label_of[annotation.label], points)
        )
    videos, clips, sequences = [], [], {}
    for (subject, repetition), parts in sorted(people.items()):
        video, split = f"s{subject}_{repetition}", SPLIT_OF.get(subject, "test")
        generator = np.random.default_rng([seed, int(subject), int(repetition[1:])])
        points, own = lay_end_to_end(parts, generator)
        scored = np.concatenate([points, np.ones((*points.shape[:2], 1))], axis=-1)
        sequences[video] = Sequence(
            scored[None].astype(np.float32), np.ones(len(points), bool), LAYOUT, 0, 0, FPS
        )
        videos.append((video, subject, split, FPS, len(points)))
        clips += [(video, start, end, label, split) for start, end, label in own]
    return Untrimmed(
        pd.DataFrame(videos, columns=["video", "subject", "split", "fps", "frames"]),
        pd.DataFrame(clips, columns=["video", "start", "end", "label", "split"]),
        sequences,
        names,
    )


def filled(points: np.ndarray) -> np.ndarray:
    """(T, V, 3) with the poses of frames in which the tracker lost the person (all zeros) held from
    the nearest frame that has one, and the first frame's hips at the origin."""
    seen = np.flatnonzero(np.abs(points).sum(axis=(1, 2)) > 0)
    nearest = seen[np.abs(np.arange(len(points))[:, None] - seen[None]).argmin(axis=1)]
    whole = points[nearest]
    return whole - whole[0, get_layout(LAYOUT).joints.index("middle_hip")]


def lay_end_to_end(
    parts: list[tuple[int, np.ndarray]], generator: np.random.Generator
) -> tuple[np.ndarray, list[tuple[int, int, int]]]:
    """(points (T, V, 3), [(start, end, label)]): parts in random order, pauses between them.

    parts: (label, points), label -1 = other movement, which stands in pauses.
    """
    gestures = [part for part in parts if part[0] >= 0]
    others = [points for label, points in parts if label < 0]
    calm = calm_stretches([points for _, points in parts])
    order = generator.permutation(len(gestures))
    busy = set(generator.permutation(len(gestures))[: round(OTHER_SHARE * len(others))].tolist())
    pieces, clips, length = [], [], 0

    def add(points):
        nonlocal length
        if pieces:
            share = np.arange(1, SEAM + 1)[:, None, None] / (SEAM + 1)
            seam = (1 - share) * pieces[-1][-1] + share * points[0]
            pieces.append(seam)
            length += len(seam)
        pieces.append(points)
        length += len(points)
        return length - len(points)

    waiting = list(generator.permutation(len(others)))
    for place, number in enumerate(order.tolist()):
        add(stand_still(calm, generator))
        if place in busy and waiting:
            add(others[waiting.pop()])
            add(stand_still(calm, generator))
        label, points = gestures[number]
        start = add(points)
        clips.append((start, start + len(points) - 1, label))
    add(stand_still(calm, generator))
    return np.concatenate(pieces), clips


def calm_stretches(sequences: list[np.ndarray]) -> list[np.ndarray]:
    """Of every sequence the beginning and the end while nothing moves much, CALM frames or more;
    without any, the calmest CALM frames of all."""
    found, fallback = [], (np.inf, None)
    speeds = [np.linalg.norm(np.diff(s, axis=0), axis=-1).mean(axis=1) for s in sequences]
    limit = np.quantile(np.concatenate(speeds), 0.2)
    for points, speed in zip(sequences, speeds):
        moving = np.flatnonzero(speed > limit)
        first, last = (moving[0], moving[-1] + 1) if len(moving) else (len(points), len(points))
        for stretch in (points[:first], points[last:]):
            if len(stretch) >= CALM:
                found.append(stretch)
        for start in range(len(speed) - CALM + 2):
            value = speed[start : start + CALM - 1].mean()
            if value < fallback[0]:
                fallback = value, points[start : start + CALM]
    return found or [fallback[1]]


def stand_still(calm: list[np.ndarray], generator: np.random.Generator) -> np.ndarray:
    """A pause of random length: one calm stretch, forth and back."""
    frames = round(generator.uniform(*PAUSE_SECONDS) * FPS)
    stretch = calm[int(generator.integers(len(calm)))]
    turn = np.concatenate([stretch, stretch[-2:0:-1]])
    return turn[np.arange(frames) % len(turn)]
