"""Real RGB for the test-bed: windows of real footage, labelled by where the hands are.

    python -m bench.footage_hands RUN --out runs/footage_hands/sheets [--people people.csv]

RUN: the folder of a finished run of datasets/footage.yaml. Its keypoints say where the hands are,
and that is the label: at the face, before the chest, or at rest (below both, or out of sight).
Joints know the answer by construction; an RGB network must learn it from pixels and show it on
people it never saw. It checks the whole way from real video to the vote; it says nothing of
micro-gestures. datasets/footage_hands.md.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from microgesture.pose.layouts import get_layout
from microgesture.stores.sequences import Sequence, list_sequences, read_sequence

WINDOW, STEP = 8, 4  # frames of a clip, and from one to the next: gestures take half a second
SHARE = 0.75  # of a window's frames that must agree
SEEN = 0.3  # least score of a point
NAMES = ("at rest", "before the chest", "at the face")
REST, CHEST, FACE = range(len(NAMES))
# In shoulder widths: how far from the nose a hand is at the face, how far below the shoulders and
# beside the chest's middle it is before the chest. Between these nothing is said.
NEAR_FACE, BESIDE, HIGHEST, LOWEST, BELOW = 0.75, 0.8, -0.1, 1.2, 1.5
UNCLEAR = -1


def place_of_hands(sequence: Sequence) -> np.ndarray:
    """int (T,): REST, CHEST, FACE or UNCLEAR in every frame, of the person in row 0.

    The hand that is higher in this order decides. A hand is where the mean of its seen points is,
    or, where it was not found, its wrist. sequence: 2D points in a layout with hands.
    """
    layout = get_layout(sequence.layout)
    points = sequence.points[0].astype(np.float64)
    shoulders = [points[:, layout.joints.index(f"{side}_shoulder")] for side in ("left", "right")]
    nose = points[:, layout.joints.index("nose")]
    width = np.hypot(*(shoulders[0] - shoulders[1])[:, :2].T)
    middle = (shoulders[0] + shoulders[1])[:, :2] / 2
    known = sequence.present & (width > 0) & (nose[:, 2] >= SEEN)
    known &= (shoulders[0][:, 2] >= SEEN) & (shoulders[1][:, 2] >= SEEN)
    width = np.maximum(width, 1e-9)
    found = np.full((2, len(points)), UNCLEAR)
    for row, side in enumerate(("left", "right")):
        hand, sure = _hand(points, layout, side)
        to_nose = np.hypot(*(hand - nose[:, :2]).T) / width
        across, below = ((hand - middle) / width[:, None]).T
        chest = (np.abs(across) <= BESIDE) & (below >= HIGHEST) & (below <= LOWEST)
        rest = below >= BELOW
        found[row] = np.select([to_nose <= NEAR_FACE, chest, rest], [FACE, CHEST, REST], UNCLEAR)
        found[row, ~sure] = UNCLEAR
    # one hand says where the hands are; both must be at rest, or out of sight below
    best = found.max(0)
    best[(best == REST) & (found == UNCLEAR).any(0)] = UNCLEAR
    return np.where(known, best, UNCLEAR)


def _hand(points: np.ndarray, layout, side: str) -> tuple[np.ndarray, np.ndarray]:
    """Place (T, 2) of a hand, and whether anything is known of it."""
    hand = points[:, list(layout.parts[f"{side}_hand"])]
    seen = hand[..., 2] >= SEEN
    count = seen.sum(1)
    mean = (hand[..., :2] * seen[..., None]).sum(1) / np.maximum(count, 1)[:, None]
    wrist = points[:, layout.joints.index(f"{side}_wrist")]
    place = np.where((count >= 5)[:, None], mean, wrist[:, :2])
    return place, (count >= 5) | (wrist[:, 2] > 0)


def label_windows(places: np.ndarray) -> list[tuple[int, int, int]]:
    """(start, end, label) of the windows in which three of four frames agree."""
    windows = []
    for start in range(0, len(places) - WINDOW + 1, STEP):
        part = places[start : start + WINDOW]
        counts = np.bincount(part[part >= 0], minlength=len(NAMES))
        if counts.max() >= SHARE * WINDOW:
            windows.append((start, start + WINDOW - 1, int(counts.argmax())))
    return windows


def write_sheets(run: Path, out: Path, people: dict[str, str]) -> pd.Series:
    """Write the three tables; returns the number of windows of every class.

    people: video -> person; videos that are not in it are left out (none given: all stay, each
    with the subject of the run's own sheet).
    """
    table = pd.read_csv(run / "sheets" / "videos.tsv", sep="\t", dtype=str, keep_default_na=False)
    table = table.set_index("video")
    videos, clips = [], []
    for store in sorted((run / "results" / "keypoints").glob("*.h5")):
        for video in list_sequences(store):
            if people and video not in people:
                continue
            windows = label_windows(place_of_hands(read_sequence(store, video)))
            if not windows:
                continue
            person = people.get(video, table.loc[video, "subject"])
            path = (run / table.loc[video, "path"]).resolve()
            videos.append((video, path, person, store.resolve()))
            clips += [
                (f"{video}_{start:04d}", video, start, end, label, "train")
                for start, end, label in windows
            ]
    out.mkdir(parents=True, exist_ok=True)
    clips = pd.DataFrame(clips, columns=["clip", "video", "start", "end", "label", "split"])
    columns = ["video", "path", "subject", "keypoints"]
    labels = pd.DataFrame({"label": range(len(NAMES)), "name": NAMES})
    for name, rows in (
        ("videos", pd.DataFrame(videos, columns=columns)),
        ("clips", clips),
        ("labels", labels),
    ):
        rows.to_csv(out / f"{name}.tsv", sep="\t", index=False)
    return clips["label"].map(dict(enumerate(NAMES))).value_counts()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="folder of a finished run of datasets/footage.yaml")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--people", type=Path, help="csv: video and person in its first and last column"
    )
    given = parser.parse_args()
    people = {}
    if given.people:
        rows = pd.read_csv(given.people, dtype=str)
        people = dict(zip(rows.iloc[:, 0], rows.iloc[:, -1]))
    print(write_sheets(given.run, given.out, people).to_string())


if __name__ == "__main__":
    main()
