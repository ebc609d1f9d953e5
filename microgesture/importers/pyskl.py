"""Import skeletons in PYSKL's format into a sequence store and the three sheets, or export them.

    python -m microgesture.importers.pyskl 3d.pkl --second 2d.pkl --labels labels.tsv \\
        --layout msr20 --train-split xsub_train --test-split xsub_test \\
        --subject-pattern 's(\\d+)' --fps 15 --out data/msr_action3d

A sequence of the file becomes one video without pixels and one clip that fills it. The validation
set is taken from the training subjects, whole subjects only. With --export the first argument is
the pickle to write, and --out the folder of sheets that it is made from.
"""

import argparse
import logging
from dataclasses import replace
from pathlib import Path

from microgesture.importers.examination import examined, find_videos, fitted
from microgesture.importers.projection import project_to_front
from microgesture.importers.pyskl_format import (
    Skeletons,
    choose_scores,
    read_skeletons,
    to_sequence,
    write_skeletons,
)
from microgesture.importers.sheet_writer import (
    SheetRows,
    choose_validation_subjects,
    find_subject,
    identifiers,
    read_label_names,
    write_sheets,
)
from microgesture.pose.layout_files import identified
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence, read_sequence, write_sequences
from microgesture.tables.sheets import read_sheets
from microgesture.videos.probing import probe

LOGGER = logging.getLogger(__name__)

SCORES = ("auto", "given", "coordinates")
RULES = {
    "given": "points with score 0 are missing",
    "coordinates": "points at the origin are missing; the scores in the file, if any, are not used",
}
STORES = {"keypoints": "keypoints.h5", "keypoints_2d": "keypoints_2d.h5"}


def import_skeletons(
    first: str | Path,
    out: str | Path,
    *,
    layout: str,
    train_split: str,
    test_split: str,
    second: str | Path | None = None,
    labels: str | Path | None = None,
    validation_split: str | None = None,
    subject_pattern: str | None = None,
    validation_subjects: list[str] | None = None,
    scores: str = "auto",
    fps: float = 30.0,
    project: bool = False,
    videos: str | Path | None = None,
    dimensions: int | None = None,
    shares: bool = False,
    keep_order: bool = False,
) -> dict[str, str]:
    """Write `out`/keypoints.h5 (and keypoints_2d.h5), videos.tsv, clips.tsv and labels.tsv.

    first: the pickle; second: the same sequences in two dimensions (for heatmap streams); project:
    make these from those in three (`project_to_front`). labels: see `read_label_names`; without it
    classes are called by their numbers. train_split, test_split, validation_split: names of the
    file's splits; sequences in none of them are left out. validation_subjects: training subjects
    held out; None = chosen (`choose_validation_subjects`), [] = none. scores: "given",
    "coordinates" or "auto" (see `choose_scores`). fps: frames per second, which the format does not
    hold. videos: a folder with a video for every sequence (`find_videos`), whose frames its
    keypoints must be. dimensions, shares: see `read_skeletons`. keep_order: do not refuse an order
    of joints in which another layout fits better. Returns the paths of the sheets. Raises BadInput.
    """
    layout = identified(layout)
    if project and second:
        raise BadInput("--second and --project both make keypoints in pixels; leave one out")
    names = read_label_names(labels) if labels else None
    count = len(names) if names else None
    how = {"layout": layout, "num_classes": count}
    in_pixels = {"dimensions": dimensions, "shares": shares}
    read = read_skeletons(first, **how, **({} if second else in_pixels))
    flat = read_skeletons(second, **how, **in_pixels) if second else None
    if flat is not None:
        check_same(read, flat, first, second)
    if project and any(a.points.shape[-1] == 2 for a in read.annotations.values()):
        raise BadInput(f"{first}: --project: the keypoints are in pixels already; leave it out")
    chosen = choose_splits(read, first, train_split, test_split, validation_split)
    subject = {name: find_subject(name, subject_pattern, str(first)) for name in chosen}
    label = {name: read.annotations[name].label for name in chosen}
    hold_out(chosen, subject, label, validation_split, validation_subjects, subject_pattern)
    check_leaks(chosen, subject, first)
    ids = identifiers(chosen, str(first))
    paths = find_videos(videos, chosen) if videos else {}
    facts = {name: probe(path) for name, path in paths.items()}
    if names is None:
        classes = range(max(label.values(), default=-1) + 1)
        names = [{"label": number, "name": f"class {number}"} for number in classes]
    out = Path(out)
    columns = {}
    sources = [("keypoints", read, first)]
    if flat is not None or project:
        sources.append(("keypoints_2d", flat or read, second or first))
    for column, skeletons, path in sources:
        columns[column] = str(out / STORES[column])
        annotations = [skeletons.annotations[name] for name in chosen]
        rule = choose_scores(annotations) if scores == "auto" else scores
        LOGGER.info("%s: %s", path, RULES[rule])
        sequences = (
            (
                ids[annotation.name],
                beside_video(
                    to_sequence(annotation, layout, fps, rule), annotation, facts, paths, path
                ),
            )
            for annotation in annotations
        )
        passes = ("it is a score",) if dimensions == 3 else ()
        sequences = examined(sequences, path, keep_order=keep_order, passes=passes)
        if project and column == "keypoints_2d":
            sequences = ((video, project_to_front(sequence)) for video, sequence in sequences)
        write_sequences(columns[column], counted(sequences, path))
    rows = [
        {
            "video": ids[name],
            "path": str(paths.get(name, "")),
            "subject": subject[name],
            "fps": "" if name in paths else read.annotations[name].fps or fps,
            **columns,
        }
        for name in chosen
    ]
    frames = {name: read.annotations[name].points.shape[1] for name in chosen}
    frames |= {name: video.frames for name, video in facts.items()}
    clips = [
        {
            "clip": ids[name],
            "video": ids[name],
            "start": 0,
            "end": frames[name] - 1,
            "label": label[name] if label[name] >= 0 else "",
            "split": split,
        }
        for name, split in chosen.items()
    ]
    return write_sheets(out, SheetRows(rows, clips, names))


