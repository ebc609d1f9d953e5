"""Which subject makes which gesture when: independent of every pixel.

The schedule knows labels, durations and idle stretches only, so the sheets can be written, and
checked, without rendering anything.
"""

from dataclasses import dataclass

import numpy as np

SPLITS = {"train": 12, "val": 4, "test": 8, "new": 2}  # subjects; one video each
NEW = "new"  # people who stand in no sheet of the training: a finished run is applied to them
GESTURES_PER_VIDEO = 22
FEWEST = {"train": 7, "val": 3, "test": 5, NEW: 1}  # clips of the rarest class
DEFAULTS = {"fps": 15.0, "tail": 1.05, "schedule_seed": 0}

# label, name, description, body part. Names follow iMiGUE's.
LABELS = (
    (
        "touching or scratching facial parts",
        "One hand rises to the nose, cheek, mouth or chin and the fingers rub or rest there.",
        "head and hand",
    ),
    (
        "touching ears",
        "One hand rises beside the head and the fingers pull, rub or hold the ear.",
        "head and hand",
    ),
    (
        "touching or scratching neck",
        "One hand reaches below the jaw to the side or back of the neck and strokes or scratches.",
        "head and hand",
    ),
    (
        "touching or covering suprasternal notch",
        "One hand is laid flat on the hollow between the collar bones and stays there.",
        "body and hand",
    ),
    (
        "folding arms",
        "Both forearms cross before the chest and each hand goes to the opposite upper arm.",
        "hands",
    ),
    (
        "rubbing or holding hands",
        "One hand lies on the other before the belly and slides along it or holds it.",
        "hands",
    ),
    (
        "crossing fingers",
        "The hands meet before the belly with the fingers of both laced between each other.",
        "hands",
    ),
    (
        "pressing lips",
        "The lips are pressed together into a thin line while the hands stay where they are.",
        "head",
    ),
    (
        "shaking shoulders",
        "The shoulders are raised and let fall or shaken in turn while the hands stay at rest.",
        "body",
    ),
    (
        "illustrative hand gestures",
        "One or both open hands move freely in the air in time with speech and touch nothing.",
        "non-micro-gesture",
    ),
)
# From frequent to rare, about as in iMiGUE.
FREQUENCY_ORDER = (9, 7, 6, 0, 5, 2, 1, 4, 3, 8)


@dataclass(frozen=True)
class Gesture:
    """One gesture: frames `start`..`end` (0-based, inclusive), its `label` and its own number."""

    start: int
    end: int
    label: int
    number: int


@dataclass(frozen=True)
class VideoPlan:
    """One untrimmed video: gestures in order, and frames (start, end) of an absence or None."""

    video: str
    subject: str
    split: str
    number: int
    frames: int
    fps: float
    gestures: tuple[Gesture, ...]
    absence: tuple[int, int] | None


def class_counts(total: int, fewest: int, tail: float) -> np.ndarray:
    """How many of `total` clips each label gets, int (labels,).

    Shares fall as 10 ** (-tail * rank / last rank) along `FREQUENCY_ORDER`; no class gets fewer
    than `fewest`; the sum is `total`.
    """
    ranks = np.arange(len(LABELS))
    shares = 10.0 ** (-tail * ranks / ranks[-1])
    wanted = shares / shares.sum() * total
    counts = np.maximum(np.floor(wanted).astype(int), fewest)
    while counts.sum() != total:
        difference = wanted - counts
        if counts.sum() < total:
            counts[np.argmax(difference)] += 1
        else:
            counts[np.argmin(np.where(counts > fewest, difference, np.inf))] -= 1
    by_label = np.zeros(len(LABELS), int)
    by_label[list(FREQUENCY_ORDER)] = counts
    return by_label


def _plan_video(number: int, split: str, labels: np.ndarray, fps: float, seed: int) -> VideoPlan:
    rng = np.random.default_rng([seed, 31, number])
    absence_after = int(rng.integers(6, len(labels) - 6)) if number in (3, 18) else -1
    cursor = round(rng.uniform(0.5, 1.1) * fps)
    gestures, absence = [], None
    for position, label in enumerate(labels):
        seconds = float(np.clip(rng.gamma(9.0, 0.185), 1.0, 2.6))
        length = max(round(1.0 * fps), round(seconds * fps))
        gestures.append(Gesture(cursor, cursor + length - 1, int(label), position))
        cursor += length
        idle = rng.uniform(0.3, 0.8) if rng.random() < 0.75 else rng.uniform(0.9, 1.6)
        if position == absence_after:
            idle = 3.2
            absence = (cursor + round(0.3 * fps), cursor + round(2.9 * fps))
        cursor += round(idle * fps)
    frames = cursor + round(0.3 * fps)
    name = f"s{number + 1:02d}"
    return VideoPlan(name, name, split, number, frames, float(fps), tuple(gestures), absence)


def plan_videos(
    fps: float = DEFAULTS["fps"],
    tail: float = DEFAULTS["tail"],
    schedule_seed: int = DEFAULTS["schedule_seed"],
) -> list[VideoPlan]:
    """Plan all videos of the demo, in order of their names.

    `fps` frames per second, `tail` the exponent of the class distribution's tail (0: all classes
    alike), `schedule_seed` another order and other lengths. Which classes a split holds, and how
    often, does not depend on the seed. Subjects s01.. are numbered through the splits in order.
    """
    plans, number = [], 0
    for index, (split, subjects) in enumerate(SPLITS.items()):
        counts = class_counts(subjects * GESTURES_PER_VIDEO, FEWEST[split], tail)
        pool = np.repeat(np.arange(len(LABELS)), counts)
        np.random.default_rng([schedule_seed, 17, index]).shuffle(pool)
        for labels in pool.reshape(subjects, GESTURES_PER_VIDEO):
            plans.append(_plan_video(number, split, labels, fps, schedule_seed))
            number += 1
    return plans


def plan_pose_poses(
    number: int, poses: int, fps: float, gap: int, rng: np.random.Generator
) -> tuple[VideoPlan, list[int]]:
    """A dense plan for single frames: gestures of all labels alike, and one moment in each.

    Moments fall anywhere from a gesture's first to its last frame, most of them in the middle;
    every sixth lies in the idle stretch of `gap` frames after it.
    """
    cursor, gestures, moments = gap, [], []
    labels = rng.permutation(np.resize(np.arange(len(LABELS)), poses))
    for position, label in enumerate(labels):
        length = int(rng.integers(14, 24))
        gestures.append(Gesture(cursor, cursor + length - 1, int(label), position))
        share = 0.5 + 0.45 * float(rng.uniform(-1, 1))
        moments.append(
            cursor + round(share * (length - 1)) if position % 6 else cursor + length + 1
        )
        cursor += length + gap
    name = f"pose{number}"
    plan = VideoPlan(name, name, "train", number, cursor + gap, fps, tuple(gestures), None)
    return plan, moments
