"""The last lines of a run: the score table and where to look next.

`python -m microgesture.figures.summary results [runs/new/results ...]`
"""

import sys
from pathlib import Path

import pandas as pd

from microgesture.metrics.standing import standing

SHOWN = {
    "system": "system",
    "top1": "top-1",
    "top1_low": "low",
    "top1_high": "high",
    "macro_f1": "macro-F1",
    "mean_class_accuracy": "mean-class",
    "ece": "ECE",
}


def summarise(results: Path) -> str:
    """What stands in the folder `results`, as text for a terminal."""
    lines = []
    scores = results / "scores" / "scores.tsv"
    if scores.is_file():
        table = pd.read_csv(scores, sep="\t")
        shown = table[[column for column in SHOWN if column in table]].rename(columns=SHOWN)
        lines += [
            "",
            f"{standing(table.iloc[-1])}; low - high: 95 % interval",
            shown.to_string(index=False, float_format="%.3f"),
        ]
    keypoints = results / "scores" / "keypoints.tsv"
    if keypoints.is_file():
        table = pd.read_csv(keypoints, sep="\t")
        table = table[table["video"] == "all"].drop(columns=["video", "invented"])
        lines += [
            "",
            "Estimated keypoints against the true ones",
            table.to_string(index=False, float_format="%.3f"),
        ]
    segments = results / "segment_scores" / "scores.tsv"
    if segments.is_file():
        row = pd.read_csv(segments, sep="\t").iloc[-1]
        lines += [
            "",
            f"Whole test videos: {row['segments']:.0f} segments found where {row['truths']:.0f} "
            f"are; F1 {row['f1_0.3']:.3f} at IoU .3, {row['f1_0.5']:.3f} at .5; onset within "
            f"{row['onset_ms']:.0f} ms on average",
        ]
    lines += ["", f"What came out in {results}:"]
    for name, meaning in (
        ("report.html", "everything with figures: open it in a browser"),
        ("scores/scores.tsv", "the table above, whole"),
        ("ensemble/predictions.tsv", "class and calibrated confidence of every clip"),
        ("overlays", "one annotated clip per class"),
        ("segment_tables/segments.tsv", "what happens when in whole videos, and how sure"),
        ("exports", "the same for ELAN, BORIS, spreadsheets and video players"),
        ("review", "pages to look through and correct the segments: open them in a browser"),
        ("bundle", "everything that predicts elsewhere, in one folder"),
    ):
        if (results / name).exists():
            lines.append(f"  {results / name}: {meaning}")
    return "\n".join(lines)


if __name__ == "__main__":
    print("\n".join(summarise(Path(folder)) for folder in sys.argv[1:] or ["results"]))
