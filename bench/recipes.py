"""Sheets of the training people alone, some of them held out: where recipes are chosen.

    python -m bench.recipes data/msr_action3d 01 03 --out data/msr_recipes
    snakemake --cores 2 --configfile config.yaml datasets/msr_action3d.yaml bench/recipes.yaml \
        -- ablation

The folder is one that an importer wrote. Clips of its test people are left out, so that nothing can
be chosen on them; the people that are named become test people in their place, and all other
training (and validation) people teach. Do it again with others: `07 09`, and average.
"""

import argparse
import sys
from pathlib import Path

import pandas as pd

from microgesture.provenance.errors import BadInput
from microgesture.tables.problems import nearest

SHEETS = ("videos", "clips", "labels")


def sheets_of_training_people(
    videos: pd.DataFrame, clips: pd.DataFrame, held: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(videos, clips) without the test people, those of `held` as test clips.

    videos: video, subject and more; clips: clip, video, split and more; all text. Raises BadInput
    for somebody who does not train, and where nobody is left to.
    """
    subject = videos.set_index("video")["subject"]
    people = clips["video"].map(subject)
    learned = clips["split"].isin(["train", "val"])
    known = sorted(set(people[learned]))
    for name in held:
        if name not in known:
            similar = nearest(name, known)
            meant = f"did you mean {similar!r}? " if similar else ""
            raise BadInput(
                f"{name!r} is nobody of training or validation; {meant}known: {', '.join(known)}"
            )
    if set(known) <= set(held):
        raise BadInput("everybody is held out: nobody is left to learn from; name fewer")
    kept = clips[learned].copy()
    kept["split"] = ["test" if person in held else "train" for person in people[learned]]
    return videos[videos["video"].isin(kept["video"])], kept


def main(arguments: list[str] | None = None) -> int:
    """Write the three sheets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where videos.tsv, clips.tsv, labels.tsv are")
    parser.add_argument("held", nargs="+", help="training people who are held out")
    parser.add_argument("--out", type=Path, default=Path("data/msr_recipes"))
    given = parser.parse_args(arguments)
    tables = {
        name: pd.read_csv(given.folder / f"{name}.tsv", sep="\t", dtype=str, keep_default_na=False)
        for name in SHEETS
    }
    try:
        tables["videos"], tables["clips"] = sheets_of_training_people(
            tables["videos"], tables["clips"], given.held
        )
    except BadInput as error:
        print(error, file=sys.stderr)
        return 1
    given.out.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.to_csv(given.out / f"{name}.tsv", sep="\t", index=False)
    counts = tables["clips"]["split"].value_counts()
    print(f"{given.out}: {counts['train']} clips teach, {counts['test']} are held out")
    return 0


if __name__ == "__main__":
    sys.exit(main())
