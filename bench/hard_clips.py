"""Test clips that no network gets right, in no seed: what no vote of these networks can reach.

    python -m bench.hard_clips --results runs/msr/results     # after `snakemake -- all ablation`

Looks at the whole system's networks of every seed, each by its last round. A clip that all get
wrong is hard, recorded badly, or labelled wrongly: look at it. A score: it reads test labels.
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from bench.timing import table
from microgesture.ensembles.logits import read_same_clips

ROOT = Path(__file__).resolve().parents[1]


def last_rounds(results: Path, names: list[str] | None = None) -> list[Path]:
    """The logits of every network (or those called so) and seed: RUN/logits/NETWORK/ROUND.parquet,
    the last round's."""
    runs = [results, *sorted((results / "ablation" / "full").glob("*"))]
    networks = [folder for run in runs for folder in sorted((run / "logits").glob("*"))]
    networks = [folder for folder in networks if names is None or folder.name in names]
    found = [sorted(folder.glob("*.parquet"), key=_round) for folder in networks]
    return [paths[-1] for paths in found if paths]


def _round(path: Path) -> float:
    return float(path.stem) if path.stem.isdigit() else float("inf")  # final: behind all numbers


def wrong_answers(paths: list[Path], truth: pd.Series) -> pd.DataFrame:
    """How many of the networks are wrong about each test clip, and their commonest wrong answer.

    truth: label number by clip. Columns clip, label, wrong, said (-1: nobody is wrong); the clip
    that most get wrong first.
    """
    tables = read_same_clips(paths)
    tested = tables[0].splits == "test"
    clips = tables[0].clips[tested]
    label = truth.loc[clips].to_numpy()
    answers = np.stack([one.values[tested].argmax(axis=1) for one in tables])
    wrong = answers != label
    said = [
        Counter(column[missed].tolist()).most_common(1)[0][0] if missed.any() else -1
        for column, missed in zip(answers.T, wrong.T)
    ]
    columns = {"clip": clips, "label": label, "wrong": wrong.sum(axis=0), "said": said}
    found = pd.DataFrame(columns)
    return found.sort_values(["wrong", "clip"], ascending=[False, True], ignore_index=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--results", type=Path, default=ROOT / "results")
    parser.add_argument("--labels", type=Path, help="labels.tsv, for names in place of numbers")
    parser.add_argument("--networks", nargs="+", help="these alone")
    given = parser.parse_args()
    paths = last_rounds(given.results, given.networks)
    if not paths:
        parser.error(
            f"{given.results}: no logits of such networks; run `snakemake -- all ablation`"
        )
    truth = pd.read_parquet(given.results / "truth" / "labels.parquet").set_index("clip")["label"]
    found = wrong_answers(paths, truth)
    names = {}
    if given.labels:
        names = pd.read_csv(given.labels, sep="\t").set_index("label")["name"].to_dict()
    hard = found[found["wrong"] > 0.75 * len(paths)]
    rows = [
        (row.clip, names.get(row.label, row.label), names.get(row.said, row.said), row.wrong)
        for row in hard.itertuples()
    ]
    for line in table(("clip", "class", "mostly taken for", f"wrong of {len(paths)}"), rows):
        print(line)
    every = int((found["wrong"] == len(paths)).sum())
    never = int((found["wrong"] == 0).sum())
    print(f"{every} of {len(found)} test clips are wrong in all {len(paths)}, {never} in none")


if __name__ == "__main__":
    main()
