"""One command of a person: Snakemake on the drill's project, with what it told and when."""

import os
import re
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

BEGUN = re.compile(r"Job (\d+): (.+)")
FINISHED = re.compile(r"Finished jobid: (\d+) \(Rule: (\w+)\)")
FAILED = re.compile(r"^\s+jobid: (\d+)$")
HOUSEKEEPING = "Noting what has changed"


@dataclass
class Attempt:
    """A job that was begun. end: seconds, None while it runs."""

    job: str
    begun: float
    end: float | None = None
    finished: bool = False

    def seconds(self, now: float) -> float:
        """How long it ran, at most until `now`."""
        return (self.end if self.end is not None else now) - self.begun


class Command:
    """A Snakemake that was started. `lines`: what it has told. `attempts`: jobs that it began."""

    def __init__(self, folder: Path, python: str, *arguments: str):
        self.lines: list[str] = []
        self.attempts: dict[str, Attempt] = {}
        self.finished: list[str] = []
        self.ended: float | None = None
        self._process = subprocess.Popen(
            [python, "-m", "snakemake", "--cores", "2", *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        failing = False
        for line in self._process.stdout:
            now = time.monotonic()
            self.lines.append(line)
            if found := BEGUN.match(line):
                self.attempts[found[1]] = Attempt(found[2].strip(), now)
            elif (found := FINISHED.match(line)) and found[1] in self.attempts:
                attempt = self.attempts[found[1]]
                attempt.end, attempt.finished = now, True
                if not attempt.job.startswith(HOUSEKEEPING):
                    self.finished.append(attempt.job)
            failing = failing or line.startswith("Error in rule")
            if failing and (found := FAILED.match(line)) and found[1] in self.attempts:
                self.attempts[found[1]].end, failing = now, False

    @property
    def group(self) -> int:
        """The process group of what was started."""
        return self._process.pid

    def living(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def wait(self, seconds: float) -> int:
        """Its exit status. subprocess.TimeoutExpired where it does not end in time."""
        status = self._process.wait(timeout=seconds)
        self.ended = time.monotonic()
        # Jobs that outlive a killed Snakemake hold its pipe open: what they tell is theirs.
        self._reader.join(timeout=1)
        return status

    def told(self) -> str:
        """All that it has said."""
        return "".join(self.lines)

    def cut_off(self) -> dict[str, float]:
        """Job -> seconds that it had run when it ended without having finished."""
        now = self.ended or time.monotonic()
        attempts = list(self.attempts.values())
        return {each.job: each.seconds(now) for each in attempts if not each.finished}

    def seconds_of(self, job: str) -> float:
        """How long a job took that finished."""
        return sum(
            each.seconds(0.0) for each in self.attempts.values() if each.job == job and each.end
        )
