"""The table of docs/faults.md, from what the drill wrote down."""

from collections.abc import Iterator
from pathlib import Path

from tests.workflow.faults import FAULTS

MARKS = ("<!-- drill -->", "<!-- end of drill -->")


def table(report: dict) -> str:
    """The figures of a report as Markdown."""
    runs = report["runs"].values()
    faults = [fault for run in runs for fault in run["faults"]]
    wrong = sum(bool(run["differ"] or run["problems"]) for run in runs)
    again = sum(len(fault.get("made_again", {})) for fault in faults)
    facts = report.get("undisturbed", {})
    lines = [
        f"{len(faults)} faults in {len(report['runs'])} runs of {facts.get('jobs')} jobs "
        f"({facts.get('seconds')} s undisturbed), seed {report['seed']}; {wrong} runs came out "
        f"otherwise than undisturbed or lost a finished job; {again} jobs were made again because "
        f"their own file had been damaged.",
        "",
        "| fault | times | seconds lost, mean | most | what the person read, for instance |",
        "|---|---|---|---|---|",
    ]
    lines += [row for kind in FAULTS if (row := _row(kind, faults))]
    lines += [f"| {kind} | left out: {why} | | | |" for kind, why in report["skipped"].items()]
    return "\n".join(lines)


def _row(kind: str, faults: list[dict]) -> str:
    own = [fault for fault in faults if fault["kind"] == kind]
    if not own:
        return ""
    lost = [sum(seconds(fault)) for fault in own]
    told = next((fault["told"] for fault in own if fault.get("told")), "")
    what = FAULTS[kind].__doc__.strip().partition("\n\n")[0].replace("\n   ", "").rstrip(".")
    told = told.replace("|", "\\|")
    return (
        f"| {what} | {len(own)} | {sum(lost) / len(lost):.1f} | {max(lost):.1f} | "
        f"{f'`{told}`' if told else ''} |"
    )


def seconds(fault: dict) -> Iterator[float]:
    """What a fault has cost at most: of every job that it cut off, the time that it had run, and of
    every one that was made again, all its time."""
    yield from fault.get("lost", {}).values()
    yield from fault.get("made_again", {}).values()


def write_page(report: dict, page: Path) -> None:
    """Put the table between the marks of the page."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(MARKS[0])
    after = rest.partition(MARKS[1])[2]
    page.write_text(f"{before}{MARKS[0]}\n\n{table(report)}\n\n{MARKS[1]}{after}", encoding="utf-8")
