"""The share of a run's wall time in which no job ran: planning, scheduling, starting."""

import csv
import re
import sys
from datetime import datetime, timedelta
from pathlib import Path

from bench.timing import table


def workflow_overhead(folder="."):
    """Read Snakemake's logs and benchmark files of the runs in `folder`.

    The run is the one, of all logs, in which most jobs ended. A job ran from the modification time
    of its benchmark file (written when it ends) back by its seconds; what no job's time covers is
    overhead, and so are jobs without a benchmark file. Returns a dictionary with started, wall and
    busy (seconds), share, jobs, and seconds by rule; None when nothing has run.
    """
    folder = Path(folder)
    jobs = [
        (path.parent.relative_to(folder / "benchmarks").as_posix(), path.stat().st_mtime, seconds)
        for path in sorted((folder / "benchmarks").glob("**/*.tsv"))
        if (seconds := _seconds(path)) is not None
    ]
    runs = []
    for log in sorted((folder / ".snakemake" / "log").glob("*.snakemake.log")):
        if (span := _span(log)) is None:
            continue
        begin, wall = span
        # A job's file may be touched a moment after it ended.
        inside = [job for job in jobs if begin <= job[1] <= begin + wall + 2]
        if inside:
            runs.append((len(inside), begin, wall, inside))
    if not runs:
        return None
    count, begin, wall, inside = max(runs, key=lambda run: run[:2])
    busy, reached = 0.0, begin
    for start, end in sorted((end - seconds, end) for _, end, seconds in inside):
        start, end = max(start, reached), min(end, begin + wall)
        busy += max(end - start, 0)
        reached = max(reached, end)
    rules = {}
    for name, _, seconds in inside:
        rule = name.split("/")[0]
        rules[rule] = rules.get(rule, 0) + seconds
    return {
        "started": datetime.fromtimestamp(begin).isoformat(sep=" ", timespec="seconds"),
        "wall": wall,
        "busy": busy,
        "share": 1 - busy / wall,
        "jobs": count,
        "rules": rules,
    }


def _seconds(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    try:
        return sum(float(row["s"]) for row in rows) if rows else None
    except (KeyError, ValueError):
        return None


def _span(log):
    """(begin, wall seconds) of a run, None for one that says no time or planned only."""
    begin = datetime.strptime(log.name.split(".snakemake")[0], "%Y-%m-%dT%H%M%S.%f")
    text = log.read_text(encoding="utf-8", errors="replace")
    elapsed = re.search(r"^Elapsed time: (?:(\d+) days?, )?(\d+):(\d+):([\d.]+)", text, re.M)
    if elapsed:
        days, hours, minutes, seconds = (float(part or 0) for part in elapsed.groups())
        wall = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds).total_seconds()
    else:
        stamps = re.findall(r"^\[(\w{3} \w{3} +\d+ [\d:]+ \d{4})\]", text, re.M)
        if not stamps:
            return None
        wall = (datetime.strptime(stamps[-1], "%a %b %d %H:%M:%S %Y") - begin).total_seconds()
    return (begin.timestamp(), wall) if wall > 0 else None


def bench_overhead(folder="."):
    """Lines of the report."""
    found = workflow_overhead(folder)
    if found is None:
        return ["No finished run here: run the demo first (`make demo`)."]
    rows = [[rule, f"{seconds:.0f}"] for rule, seconds in found["rules"].items()]
    rows.sort(key=lambda row: -float(row[1]))
    return [
        f"Run of {found['started']}: {found['jobs']} jobs, {found['wall']:.0f} s; in "
        f"{found['busy']:.0f} s at least one job ran: **{100 * found['share']:.1f} % overhead**.",
        "",
        *table(["rule", "seconds, all jobs"], rows),
    ]


if __name__ == "__main__":
    print("\n".join(bench_overhead(*sys.argv[1:2])))
