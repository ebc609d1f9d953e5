"""From annotations to the three sheets, with the seconds kept beside the frames.

Beside videos.tsv, clips.tsv and labels.tsv stands annotations.tsv: per clip the seconds, subject,
class, comment and confidence as the tool had them. The workflow does not read it;
microgesture/exports does, so that what goes back into the tool is what came out of it.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.importers.annotations import Annotation, AnnotationTable
from microgesture.importers.class_names import choose_classes
from microgesture.importers.media_files import find_media
from microgesture.importers.sheet_writer import SheetRows, identifiers
from microgesture.importers.splits import choose_splits
from microgesture.provenance.errors import BadInput
from microgesture.tables.problems import nearest, raise_for
from microgesture.videos.time_stamps import ROUNDING, end_of, seconds_to_frames, time_stamps

ORIGIN_COLUMNS = (
    "clip", "video", "start", "end", "subject", "class", "start_seconds", "end_seconds", "point",
    "comment", "confidence", "second", "modifiers", "place",
)  # fmt: skip
OVERSHOOT = 1.0  # seconds by which an annotation may leave its video and is cut to it
SHOWN = 5


@dataclass(frozen=True)
class SheetOptions:
    """How annotations become sheets.

    videos: folders with the videos. subject: who it is where the file names nobody ("" = the
    video's name). subjects: whose annotations to take ([] = all). same_person: one video shows one
    person, whoever is named. regions: subject -> "x0,y0,x1,y1", where in the picture a person sits,
    needed where one video has several. split, seed: see `choose_splits`. labels: file with the
    classes (`read_label_names`), "" = those that occur. leave_out: classes to drop. ignore_case:
    names that differ in case or spaces are one class. point_seconds: how long a point event is
    made, around its moment. annotated: videos in which everything that happens has a clip
    (["all"]: every video). refuse_overlaps: stop where clips of one person overlap.
    """

    videos: tuple[Path, ...] = ()
    subject: str = ""
    subjects: tuple[str, ...] = ()
    same_person: bool = False
    regions: dict[str, str] = field(default_factory=dict)
    split: tuple[str, ...] = ()
    seed: int = 0
    labels: str = ""
    leave_out: tuple[str, ...] = ()
    ignore_case: bool = False
    point_seconds: float = 0.0
    annotated: tuple[str, ...] = ()
    refuse_overlaps: bool = False


def make_sheets(
    table: AnnotationTable, options: SheetOptions
) -> tuple[SheetRows, pd.DataFrame, list[str]]:
    """The rows of the sheets, the table of origins (columns `ORIGIN_COLUMNS`) and notes to tell.

    Raises BadInput that lists every problem: those of the reader, videos that are not found,
    annotations outside their video, unknown subjects and classes, several people without regions.
    """
    _check_subjects(table, options)
    labels, label_of = choose_classes(table, options)
    where, times = _find_videos(table, options)
    raise_for(table.problems, "the annotations")
    people: dict[Path, list[str]] = {path: [] for path in times}
    kept: dict[tuple[Path, str], list[Annotation]] = defaultdict(list)
    for annotation in table.annotations:
        if annotation.name not in label_of:
            continue
        if options.subjects and (annotation.subject or options.subject) not in options.subjects:
            continue
        path = where[annotation.recording]
        person = "" if options.same_person else annotation.subject
        person = person or options.subject or path.stem
        if person not in people[path]:
            people[path].append(person)
        kept[path, person].append(annotation)
    empty = set(people) - {where[annotation.recording] for annotation in table.annotations}
    for path, found in list(people.items()):
        if not found and path not in empty:  # all that is annotated in it was not wanted
            del people[path]
            table.notes.append(
                f"{path}: nothing in it is taken (--subjects, --leave-out); left out"
            )
            continue
        found[:] = found or [options.subject or path.stem]
        _check_regions(table, path, found, options)
    raise_for(table.problems, "the annotations")
    rows, origins, notes = SheetRows([], [], labels), [], list(table.notes)
    splits = choose_splits({p for f in people.values() for p in f}, options.split, options.seed)
    ids = _video_ids(people)
    for path, found in people.items():
        for person in found:
            video = {"video": ids[path, person], "path": str(path), "subject": person}
            if person in options.regions:
                video["region"] = options.regions[person]
            rows.videos.append(video)
            for clip, origin in _clips(kept[path, person], times[path], ids[path, person], options):
                label = label_of[origin.pop("label")]
                clip["split"] = splits[person]
                clip["label"] = "" if clip["split"] == "unlabelled" else label
                rows.clips.append(clip)
                origins.append(origin)
    table_of_origins = pd.DataFrame(origins, columns=list(ORIGIN_COLUMNS))
    notes += _overlaps(table_of_origins, options)
    notes += _mark_annotated(rows, options)
    if rows.clips and not options.split:
        notes.append(
            "no --split: every clip is unlabelled. To train: --split 0.7,0.15,0.15, or "
            "--split train=NAME,NAME val=NAME test=NAME"
        )
    return rows, table_of_origins, notes


def _find_videos(table: AnnotationTable, options: SheetOptions):
    """recording -> path and path -> time stamps; what fails becomes a problem, once a video."""
    where, times, told = {}, {}, set()
    used = {annotation.recording for annotation in table.annotations}
    for recording in dict.fromkeys(table.recordings):
        try:
            path = find_media(recording, options.videos)
            if path not in times:
                times[path] = time_stamps(path)
            where[recording] = path
        except BadInput as error:
            if recording not in used:
                table.notes.append(f"{error} (nothing is annotated in it; left out)")
            elif str(error) not in told:
                told.add(str(error))
                place, _, rest = str(error).partition(": ")
                wrong, _, remedy = rest.rpartition("; ")
                table.problem(place, None, None, wrong, remedy)
    outside: dict[tuple, list[Annotation]] = defaultdict(list)
    for annotation in table.annotations:
        path = where.get(annotation.recording)
        side = _side(annotation, times[path]) if path is not None else ""
        if side:
            outside[path, side].append(annotation)
    for (path, side), found in outside.items():
        first, span = found[0], f"{found[0].start:.3f} s to {found[0].end:.3f} s"
        shown = f"{path.name}, which shows {times[path][0]:.3f} s to {end_of(times[path]):.3f} s"
        more = f"; so do {len(found) - 1} more" if len(found) > 1 else ""
        table.problem(
            first.place, None, span, f"lies {side} of {shown}{more}",
            "check that this is the right video (the tool may have played several, or one with an "
            "offset), or mend the times in the tool",
        )  # fmt: skip
    return where, times


def _side(annotation: Annotation, times: np.ndarray) -> str:
    """Where an annotation leaves its video; it may by `OVERSHOOT`, and is cut then."""
    end = end_of(times)
    if annotation.start >= end or annotation.end > end + OVERSHOOT:
        return "behind the end"
    if annotation.end < times[0] or annotation.start < min(times[0], 0) - OVERSHOOT:
        return "before the first frame"
    return ""


def _check_subjects(table: AnnotationTable, options: SheetOptions) -> None:
    known = {a.subject or options.subject for a in table.annotations} - {""}
    for option, names in (("--subjects", options.subjects), ("--region", options.regions)):
        for name in names:
            if name not in known:
                hint = nearest(name, known)
                near = (
                    f"did you mean {hint!r}?" if hint else f"there are {', '.join(sorted(known))}"
                )
                table.problem(option, None, name, "annotates nothing here", near)


def _check_regions(
    table: AnnotationTable, path: Path, people: list[str], options: SheetOptions
) -> None:
    missing = [person for person in people if person not in options.regions]
    if len(people) > 1 and missing:
        halves = " ".join(f"--region {p}=x0,y0,x1,y1" for p in missing[:2])
        table.problem(
            str(path), None, None,
            f"shows {len(people)} people ({', '.join(people)}), and nothing says where each sits",
            f"give shares of the picture: {halves}; or take one: --subjects NAME; or, if it is "
            f"one person after all: --same-person",
        )  # fmt: skip


def _video_ids(people: dict[Path, list[str]]) -> dict[tuple[Path, str], str]:
    """An id a row: the file's name, with the person's behind it where there are several."""
    names = {}
    for path, found in people.items():
        for person in found:
            names[path, person] = f"{path.stem}_{person}" if len(found) > 1 else path.stem
    twice = [name for name, count in Counter(names.values()).items() if count > 1]
    for key, name in names.items():  # two folders with a video of the same name
        names[key] = f"{key[0].parent.name}_{name}" if name in twice else name
    ids = identifiers(names.values(), "the videos")
    return {key: ids[name] for key, name in names.items()}


def _clips(annotations: list[Annotation], times: np.ndarray, video: str, options: SheetOptions):
    """(clip row, origin row) of one person in one video, in order of time."""
    ordered = sorted(annotations, key=lambda a: (a.start, a.end, a.name))
    for number, annotation in enumerate(ordered):
        start, end = annotation.start, annotation.end
        if annotation.point and options.point_seconds:
            start, end = start - options.point_seconds / 2, start + options.point_seconds / 2
        first, last = seconds_to_frames(times, start, end)
        clip = {
            "clip": f"{video}_{number:03d}",
            "video": video,
            "start": int(first),
            "end": int(last),
        }
        yield (
            dict(clip),
            {
                **clip,
                "subject": annotation.subject,
                "class": annotation.name,
                "start_seconds": annotation.start,
                "end_seconds": annotation.end,
                "point": "yes" if annotation.point else "no",
                "comment": " ".join(annotation.comment.split()),
                "confidence": "" if annotation.confidence is None else annotation.confidence,
                "second": annotation.second,
                "modifiers": annotation.modifiers,
                "place": annotation.place,
                "label": annotation.name,
            },
        )


def _overlaps(origins: pd.DataFrame, options: SheetOptions) -> list[str]:
    """Name the annotations of one person that last at the same time, or refuse them. Neighbours
    that meet within a frame share that frame and are none."""
    found = []
    for _, group in origins.groupby("video", sort=False):
        reach = None
        for row in group.itertuples():  # in order of their starts
            if reach is not None and row.start_seconds < reach.end_seconds - ROUNDING:
                shared = min(reach.end_seconds, row.end_seconds) - row.start_seconds
                found.append(f"{reach.clip} and {row.clip} ({shared:.3f} s)")
            if reach is None or row.end_seconds > reach.end_seconds:
                reach = row
    if not found:
        return []
    more = f", and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    told = f"{len(found)} overlaps: {'; '.join(found[:SHOWN])}{more}"
    if options.refuse_overlaps:
        raise BadInput(f"{told}; mend them in the tool, or leave --refuse-overlaps out")
    return [told]


def _mark_annotated(rows: SheetRows, options: SheetOptions) -> list[str]:
    """Fill the column `annotated` where the person says which videos are complete."""
    if not options.annotated:
        return []
    known = {row["video"] for row in rows.videos}
    for name in options.annotated:
        if name not in {*known, "all", "none"}:
            hint = nearest(name, known)
            near = f"did you mean {hint!r}?" if hint else f"there are {', '.join(sorted(known))}"
            raise BadInput(f"--annotated {name!r}: no video is called so; {near}")
    for row in rows.videos:
        whole = "all" in options.annotated or row["video"] in options.annotated
        row["annotated"] = "yes" if whole else "no"
    if options.leave_out:
        told = ", ".join(options.leave_out)
        return [f"{told}: left out, so --annotated says that nothing happens there"]
    return []
