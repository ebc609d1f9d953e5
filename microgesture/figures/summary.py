"""The last lines of a run: the score table and where to look next.

`python -m microgesture.figures.summary results`
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
    lines += ["", "What came out:"]
    for name, meaning in (
        ("report.html", "everything with figures: open it in a browser"),
        ("scores/scores.tsv", "the table above, whole"),
        ("ensemble/predictions.tsv", "class and calibrated confidence of every clip"),
        ("overlays", "one annotated clip per class"),
    ):
        if (results / name).exists():
            lines.append(f"  {results / name}: {meaning}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(summarise(Path(sys.argv[1] if len(sys.argv) > 1 else "results")))
