"""docs/results.md, and README's table, from the tables of `snakemake ablation`.

    snakemake --cores 2 all ablation
    python bench/results.py

Every number on the page comes from results/ablation/*.tsv and results/scores/*.tsv of the run that
lies there. Data of your own: --results <folder> and --page <file>.
"""

import argparse
import json
import platform
import sys
import textwrap
from pathlib import Path

import pandas as pd
import yaml
from safetensors.numpy import load_file

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from microgesture.configuration.runs import laid_over  # noqa: E402
from microgesture.figures.ablation import comparison_words  # noqa: E402
from microgesture.metrics.groups import SUBJECT  # noqa: E402
from microgesture.metrics.standing import count_in_words  # noqa: E402

METRICS = {
    "top1": "top-1",
    "macro_f1": "macro-F1",
    "mean_class_accuracy": "mean-class accuracy",
    "ece": "ECE",
}
MARKS = ("<!-- results of bench/results.py -->", "<!-- end of results -->")
COMPARED = {"top1": "top-1", "mean_class_accuracy": "mean-class accuracy"}


def stands_on(systems: pd.DataFrame) -> str:
    """What the numbers of a table of systems stand on, in one line."""
    whole = systems.iloc[-1]
    lost = f", {whole['missing']} more lost" if whole["missing"] else ""
    people = count_in_words(int(whole["groups"]), whole["group_kind"])
    seeds = ", ".join(str(whole["seed"]).split())
    return f"{whole['clips']} test clips of {people}{lost}; {whole['mode']}; seeds {seeds}"


def systems_table(systems: pd.DataFrame) -> pd.DataFrame:
    """One row a system: mean ± standard deviation over seeds, pseudo-labels and their precision."""
    table = pd.DataFrame({"system": systems["system"], "mode": systems["mode"]})
    for column, title in METRICS.items():
        table[title] = plus_minus(systems[column], systems[f"{column}_spread"])
    taken, right = systems["selected"], systems["precision"]
    if taken.isna().all():  # no round learned from pseudo-labels
        return table
    table["pseudo-labels"] = ["" if t != t else f"{t:.0f}" for t in taken]
    table["right"] = ["" if p != p else f"{p:.2f}" for p in right]
    return table


def networks_table(systems: pd.DataFrame, results: Path) -> pd.DataFrame:
    """One row a trained network: stream, model, parameters in the checkpoint, minutes of a training
    job (mean over the whole system's seeds)."""
    rows = []
    for modality, number in zip(systems["modality"], systems["round"]):
        path = results / "checkpoints" / modality / str(number) / "model.json"
        if not path.is_file():  # the ensemble
            continue
        about = json.loads(path.read_text(encoding="utf-8"))
        rule = "train_fusion" if modality == "fusion" else "train_modality"
        name = "final" if modality == "fusion" else f"{modality}-{number}"
        folder = results.parent / "benchmarks" / rule
        files = [folder / f"{name}.tsv", *folder.glob(f"ablation/full/*/{name}.tsv")]
        seconds = [pd.read_csv(file, sep="\t")["s"].iloc[0] for file in files if file.is_file()]
        weights = load_file(path.with_name("model.safetensors"))
        count = sum(value.size for value in weights.values()) / 1e6
        rows.append(
            {
                "modality": modality,
                "round": number,
                "stream": about.get("stream", "rgb + heatmap"),
                "model": about["model"],
                "numbers in the checkpoint": f"{count:.2f} M",
                "minutes of training": f"{sum(seconds) / len(seconds) / 60:.1f}" if seconds else "",
            }
        )
    return pd.DataFrame(rows)


def parts_table(parts: pd.DataFrame) -> pd.DataFrame:
    """One row a comparison (and network): the variant's scores and its differences from the whole
    system, or from the variant named behind "against", in points."""
    names = [" ".join(comparison_words(*pair)) for pair in zip(parts["variant"], parts["against"])]
    table = pd.DataFrame({"variant": names, "mode": parts["mode"]})
    if "modality" in parts:
        table["network"] = parts["modality"] + ", round " + parts["round"]
        table["network"] = table["network"].str.replace(", round final", "")
        if parts["selected"].notna().any():
            table["pseudo-labels"] = ["" if n != n else f"{n:.0f}" for n in parts["selected"]]
            table["right"] = ["" if p != p else f"{p:.2f}" for p in parts["precision"]]
    for column, title in COMPARED.items():
        table[title] = plus_minus(parts[column], parts[f"{column}_spread"])
        low, high = parts[f"{column}_difference_low"], parts[f"{column}_difference_high"]
        table[f"{title}: difference"] = [
            "" if name == "full" else points_with_interval(*numbers)
            for name, *numbers in zip(
                parts["variant"], parts[f"{column}_difference"], low, high, parts[f"{column}_p"]
            )
        ]
        table[f"{title}: seeds worse"] = [
            "" if name == "full" else f"{worse} of {seeds}"
            for name, worse, seeds in zip(
                parts["variant"], parts[f"{column}_seeds_worse"], parts["seeds"]
            )
        ]
    return table


def points_with_interval(value: float, low: float, high: float, p: float) -> str:
    """In points with its interval; a star where it holds for all comparisons together."""
    star = "\\*" if p < 0.05 else ""
    if low != low:
        return f"{100 * value:+.1f} [no interval]"
    return f"{100 * value:+.1f}{star} [{100 * low:+.1f}, {100 * high:+.1f}]"


def plus_minus(means: pd.Series, spreads: pd.Series) -> list[str]:
    """Cells of a mean with its standard deviation."""
    return [f"{mean:.3f} ± {spread:.3f}" for mean, spread in zip(means, spreads)]


