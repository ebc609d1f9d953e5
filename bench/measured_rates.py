"""Rates that were measured: of a finished run's jobs, and of pages of this project."""

import csv
import re
from pathlib import Path

import pandas as pd


def processor_seconds(run: Path, rule: str) -> float | None:
    """Processor seconds of all jobs of a rule (wall seconds where they are not known); None where
    none was timed. From Snakemake's benchmark files of the run."""
    total, found = 0.0, False
    for path in sorted((run / "benchmarks" / rule).rglob("*.tsv")):
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                try:
                    total += float(row["cpu_time"])
                except (KeyError, ValueError):
                    total += float(row["s"])
                found = True
    return total if found else None


def run_amounts(run: Path) -> dict[str, int]:
    """What the jobs of a run went over: videos, frames, clips."""
    facts = pd.concat(map(pd.read_parquet, sorted((run / "results/videos").glob("*.parquet"))))
    spans = pd.read_parquet(run / "results" / "index" / "spans.parquet")
    return {"videos": len(facts), "frames": int(facts["frames"].sum()), "clips": len(spans)}


def folder_bytes(folder: Path) -> int | None:
    """Bytes of the files in a folder; None without any."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return sum(sizes) if sizes else None


def page_rows(page: Path, column: str) -> dict[str, str]:
    """Name in back ticks of a row -> its cell under the heading `column`, of the tables of a page
    that have such a heading. Empty where there is no page."""
    found, place = {}, None
    lines = page.read_text(encoding="utf-8").splitlines() if page.is_file() else []
    for line in lines:
        if not line.startswith("|"):
            place = None
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if place is None:
            place = cells.index(column) if column in cells else -1
        elif place >= 0 and (name := re.search(r"`([^`]+)`", cells[0])):
            found[name.group(1)] = cells[place]
    return found


def page_numbers(page: Path, column: str) -> dict[str, float]:
    """`page_rows` that are numbers; what was not measured is left out."""
    found = {}
    for name, cell in page_rows(page, column).items():
        try:
            found[name] = float(cell.replace(",", ""))
        except ValueError:
            continue
    return found