def beside_video(sequence: Sequence, annotation, facts: dict, paths: dict, path) -> Sequence:
    """The sequence with the frames of its video, where there is one (`fitted`). BadInput where the
    pictures have another size than the keypoints say."""
    if annotation.name not in facts:
        return sequence
    video, place = facts[annotation.name], f"{path}: {annotation.name!r} ({paths[annotation.name]})"
    if sequence.points.shape[-1] == 3 and sequence.width:
        if (sequence.width, sequence.height) != (video.width, video.height):
            raise BadInput(
                f"{place}: img_shape is {sequence.height}x{sequence.width} (height x width), the "
                f"video's pictures have {video.height}x{video.width}; keypoints must be in pixels "
                "of the video"
            )
    elif sequence.points.shape[-1] == 3:
        sequence = replace(sequence, width=video.width, height=video.height)
    return fitted(replace(sequence, fps=video.fps), video.frames, place)


def check_same(first: Skeletons, second: Skeletons, one: str | Path, other: str | Path) -> None:
    """BadInput unless two files hold the same sequences, frame by frame, with the same labels, the
    second in two dimensions."""
    lacking = sorted(set(first.annotations) ^ set(second.annotations))
    if lacking:
        raise BadInput(
            f"{other}: holds other sequences than {one}: {len(lacking)} stand in one file only, "
            f"the first: {lacking[0]!r}"
        )
    for name, annotation in first.annotations.items():
        flat = second.annotations[name]
        frames = annotation.points.shape[1], flat.points.shape[1]
        if frames[0] != frames[1]:
            raise BadInput(f"{other}: {name!r} has {frames[1]} frames, {frames[0]} in {one}")
        if annotation.label != flat.label:
            raise BadInput(
                f"{other}: {name!r} has the label {flat.label}, {annotation.label} in {one}"
            )
        if flat.points.shape[-1] != 2:
            raise BadInput(f"{other}: holds 3D keypoints; --second takes those in pixels")


def choose_splits(
    skeletons: Skeletons, path: str | Path, train: str, test: str, validation: str | None
) -> dict[str, str]:
    """id -> "train", "val" or "test". BadInput for an unknown split and an id in two of them."""
    chosen: dict[str, str] = {}
    for ours, theirs in (("train", train), ("val", validation), ("test", test)):
        if theirs is None:
            continue
        if theirs not in skeletons.splits:
            known = ", ".join(skeletons.splits)
            raise BadInput(f"{path}: has no split {theirs!r}; write one of {known}")
        for name in skeletons.splits[theirs]:
            if name in chosen:
                raise BadInput(
                    f"{path}: {name!r} stands in the splits for {chosen[name]} and {ours}: the "
                    "scores would be worthless; remove it from one of them"
                )
            chosen[name] = ours
    left = [name for name in skeletons.annotations if name not in chosen]
    if left:
        LOGGER.warning(
            "%s: %d sequences are in none of the splits and are left out (first: %s)",
            *(path, len(left), left[0]),
        )
    return chosen


