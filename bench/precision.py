"""Does the fast arithmetic cost accuracy? PoseConv3D on the demo in float32 and in bf16.

    python -m bench.precision            # after `make demo`; about ten minutes on one core

Trains the demo's heatmap modality with both precisions and several seeds on the crops and keypoints
that lie in results/, and looks at the validation clips. Test clips are not touched.
"""

import argparse
import tempfile
import time
from pathlib import Path

import pandas as pd
import yaml

from bench.timing import PRECISIONS, table
from microgesture.configuration.checked import checked_configuration
from microgesture.configuration.runs import MAIN, Runs
from scripts.train_modality import train

ROOT = Path(__file__).resolve().parents[1]


def run(folder: Path, runs: Runs, modality: str, precision: str, seed: int) -> dict:
    """Train once; the last line of its curves, and the seconds it took."""
    results = ROOT / "results"
    batches = sorted(path.name for path in (results / "index").iterdir())
    stores = {
        "clips": [str(results / "index" / batch / "clips.parquet") for batch in batches],
        "skeletons": [str(results / "skeletons" / f"{batch}.h5") for batch in batches],
        "saliency": [str(results / "saliency" / f"{batch}.parquet") for batch in batches],
        "rgb": [],
    }
    names = {"checkpoint": "model.safetensors", "metadata": "model.json", "curves": "curves.tsv"}
    outputs = {key: str(folder / name) for key, name in names.items()}
    labels = pd.read_csv(ROOT / runs.main["labels"], sep="\t")
    begin = time.perf_counter()
    train(
        stores,
        {**outputs, "figure": str(folder / "curves.svg")},
        modality=modality,
        round=0,
        settings={**runs.modality_settings(MAIN, modality), "precision": precision},
        layout=runs.main["layout"],
        labels=labels[["name", "description"]].values.tolist(),
        seed=seed,
        pseudo_labels=[],
        parent=[],
        initial=[],
        state=str(folder / "state"),
        threads=1,
        gpus=0,
    )
    seconds = time.perf_counter() - begin
    curves = pd.read_csv(outputs["curves"], sep="\t").iloc[-1]
    return {"precision": precision, "seed": seed, "seconds": seconds, **curves}


def report(runs: pd.DataFrame) -> list[str]:
    """Lines of the table: mean ± standard deviation over seeds."""
    columns = ["validation_accuracy", "validation_mean_class_accuracy", "validation_nll"]
    rows = []
    for precision, part in runs.groupby("precision", sort=False):
        values = [f"{part[name].mean():.3f} ± {part[name].std():.3f}" for name in columns]
        rows.append([precision, len(part), *values, f"{part['seconds'].mean():.0f}"])
    heads = ["precision", "seeds", "validation top-1", "mean-class accuracy", "loss", "seconds"]
    return table(heads, rows)


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--modality", default="heatmap")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    given = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    runs = Runs(given, checked_configuration)
    rows = []
    for seed in arguments.seeds:
        for precision in PRECISIONS:
            with tempfile.TemporaryDirectory() as folder:
                rows.append(run(Path(folder), runs, arguments.modality, precision, seed))
    print("\n".join(report(pd.DataFrame(rows))))


if __name__ == "__main__":
    main()
