"""Sheets of a data set that is not there, to plan a run at full size:

    python -m microgesture.demo.stand_in_sheets --out runs/plan/data/imigue
    snakemake --dry-run --directory runs/plan --configfile config.yaml datasets/imigue.yaml

The class counts, the splits' sizes and the numbers of videos are iMiGUE's (Liu et al., CVPR 2021,
as the MiGA challenge hands it out); for other numbers of clips, videos and classes they are scaled.
Which clip stands in which video, and every start and end, are invented.

Planning asks only whether the input files are there, and whether keypoints hold every video. So
placeholders are written for them: EMPTY files OUT/videos/<video>.mp4 and, with --keypoints,
OUT/keypoints.h5 with one frame of each in which nobody is. They serve for a dry run alone: a real
run stops at its first job, index_videos, which names every one of them.
"""

import argparse
from pathlib import Path

import numpy as np

from microgesture.importers.imigue import CLASSES
from microgesture.importers.sheet_writer import SheetRows, write_sheets
from microgesture.pose.layouts import get_layout
from microgesture.provenance.errors import BadInput
from microgesture.stores.sequences import Sequence, write_sequences

# Clips of each class in iMiGUE's training and validation sets together; those of the test set are
# not public and are taken to have the same shares.
CLASS_COUNTS = (
    10, 418, 39, 207, 80, 23, 64, 858, 87, 3, 302, 154, 97, 41, 28, 27, 322, 83, 2, 942, 170, 373,
    657, 700, 11, 287, 87, 60, 1237, 6, 2272, 4023,
)  # fmt: skip
SPLITS = ("train", "val", "test")
CLIPS = (12893, 777, 4562)
VIDEOS = (241, 10, 108)
LAYOUT = "h68"
LENGTH, GAP = 50, 25  # frames of a clip and between two: 3 clips in 9 seconds


def apportion(total: int, shares: np.ndarray, least: int = 0) -> np.ndarray:
    """`total` things by `shares` (K,), each at least `least`: whole numbers (K,) that add up.

    Largest remainders; equal ones go to the earlier. Raises BadInput if `total` is too small.
    """
    shares = np.asarray(shares, dtype=np.float64)
    if total < least * len(shares):
        raise BadInput(f"{total} are too few for {len(shares)} with at least {least} each")
    exact = total * shares / shares.sum()
    whole = np.maximum(np.floor(exact).astype(np.int64), least)
    while whole.sum() > total:  # the least took more than there is: from the largest
        whole[whole.argmax()] -= 1
    rest = np.argsort(-(exact - whole), kind="stable")[: total - whole.sum()]
    whole[rest] += 1
    return whole


def class_counts(clips: int, classes: int) -> dict[str, np.ndarray]:
    """Clips by class, (K,) each, of train, val and test; every class has a training clip.

    With another number of classes than iMiGUE's, its ordered counts are read off at evenly spaced
    places. Raises BadInput for fewer clips than that needs.
    """
    sizes = dict(zip(SPLITS, apportion(clips, np.array(CLIPS))))
    shares = np.array(CLASS_COUNTS, dtype=np.float64)
    if classes != len(shares):
        places = np.linspace(0, len(shares) - 1, classes)
        shares = np.interp(places, np.arange(len(shares)), np.sort(shares))
    known = apportion(sizes["train"] + sizes["val"], shares, least=1)
    val = np.minimum(apportion(sizes["val"], shares), known - 1)
    return {"train": known - val, "val": val, "test": apportion(sizes["test"], shares)}


def stand_in_rows(
    folder: Path, clips: int, videos: int, classes: int, keypoints: bool = False
) -> SheetRows:
    """The rows of the three sheets, with paths in `folder`. The same arguments give the same rows.

    Subjects are left empty, as where nobody knows them: every video counts as one. Raises BadInput
    for fewer than three videos and too few clips.
    """
    generator = np.random.default_rng(0)
    numbers = apportion(videos, np.array(VIDEOS), least=1)
    names = [f"{number:0{max(4, len(str(videos)))}d}" for number in range(1, videos + 1)]
    rows = SheetRows([], [], [])
    for name in names:
        rows.videos.append({"video": name, "path": str(folder / "videos" / f"{name}.mp4")})
        if keypoints:
            rows.videos[-1]["keypoints"] = str(folder / "keypoints.h5")
    first = 0
    for (split, counts), number in zip(class_counts(clips, classes).items(), numbers):
        labels = generator.permutation(np.repeat(np.arange(classes), counts))
        for position, label in enumerate(labels):
            place, video = divmod(position, number)
            name, start = names[first + video], place * (LENGTH + GAP)
            rows.clips.append(
                {
                    "clip": f"{name}_{place}",
                    "video": name,
                    "start": start,
                    "end": start + LENGTH - 1,
                    "label": int(label),
                    "split": split,
                }
            )
        first += number
    titles = CLASSES if classes == len(CLASSES) else [f"class {k}" for k in range(classes)]
    rows.labels.extend({"label": k, "name": title} for k, title in enumerate(titles))
    return rows


def write_stand_in(
    out: str | Path, clips: int, videos: int, classes: int, keypoints: bool = False
) -> dict[str, str]:
    """Write the placeholders and the three sheets to `out`; returns the sheets' paths.

    A file that is there already is left as it is. Raises BadInput.
    """
    folder = Path(out).resolve()
    rows = stand_in_rows(folder, clips, videos, classes, keypoints)
    (folder / "videos").mkdir(parents=True, exist_ok=True)
    for row in rows.videos:
        Path(row["path"]).touch()
    if keypoints and not (folder / "keypoints.h5").exists():
        write_sequences(
            folder / "keypoints.h5", ((row["video"], _empty_frame()) for row in rows.videos)
        )
    return write_sheets(folder, rows)


def _empty_frame() -> Sequence:
    """One frame in which nobody was found."""
    layout = get_layout(LAYOUT)
    points = np.zeros((1, 1, layout.num_joints, 3), np.float32)
    return Sequence(points, np.zeros(1, bool), LAYOUT, 1280, 720, 25.0)


def main(arguments: list[str] | None = None) -> None:
    """The command line; see the module's docstring."""
    words = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=words)
    add = parser.add_argument
    add("--out", required=True, help="folder for the sheets and the empty placeholders")
    add("--clips", type=int, default=sum(CLIPS), help=f"clips ({sum(CLIPS)}, iMiGUE)")
    add("--videos", type=int, default=sum(VIDEOS), help=f"videos ({sum(VIDEOS)})")
    add("--classes", type=int, default=len(CLASS_COUNTS), help=f"classes ({len(CLASS_COUNTS)})")
    add("--keypoints", action="store_true", help="as if keypoints had been imported too")
    given = parser.parse_args(arguments)
    try:
        paths = write_stand_in(given.out, given.clips, given.videos, given.classes, given.keypoints)
    except BadInput as error:
        parser.exit(1, f"error: {error}\n")
    for path in paths.values():
        print(path)


if __name__ == "__main__":
    main()
