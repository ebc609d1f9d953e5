"""Find, tell and remove what interrupted jobs left that no configuration wants any more.

    python -m microgesture.configuration.states                 tells
    python -m microgesture.configuration.states --remove        removes too

What stands behind `--` goes to Snakemake as in a run (`-- --configfile datasets/mine.yaml`). Where
several configurations share the results, `--and "..."` names the arguments of another one. A folder
that a living job holds stays.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from microgesture.configuration.lineage import Lineage
from microgesture.configuration.runs import Runs
from microgesture.provenance.errors import BadInput
from microgesture.provenance.locks import held_alone
from microgesture.provenance.state import BASE, batch_state_folder, state_folder

ASKED = "MICROGESTURE_STATES"  # file that a parse of the Snakefile writes the wanted names into


def wanted_states(lineage: Lineage, runs: Runs, batches: Iterable[str], folds=()) -> list[str]:
    """Names of the state folders that jobs of a configuration may go on from. batches: names of
    batches and parts."""
    names = []
    if "train_demo_pose" in runs.main:
        names.append(state_folder("train_demo_pose", lineage.signature("train_demo_pose")))
    batches = list(batches)
    names += [batch_state_folder("extract_keypoints", batch) for batch in batches]
    for view in ("", "_2d"):
        names += [batch_state_folder("clean_keypoints", batch, view) for batch in batches]
    for run in (*runs.names, *folds):
        names += [batch_state_folder("decode_rgb", run, batch) for batch in batches]
        for modality in runs.modalities(run):
            if runs.pretrains(run, modality):
                made_from = lineage.signature("pretrain_modality", run, modality=modality)
                names.append(state_folder("pretrain_modality", made_from))
            for number in runs.rounds(run):
                facts = {"modality": modality, "round": number}
                made_from = lineage.signature("train_modality", run, **facts)
                names.append(state_folder("train_modality", made_from))
        if runs.uses_fusion(run):
            names.append(state_folder("train_fusion", lineage.signature("train_fusion", run)))
    return sorted({name.name for name in names})


def note_wanted_states(lineage: Lineage, runs: Runs, batches, folds=()) -> None:
    """Write the names down where this module asked for them (called by rules/common.smk)."""
    if path := os.environ.get(ASKED):
        wanted = wanted_states(lineage, runs, batches, folds)
        Path(path).write_text("\n".join(wanted), encoding="utf-8")


def unwanted_states(wanted: Iterable[str], base: str | Path = BASE) -> list[Path]:
    """The folders below `base` that are not among the wanted names."""
    wanted, base = set(wanted), Path(base)
    found = base.iterdir() if base.is_dir() else []
    return sorted(path for path in found if path.is_dir() and path.name not in wanted)


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def remove(folder: Path) -> bool:
    """Remove a state folder unless a living job holds it; whether it is gone."""
    try:
        with held_alone(folder, "the job that it belongs to"):
            shutil.rmtree(folder)
    except BadInput:
        return False
    return True


def _asked(arguments: list[str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "wanted"
        told = subprocess.run(
            [sys.executable, "-m", "snakemake", "--list-rules", *arguments],
            env={**os.environ, ASKED: str(file)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if told.returncode or not file.exists():
            raise BadInput(
                f"the configuration cannot be read, so nothing is removed:\n{told.stdout}"
            )
        return file.read_text(encoding="utf-8").split("\n")


def main(arguments: list[str] | None = None) -> int:
    """Tell, and remove where asked for. 0: nothing is left over or it is removed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--remove", action="store_true", help="remove what no configuration wants")
    parser.add_argument("--and", action="append", default=[], dest="others", metavar="ARGUMENTS")
    parser.add_argument("snakemake", nargs="*", help="arguments of Snakemake, behind --")
    given = parser.parse_args(arguments)
    wanted = []
    try:
        for each in (given.snakemake, *map(shlex.split, given.others)):
            wanted += _asked(list(each))
    except BadInput as error:
        print(error, file=sys.stderr)
        return 1
    left = 0
    for folder in unwanted_states(wanted):
        told = f"{folder}: {size_of(folder) / 2**20:.1f} MiB that no configuration wants"
        if given.remove:
            gone = remove(folder)
            told += ", removed" if gone else ", but a living job holds it; left alone"
            left += not gone
        else:
            left += 1
        print(told)
    if left and not given.remove:
        print("--remove removes them")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
