"""The page of a label-efficiency run: scores over the number of labels, with and without what
`label_efficiency: against` lays over the configuration.

    python -m bench.label_efficiency RUN --page docs/results_msr_label_efficiency.md \
        --title 'Label efficiency on MSR-Action3D' --command '...' --config FILE [FILE ...]

RUN: folder of a finished `snakemake label_efficiency`. Its figure goes into the folder pictures
beside the page.
"""

import argparse
import shutil
from pathlib import Path

import pandas as pd

from bench.page_sections import wrapped
from bench.results import (
    COMPARED,
    markdown,
    overlay_line,
    plus_minus,
    points_with_interval,
    read_config,
)
from microgesture.configuration.runs import FULL
from microgesture.metrics.label_efficiency import without_lone_vote
from microgesture.metrics.standing import count_in_words


def shares_table(found: pd.DataFrame) -> pd.DataFrame:
    """One row a system, share and variant: scores with their spread over seeds, and the difference
    from the configuration itself at the same share, in points."""
    found = without_lone_vote(found).sort_values(["system", "share"], kind="stable")
    words = [name.replace("_", " ") if name != FULL else "the recipe" for name in found["variant"]]
    table = pd.DataFrame({"system": found["system"].to_numpy()})
    table["labels"] = [f"{share} %" for share in found["share"]]
    table["labelled clips"] = [f"{count:.0f}" for count in found["labelled_clips"]]
    table["variant"] = words
    for column, title in COMPARED.items():
        table[title] = plus_minus(found[column], found[f"{column}_spread"])
        ends = [found[f"{column}_difference{end}"] for end in ("", "_low", "_high")]
        table[f"{title}: difference"] = [
            "" if value != value else points_with_interval(value, low, high, p)
            for value, low, high, p in zip(*ends, found[f"{column}_p"])
        ]
    return table


def page(
    found: pd.DataFrame, config: dict, title: str, command: str, picture: str, note: str = ""
) -> str:
    """The whole page; picture: of the curves, from the page; note: a paragraph under its head."""
    first = found.iloc[0]
    people = count_in_words(int(first["groups"]), first["group_kind"])
    overlays = [overlay_line(*item) for item in config["label_efficiency"]["against"].items()]
    about = f"""
{first["clips"]} test clips of {people}; modes: {", ".join(sorted(set(found["mode"])))}. Mean ±
standard deviation over {first["seeds"]} seeds, each with its own draw of the labelled clips. A
difference is the variant minus the recipe with the same labels, in points, paired by seed and clip,
with a 95 % interval over people and seeds; a star: other than 0 for all comparisons of the table
together (Holm, 5 %). Nothing was chosen on test clips."""
    lines = [f"# {title}", "", "Made by", "", "```", command, "```", ""]
    for paragraph in filter(None, (about, note)):
        lines += [*wrapped(" ".join(paragraph.split())), ""]
    lines += [f"![The curves]({picture})", "", markdown(shares_table(found)), ""]
    lines += ["Laid over the recipe:", "", *overlays, ""]
    return "\n".join(lines)


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="folder of the run")
    parser.add_argument("--config", type=Path, nargs="+", required=True)
    parser.add_argument("--page", type=Path, required=True)
    parser.add_argument("--title", default="Label efficiency")
    parser.add_argument("--command", default="snakemake --cores 2 -- label_efficiency")
    parser.add_argument("--note", default="", help="a paragraph under the page's head")
    given = parser.parse_args()
    folder = given.run / "results" / "label_efficiency"
    found = pd.read_csv(folder / "label_efficiency.tsv", sep="\t")
    picture = given.page.parent / "pictures" / f"{given.page.stem}.svg"
    picture.parent.mkdir(exist_ok=True)
    shutil.copy(folder / "label_efficiency.svg", picture)
    config, shown = read_config(given.config), f"pictures/{picture.name}"
    text = page(found, config, given.title, given.command, shown, given.note)
    given.page.write_text(text, encoding="utf-8")
    print(given.page)


if __name__ == "__main__":
    main()
