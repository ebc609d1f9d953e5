"""The arrays of 22 joints that iMiGUE's organisers hand out: clips without videos."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np

from microgesture.importers.restricted_pickle import load_pickle
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence

LOGGER = logging.getLogger(__name__)

JOINTS, CLASSES, FPS = 22, 32, 25.0
PICTURE = (1280, 720)
# The public training array contains the validation clips: those of these videos.
VALIDATION_VIDEOS = frozenset({*range(1, 5), *range(6, 12)})
VALIDATION_CLIPS = 777
_SPLITS = ("train", "val", "test")


def read_arrays(
    data: str | Path, labels: str | Path
) -> tuple[list[str], list[int | None], np.ndarray]:
    """Names, labels (None = hidden) and float32 (N, 3, T, 22, M): x, y and score by clip, frame,
    joint and person.

    labels: a pickle (names, labels) or of names alone. Raises BadInput.
    """
    try:
        values = np.load(data, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise BadInput(f"{data}: is no readable .npy array ({error}); fetch it again") from error
    if values.ndim != 5 or values.shape[1] != 3 or values.shape[3] != JOINTS:
        raise BadInput(
            f"{data}: has the shape {values.shape}; expected (clips, 3, frames, {JOINTS}, persons)"
        )
    content = load_pickle(labels)
    if not isinstance(content, list | tuple) or not len(content):
        raise BadInput(f"{labels}: expected the names and labels, found {type(content).__name__}")
    both = len(content) == 2 and not isinstance(content[0], str)
    names = [str(name) for name in (content[0] if both else content)]
    numbers = [int(label) for label in content[1]] if both else [None] * len(names)
    if not len(names) == len(numbers) == len(values):
        raise BadInput(
            f"{labels}: {len(names)} names and {len(numbers)} labels for the {len(values)} clips "
            f"of {data}; the two files do not belong together"
        )
    wrong = [n for n in numbers if n is not None and not 0 <= n < CLASSES]
    if wrong:
        raise BadInput(f"{labels}: label {wrong[0]}; expected 0 to {CLASSES - 1}")
    return names, numbers, values


def to_sequence(values: np.ndarray) -> Sequence:
    """One clip (3, T, 22, M) without its padding: the zeros after its last frame with a person.

    A clip of nothing but zeros keeps one frame, in which nobody is present.
    """
    points = np.nan_to_num(np.transpose(values, (3, 1, 2, 0)).astype(np.float32))
    seen = (points[..., 2] > 0).any((0, 2))
    length = int(np.flatnonzero(seen)[-1]) + 1 if seen.any() else 1
    points = points[:, :length] * (points[:, :length, :, 2:] > 0)
    points[..., 2] = points[..., 2].clip(0, 1)
    return Sequence(points, seen[:length], "imigue22", 0, 0, FPS)


def read_array_clips(paths: list[str]) -> tuple[dict[str, Sequence], list[dict]]:
    """Sequences by clip and the rows of the clips' sheet.

    paths: data.npy and label.pkl of training, then of validation, then of test (the last two may be
    left out). Clips of the validation array that stand in the training array too are used for
    validation only; without a validation array the training clips of the known validation videos
    (0001 to 0004, 0006 to 0011) become the validation clips. Both are said in a warning.
    """
    if len(paths) % 2 or len(paths) > 2 * len(_SPLITS):
        raise BadInput(
            "--arrays takes pairs: training data.npy and label.pkl, then validation, then test"
        )
    clips: dict[str, dict] = {}
    sequences: dict[str, Sequence] = {}
    again = 0
    for split, data, labels in zip(_SPLITS, paths[::2], paths[1::2]):
        for name, label, values in zip(*read_arrays(data, labels)):
            if name in clips:
                if (clips[name]["split"], split) != ("train", "val"):
                    raise BadInput(f"{labels}: clip {name!r} is in {clips[name]['split']} too")
                again += 1
            sequences[name] = to_sequence(values)
            clips[name] = {
                "clip": name,
                "video": name,
                "start": 0,
                "end": sequences[name].points.shape[1] - 1,
                "label": "" if label is None else label,
                "split": split,
            }
    if again:
        LOGGER.warning(
            "%d clips of the validation array stand in the training array too (the public training "
            "array contains them): they are used for validation only",
            again,
        )
    if len(paths) == 2:
        found = [name for name in clips if _video_number(name) in VALIDATION_VIDEOS]
        for name in found:
            clips[name]["split"] = "val"
        if found:
            LOGGER.warning(
                "%d clips of the training array belong to the validation videos 0001-0004 and "
                "0006-0011 (%d in the published one): they are used for validation",
                *(len(found), VALIDATION_CLIPS),
            )
    return sequences, list(clips.values())


def in_pixels(sequences: dict[str, Sequence], origin: str | Path) -> dict[str, Sequence]:
    """Shares of the picture (0 to 1, or -0.5 to 0.5 about its middle) times 1280x720; anything else
    as it is. iMiGUE's pictures are all 16 : 9, and crops are measured in the body's own size."""
    values = [s.points[s.points[..., 2] > 0][:, :2] for s in sequences.values()]
    values = np.concatenate(values) if values else np.zeros((0, 2))
    if len(values) < 4 or np.quantile(np.abs(values), 0.99) > 2:
        return sequences
    shift = 0.5 if np.quantile(values, 0.02) < -0.05 else 0.0
    LOGGER.info("%s: coordinates are shares of the picture; taken times %dx%d", origin, *PICTURE)
    moved = {}
    for name, sequence in sequences.items():
        points = sequence.points.copy()
        points[..., :2] = (points[..., :2] + shift) * np.float32(PICTURE)
        points *= points[..., 2:] > 0
        moved[name] = replace(sequence, points=points, width=PICTURE[0], height=PICTURE[1])
    return moved


def _video_number(name: str) -> int:
    start = name.split("_")[0]
    return int(start) if start.isdigit() else -1
