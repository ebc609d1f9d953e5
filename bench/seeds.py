"""The demo over several seeds: mean and spread of every system, into docs/results.md.

    python bench/seeds.py --seeds 0 1 2

Runs the workflow once a seed (rendering, keypoints and crops are made once) and keeps its scores
under results/seeds/<seed>/; a seed that is there already is not run again (delete the folder to
repeat it). The last seed's results stay in place.
"""

import argparse
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
SCORES = ROOT / "results" / "scores"
PAGE = ROOT / "docs" / "results.md"
FIGURES = {
    "top1": "top-1",
    "macro_f1": "macro-F1",
    "mean_class_accuracy": "mean-class accuracy",
    "ece": "ECE",
}


def run_seed(seed: int, cores: int) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Scores and pseudo-label quality of one seed, and the minutes that its run took."""
    folder = ROOT / "results" / "seeds" / str(seed)
    if not (folder / "minutes").is_file():
        start = time.perf_counter()
        command = [sys.executable, "-m", "snakemake", "--cores", str(cores), "--rerun-incomplete"]
        subprocess.run(
            [*command, "--quiet", "all", "--config", f"seed={seed}"], cwd=ROOT, check=True
        )
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("scores.tsv", "pseudo_labels.tsv"):
            shutil.copy(SCORES / name, folder / name)
        (folder / "minutes").write_text(f"{(time.perf_counter() - start) / 60:.2f}\n")
    scores, quality = (
        pd.read_csv(folder / name, sep="\t").assign(seed=seed)
        for name in ("scores.tsv", "pseudo_labels.tsv")
    )
    return scores, quality, float((folder / "minutes").read_text())


def spread(scores: pd.DataFrame) -> pd.DataFrame:
    """One row a system: mean ± standard deviation over seeds."""
    rows = []
    for system, runs in scores.groupby("system", sort=False):
        row = {"system": system}
        for column, title in FIGURES.items():
            row[title] = f"{runs[column].mean():.3f} ± {runs[column].std(ddof=1):.3f}"
        rows.append(row)
    return pd.DataFrame(rows)


def page(scores, quality, keypoints, minutes, seeds) -> str:
    """docs/results.md as Markdown."""
    clips, classes = int(scores["clips"].iloc[0]), pd.read_csv(SCORES / "per_class.tsv", sep="\t")
    taken = quality.groupby(["modality", "round"], sort=False)
    taken = taken[["selected", "precision"]].agg(["mean", "min", "max"]).round(3)
    taken.columns = [f"{name} ({kind})" for name, kind in taken.columns]
    times = ", ".join(f"{value:.1f}" for value in minutes)
    return f"""# Results on the embedded demo

Made by `python bench/seeds.py --seeds {" ".join(map(str, seeds))}` on {platform.machine()},
{platform.system()}, Python {platform.python_version()}. {clips} test clips of unseen people,
{len(classes)} classes (chance: {1 / len(classes):.3f} mean-class accuracy). Mean ± standard
deviation over {len(seeds)} seeds of training on the same videos; the intervals over subjects are in
each run's `results/scores/scores.tsv`. Pseudo-labels are transductive: they are chosen on the very
clips that are scored (never with their labels). Wall time of the runs: {times} minutes.

{markdown(spread(scores))}

## Pseudo-labels

How many test clips the other modalities labelled for each student, and how many of those labels are
right (looked up afterwards, by the scoring rule alone).

{markdown(taken.reset_index())}

## Keypoints

Share of points within 0.2 torso lengths of the renderer's (PCK), on the test people.

{markdown(keypoints)}
"""


def markdown(table: pd.DataFrame) -> str:
    """A table as Markdown."""
    rows = [table.columns.tolist(), ["---"] * len(table.columns), *table.values.tolist()]
    return "\n".join(
        "| " + " | ".join("" if c != c else str(c) for c in row) + " |" for row in rows
    )


def main() -> None:
    """Run and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--cores", type=int, default=2)
    arguments = parser.parse_args()
    runs = [run_seed(seed, arguments.cores) for seed in arguments.seeds]
    scores = pd.concat(run[0] for run in runs)
    quality = pd.concat(run[1] for run in runs)
    keypoints = pd.read_csv(SCORES / "keypoints.tsv", sep="\t")
    keypoints = keypoints[keypoints["video"] == "all"].drop(columns="video")
    minutes = [run[2] for run in runs]
    PAGE.write_text(page(scores, quality, keypoints, minutes, arguments.seeds), encoding="utf-8")
    print(spread(scores).to_string(index=False))


if __name__ == "__main__":
    main()
