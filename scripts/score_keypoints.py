"""Score the estimated keypoints of the demo's videos against the renderer's true ones.

Writes results/scores/keypoints.tsv with one row per part of the body, for all videos together
(video = all) and for each video:

- video, part: body (17 points), face (68), hands (42), or person (is there one at all?);
- points: true points that can be seen; for person: frames with a person;
- pck: share of them within `fraction` (0.2) torso lengths of the truth; for person: share of the
  frames with a person that were found;
- oks: mean object keypoint similarity of the points;
- missed: points (people) that were not estimated; invented: frames without a person in which one
  was seen.
"""

from collections import defaultdict

import pandas as pd

from microgesture.pose.scoring import LAYOUT, score_frames, score_presence
from microgesture.provenance.errors import BadInput
from microgesture.provenance.jobs import job
from microgesture.stores.sequences import list_sequences, read_sequence
from microgesture.tables.writing import write_table

COLUMNS = ["video", "part", "points", "pck", "oks", "missed", "invented"]


def score_keypoints(keypoints, truth, scores, settings):
    """Score every video that has true keypoints.

    keypoints: sequence stores of the batches. truth: sequence stores with the true points (layout
    coco_wholebody133). scores: the table to write. settings: fraction.
    """
    fraction = float(settings.get("fraction", 0.2))
    store_of = {video: path for path in keypoints for video in list_sequences(path)}
    videos = sorted((video, path) for path in truth for video in list_sequences(path))
    sums = defaultdict(lambda: defaultdict(float))
    for video, path in videos:
        if video not in store_of:
            raise BadInput(f"{path}: video {video!r} is in none of the keypoint stores")
        estimated, true = read_sequence(store_of[video], video), read_sequence(path, video)
        check(video, estimated, true)
        parts = score_frames(estimated.points[0], true.points[0], fraction)
        people = score_presence(estimated.present, true.present)
        parts["person"] = {
            "points": people["with_person"],
            "correct": people["with_person"] - people["missed"],
            "missed": people["missed"],
            "invented": people["invented"],
        }
        for part, numbers in parts.items():
            for name, value in numbers.items():
                sums["all", part][name] += value
                sums[video, part][name] += value
    rows = [(video, part, *figures(part, numbers)) for (video, part), numbers in sums.items()]
    table = pd.DataFrame(rows, columns=COLUMNS)
    first = table["video"] == "all"
    write_table(pd.concat([table[first], table[~first]]), scores)


def check(video, estimated, true):
    """Raise BadInput where two sequences cannot be compared."""
    for name, sequence in (("estimated", estimated), ("true", true)):
        if sequence.layout != LAYOUT:
            raise BadInput(
                f"video {video!r}: the {name} keypoints have layout {sequence.layout}; "
                f"keypoints are scored in {LAYOUT}"
            )
    if estimated.points.shape[1] != true.points.shape[1]:
        raise BadInput(
            f"video {video!r}: {estimated.points.shape[1]} estimated frames, but "
            f"{true.points.shape[1]} true ones; render the video again"
        )


def figures(part, numbers):
    """points, pck, oks, missed, invented from sums."""
    points = numbers["points"]
    oks = numbers["similarity"] / points if points and part != "person" else None
    invented = int(numbers["invented"]) if part == "person" else None
    pck = numbers["correct"] / points if points else None
    return int(points), pck, oks, int(numbers["missed"]), invented


if __name__ == "__main__":
    with job(snakemake):
        score_keypoints(
            list(snakemake.input.keypoints),
            list(snakemake.input.truth),
            snakemake.output.scores,
            dict(snakemake.params.settings),
        )