def hold_out(chosen, subject, label, split, named, pattern) -> None:
    """Turn the clips of some training subjects into validation clips, in place.

    named: subjects, None = choose, [] = none. Raises BadInput for a subject without training clips.
    """
    trained = {name: subject[name] for name, ours in chosen.items() if ours == "train"}
    asked = named is not None  # nobody, if the user says so, is no news
    if named is None:
        if split is not None:
            return
        named = choose_validation_subjects(trained, label) if pattern else []
    elif named and pattern is None:
        raise BadInput("--validation-subjects needs --subject-pattern, which finds the subjects")
    unknown = sorted(set(named) - set(trained.values()))
    if unknown:
        known = ", ".join(sorted(set(trained.values())))
        raise BadInput(
            f"--validation-subjects: {unknown[0]!r} has no training clips; choose among {known}"
        )
    for name, who in trained.items():
        if who in named:
            chosen[name] = "val"
    if named:
        LOGGER.info("validation: the training subjects %s", ", ".join(named))
    elif split is None and not asked:
        LOGGER.warning(
            "no validation clips: ensembles are not calibrated; give --subject-pattern, "
            "--validation-subjects or --validation-split"
        )


def check_leaks(chosen: dict[str, str], subject: dict[str, str], path: str | Path) -> None:
    """BadInput for a subject with clips in two splits."""
    found: dict[str, str] = {}
    for name, split in chosen.items():
        other = found.setdefault(subject[name], split)
        if other != split:
            raise BadInput(
                f"{path}: subject {subject[name]!r} has clips in {other} and {split}. In a "
                "cross-view protocol the view is what must not stand in both: let "
                "--subject-pattern catch the view instead"
            )


def counted(sequences, path):
    """The same pairs; warns of those without any point."""
    empty = []
    for video, sequence in sequences:
        if not sequence.present.any():
            empty.append(video)
        yield video, sequence
    if empty:
        LOGGER.warning(
            "%s: %d sequences hold no point at all (first: %s)", path, len(empty), empty[0]
        )


def export_skeletons(folder: str | Path, path: str | Path, column: str = "keypoints") -> None:
    """Write the clips of a folder of sheets, with the keypoints of their stores, as a pickle.

    Splits keep their names; unlabelled clips have label -1. Raises BadInput.
    """
    folder = Path(folder)
    sheets = read_sheets(*(str(folder / f"{kind}.tsv") for kind in ("videos", "clips", "labels")))
    stores = dict(zip(sheets.videos["video"], sheets.videos[column]))
    if not all(stores.values()):
        raise BadInput(f"{folder / 'videos.tsv'}: not every video has keypoints in a store")
    clips = list(sheets.clips.itertuples())
    splits = {split: list(part["clip"]) for split, part in sheets.clips.groupby("split")}

    def sequences():
        for clip in clips:
            cut: Sequence = read_sequence(stores[clip.video], clip.video, clip.start, clip.end)
            yield clip.clip, clip.label, cut

    write_skeletons(path, splits, sequences())


def main(arguments: list[str] | None = None) -> None:
    """The command line; see the module's docstring."""
    words = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=words)
    add = parser.add_argument
    add("pickle", help="the skeletons; with --export: the file to write")
    add("--out", required=True, help="folder for the stores and the three sheets")
    add("--export", action="store_true", help="write the pickle from the sheets in --out")
    add("--second", help="the same sequences in two dimensions, for heatmap streams")
    add("--project", action="store_true", help="make these from those in three dimensions")
    add("--labels", help="table (label, name) or one class name per line")
    add("--layout", help="keypoint layout, such as coco17, ntu25, msr20")
    add("--train-split", default="train", help="name of the file's training split (train)")
    add("--test-split", default="test", help="name of the file's test split (test)")
    add("--validation-split", help="name of the file's validation split, if it has one")
    add("--subject-pattern", help=r"regular expression that finds the subject in an id: 's(\d+)'")
    add("--validation-subjects", nargs="*", help="training subjects to hold out; none: no one")
    add("--scores", choices=SCORES, default="auto", help="what tells missing points (auto)")
    add("--fps", type=float, default=30.0, help="frames per second of the recordings (30)")
    add("--videos", help="folder with a video for every sequence, called as the sequence")
    add("--units", choices=("pixels", "shares"), default="pixels", help="of 2D keypoints (pixels)")
    add("--dimensions", type=int, choices=(2, 3), help="2: a third number of a point is its score")
    add("--keep-order", action="store_true", help="do not refuse an unlikely order of joints")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    try:
        if given.export:
            export_skeletons(given.out, given.pickle)
            return
        if given.layout is None:
            raise BadInput("--layout is missing; name the keypoint layout, such as ntu25")
        import_skeletons(
            given.pickle,
            given.out,
            layout=given.layout,
            train_split=given.train_split,
            test_split=given.test_split,
            second=given.second,
            labels=given.labels,
            validation_split=given.validation_split,
            subject_pattern=given.subject_pattern,
            validation_subjects=given.validation_subjects,
            scores=given.scores,
            fps=given.fps,
            project=given.project,
            videos=given.videos,
            dimensions=given.dimensions,
            shares=given.units == "shares",
            keep_order=given.keep_order,
        )
    except BadInput as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
