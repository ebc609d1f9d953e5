"""What every importer of keypoints asks before a store is written, and files beside keypoints."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from microgesture.pose.joint_order import sample_frames
from microgesture.pose.persons import relink_rows
from microgesture.pose.plausibility import (
    EXCHANGED_ALL,
    doubts,
    implausible,
    order_problem,
    picture_counts,
    size_exchanged,
)
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence

LOGGER = logging.getLogger(__name__)

_SHOWN = 5
_NO_VIDEOS = {
    ".json", ".csv", ".tsv", ".txt", ".h5", ".hdf5", ".pkl", ".pickle", ".npy", ".npz", ".xlsx",
    ".slp", ".png", ".jpg", ".jpeg", ".yaml", ".yml", ".xml", ".eaf", ".srt", ".wav", ".md",
}  # fmt: skip


def examined(
    sequences: Iterable[tuple[str, Sequence]],
    origin: str | Path,
    *,
    keep_order: bool = False,
    passes: tuple[str, ...] = (),
) -> Iterator[tuple[str, Sequence]]:
    """The same pairs with every person in one row, after a look at each.

    origin: the file or folder that messages name. keep_order: another order of the joints is told,
    not refused. passes: words of problems that the user answered for. People who change rows are
    put back (`relink_rows`) and told. When all have passed, raises BadInput that lists every
    sequence that is implausible (see `plausibility`), and a joint order in which another named
    layout fits better; doubts are warnings, with a count.
    """
    problems, told, frames, linked = [], [], [], []
    layout, counts = None, {}
    for name, sequence in sequences:
        points, changes = relink_rows(sequence.points)
        if changes:
            linked.append(f"{name} at frame {changes[0]}")
            sequence = replace(sequence, points=points)
        sequence = _seen_first(sequence)
        for problem in implausible(sequence):
            if not any(word in problem for word in passes):
                problems.append(f"{name}: {problem}")
        size = (sequence.width, sequence.height)
        counts[size] = counts.get(size, 0) + picture_counts(sequence.points, *size)
        told += doubts([(name, sequence)])
        frames.append(sample_frames([sequence.points])[None])
        layout = sequence.layout
        yield name, sequence
    if not problems:
        for size, count in counts.items():
            if problem := size_exchanged(count, *size, EXCHANGED_ALL):
                problems.append(f"all sequences of this size: {problem}")
    if problems:
        more = f"\n  and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise BadInput(
            f"{origin}: {len(problems)} implausible sequence(s):\n  "
            + "\n  ".join(problems[:_SHOWN])
            + more
        )
    _tell_doubts(told, len(frames), origin)
    if linked:
        LOGGER.warning(
            "%s: people change rows in %d of %d sequences (first: %s): put back by nearness",
            *(origin, len(linked), len(frames), linked[0]),
        )
    usable = [some for some in frames if some.size]
    wrong, doubtful = order_problem(usable, layout) if usable else (None, None)
    if wrong and not keep_order:
        raise BadInput(f"{origin}: {wrong} (or add --keep-order, if this is how it should be)")
    if wrong or doubtful:
        LOGGER.warning("%s: %s", origin, wrong or doubtful)


def _seen_first(sequence: Sequence) -> Sequence:
    """Rows in which nobody is ever seen behind the others."""
    seen = (sequence.points[..., -1] > 0).any((1, 2))
    if seen[: seen.sum()].all():
        return sequence
    return replace(sequence, points=sequence.points[np.argsort(~seen, kind="stable")])


def _tell_doubts(told: list[str], total: int, origin: str | Path) -> None:
    """One line a kind: how many, and the first."""
    kinds: dict[str, list[str]] = {}
    for line in told:
        wrong, first = line.removeprefix("1 of 1 sequences ").rsplit(" (first: ", 1)
        kinds.setdefault(wrong, []).append(first.removesuffix(")"))
    for wrong, names in kinds.items():
        LOGGER.warning(
            "%s: %d of %d sequences %s (first: %s)", origin, len(names), total, wrong, names[0]
        )


def fitted(sequence: Sequence, frames: int, place: str) -> Sequence:
    """The sequence with as many frames as its video has.

    One frame more or less (tools count the end of a file differently) is cut or filled with an
    empty one, with a warning. Raises BadInput for any other difference: then nobody knows which
    row belongs to which picture. place: file and video, for messages.
    """
    found = len(sequence.present)
    if found == frames:
        return sequence
    if abs(found - frames) > 1:
        raise BadInput(
            f"{place}: holds keypoints of {found} frames, its video shows {frames}. Every frame "
            "needs a row, one without a person an empty one: write the keypoints again without "
            "leaving frames out, or name the video that they were made from"
        )
    LOGGER.warning("%s: %d frames of keypoints for %d of the video", place, found, frames)
    if found > frames:
        return replace(
            sequence, points=sequence.points[:, :frames], present=sequence.present[:frames]
        )
    points = np.pad(sequence.points, ((0, 0), (0, 1), (0, 0), (0, 0)))
    return replace(sequence, points=points, present=np.append(sequence.present, False))


def find_videos(folder: str | Path, names: Iterable[str]) -> dict[str, Path]:
    """The video file of every name: the one in `folder` (and below) that is called so, with any
    ending, or begins so (`name_rgb.avi`).

    Raises BadInput that lists every name without a file, and every one with several.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise BadInput(f"{folder}: --videos: is no folder")
    files = [
        file
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.suffix.lower() not in _NO_VIDEOS and file.suffix
        if not file.name.startswith(".")
    ]
    by_stem: dict[str, list[Path]] = {}
    for file in files:
        by_stem.setdefault(file.stem, []).append(file)
    found, problems = {}, []
    for name in names:
        fitting = by_stem.get(name) or [
            file
            for file in files
            if file.stem.startswith(name) and not file.stem[len(name)].isalnum()
        ]
        if len(fitting) == 1:
            found[name] = fitting[0]
        elif fitting:
            some = ", ".join(map(str, fitting[:3]))
            problems.append(f"{name!r}: {len(fitting)} files could be its video: {some}")
        else:
            problems.append(f"{name!r}: no video is called so, such as {name}.mp4")
    if problems:
        more = f"\n  and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise BadInput(
            f"{folder}: --videos: {len(problems)} without a video:\n  "
            + "\n  ".join(problems[:_SHOWN])
            + more
        )
    return found