def markdown(table: pd.DataFrame) -> str:
    """A table as Markdown; missing values stay empty."""
    rows = [table.columns.tolist(), ["---"] * len(table.columns), *table.values.tolist()]
    return "\n".join(
        "| " + " | ".join("" if c != c else str(c) for c in row) + " |" for row in rows
    )


def into_readme(readme: Path, table: pd.DataFrame, about: str) -> None:
    """Replace the table between README's two markers, with the line `about` above it. ValueError
    where they are missing."""
    text = readme.read_text(encoding="utf-8")
    head, begin, rest = text.partition(MARKS[0])
    _, end, tail = rest.partition(MARKS[1])
    if not begin or not end:
        raise ValueError(f"{readme}: the markers {MARKS[0]} and {MARKS[1]} are missing")
    made = "\n\n".join([begin, about, markdown(table), end])
    readme.write_text(f"{head}{made}{tail}", encoding="utf-8")


def overlays(config: dict, names: list[str]) -> str:
    """The compared variants of a configuration as a list: name and what is laid over it."""
    return "\n".join(overlay_line(name, config["ablation"]["variants"][name]) for name in names)


def overlay_line(name: str, overlay: dict) -> str:
    """A list's line: the variant and what it lays over the configuration."""
    text = yaml.safe_dump(overlay, default_flow_style=True, width=10_000).strip()
    return f"- {name.replace('_', ' ')}: `{text}`"


def read_config(paths: list[Path]) -> dict:
    """The configuration of files that are laid one over the other."""
    config: dict = {}
    for path in paths:
        config = laid_over(config, yaml.safe_load(path.read_text(encoding="utf-8")))
    return config


def page(results: Path, config: dict, title: str, command: str, note: str = "") -> str:
    """The whole page; note: a paragraph under its head."""
    parts = pd.read_csv(results / "ablation" / "ablation.tsv", sep="\t")
    systems = pd.read_csv(results / "ablation" / "systems.tsv", sep="\t", dtype={"round": str})
    classes = pd.read_csv(results / "scores" / "per_class.tsv", sep="\t")
    whole = parts.iloc[0]
    taught = ""
    if systems["selected"].notna().any():
        mode = systems["mode"].iloc[-1]
        taught = f"""
A later round has learned from so many pseudo-labels of test clips (mean over seeds; {mode}), of
which that share is right; the labels are looked up afterwards, by the scoring rule alone.
"""
    people = count_in_words(int(whole["groups"]), whole["group_kind"])
    unseen = " whom no network saw" if whole["group_kind"] == SUBJECT else ""
    lost = f" ({whole['missing']} more were lost)" if whole["missing"] else ""
    test_set = f"{whole['clips']} test clips{lost} of {people}{unseen}, {len(classes)} classes"
    wrapped = (
        f"\n{textwrap.fill(note, 100, break_on_hyphens=False, break_long_words=False)}\n"
        if note
        else ""
    )
    text = f"""# {title}

Made by

```
{command}
```

on {platform.machine()}, {platform.system()}, Python {platform.python_version()}:
{test_set}
(chance: {1 / len(classes):.3f} mean-class accuracy), {whole["mode"]}. Mean ± standard deviation
over the seeds {", ".join(str(systems["seed"].iloc[-1]).split())} of training on the same videos.
Nothing was chosen on test clips.
{wrapped}
## Every system
{taught}
{markdown(systems_table(systems))}

{markdown(networks_table(systems, results))}

## What each part is worth

The ensemble of the whole system (full) against the same with one part off. Differences are variant
minus whole system in percentage points, paired by seed and clip, with a 95 % interval over people
and seeds ([intervals](intervals.md)): negative where the part helps. A star: other than 0 for all
comparisons of the table together (Holm, 5 %).

{markdown(parts_table(parts))}

What is laid over the configuration:

{overlays(config, parts["variant"].unique().tolist()[1:])}
"""
    path = results / "ablation" / "networks.tsv"
    networks = pd.read_csv(path, sep="\t", dtype={"round": str})
    if len(networks):
        text += f"""
## What each part is worth to a network alone

The networks that a variant trains anew, the last round's, against the same network of the whole
system: what a vote of several networks dilutes.

{markdown(parts_table(networks))}
"""
    path = results / "scores" / "keypoints.tsv"
    if path.is_file():
        keypoints = pd.read_csv(path, sep="\t")
        keypoints = keypoints[keypoints["video"] == "all"].drop(columns="video")
        text += f"""
## Keypoints

Share of points within 0.2 torso lengths of the renderer's (PCK), on the test people.

{markdown(keypoints)}
"""
    return text


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--results", type=Path, default=ROOT / "results")
    parser.add_argument("--config", type=Path, nargs="+", default=[ROOT / "config.yaml"])
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "results.md")
    parser.add_argument("--title", default="Results on the embedded demo")
    parser.add_argument("--command", default="snakemake --cores 2 all ablation")
    parser.add_argument("--note", default="", help="a paragraph under the page's head")
    arguments = parser.parse_args()
    config = read_config(arguments.config)
    text = page(arguments.results, config, arguments.title, arguments.command, arguments.note)
    arguments.page.write_text(text, encoding="utf-8")
    if arguments.page == ROOT / "docs" / "results.md":
        systems = pd.read_csv(arguments.results / "ablation" / "systems.tsv", sep="\t")
        into_readme(ROOT / "README.md", systems_table(systems), f"{stands_on(systems)}:")
    print(arguments.page)


if __name__ == "__main__":
    main()
