"""The processes of a run: who they are, by the folder that they work in."""

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = sorted(path.stem for path in (Path(__file__).parents[2] / "scripts").glob("*.py"))
SNAKEMAKE, ONE_JOB = "snakemake", "snakemake-job"


@dataclass(frozen=True)
class Process:
    """name: as the kernel has it, 15 letters at most (see forks.py)."""

    pid: int
    parent: int
    name: str

    @property
    def rule(self) -> str:
        """The rule whose script it runs, '' for all others."""
        found = [script for script in SCRIPTS if script[:15] == self.name]
        return found[0] if found else ""

    def send(self, number: int) -> None:
        """Send a signal; one that has ended meanwhile gets none."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)


def processes_in(folder: Path) -> list[Process]:
    """All living processes whose working directory is `folder`."""
    found, folder = [], os.path.realpath(folder)
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        with suppress(OSError, ValueError):
            if os.readlink(f"/proc/{entry.name}/cwd") != folder:
                continue
            text = Path(f"/proc/{entry.name}/stat").read_text()
            name, rest = text[text.index("(") + 1 : text.rindex(")")], text[text.rindex(")") + 2 :]
            state, parent = rest.split()[:2]
            if state != "Z":
                found.append(Process(int(entry.name), int(parent), name))
    return found


def jobs_in(folder: Path) -> list[Process]:
    """The processes that run a rule's script; loaders of theirs left out."""
    found = [process for process in processes_in(folder) if process.rule]
    pids = {process.pid for process in found}
    return [process for process in found if process.parent not in pids]


def workers_in(folder: Path) -> list[Process]:
    """Children of jobs that load clips for them."""
    pids = {process.pid for process in jobs_in(folder)}
    return [process for process in processes_in(folder) if process.parent in pids]


def snakemakes_in(folder: Path) -> list[Process]:
    """The processes that plan and start jobs."""
    return [process for process in processes_in(folder) if process.name == SNAKEMAKE]


def end_all(folder: Path, number: int = signal.SIGKILL, seconds: float = 20) -> None:
    """Send a signal to all and wait until they are gone."""
    for process in processes_in(folder):
        process.send(number)
    wait_for_none(folder, seconds)


def wait_for_none(folder: Path, seconds: float) -> bool:
    """Whether all have ended within so many seconds."""
    end = time.monotonic() + seconds
    while processes_in(folder):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
