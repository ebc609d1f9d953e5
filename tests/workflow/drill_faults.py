"""The fault drill: whole runs that meet random faults, six each, and must come out equal.

`python -m tests.workflow.drill_faults --faults 60` (make drill-faults) runs the small project of
tests/workflow/drill.py again and again. Faults (tests/workflow/faults.py) are drawn from a seed:
what, when, where. After each one the documented next command is given (docs/faults.md) until the run
ends; a job that had finished must not run again (but for the one whose file was damaged), and all
tables, stores and checkpoints must equal, byte for byte, those of a run that nobody disturbed. A
call goes on where the one before it stopped; it ends with 1 where something is wrong.
"""

import argparse
import contextlib
import itertools
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from tests.workflow.commands import Command
from tests.workflow.drill import TARGETS, contents, differing, make_project, make_recordings
from tests.workflow.faults import (
    FAULTS,
    NEEDS_DISK,
    Scene,
    mount_disk,
    unmount_disk,
    why_no_disk,
)
from tests.workflow.faults_page import write_page
from tests.workflow.forks import Forks, project_digest

FAULTS_A_RUN = 6
LEAVE_THE_RUN = ("freeze_job", "two_snakemakes")  # it goes on as if nothing had been
MOST_COMMANDS = 8  # until a run ends
MOST_SECONDS = 200  # of one command
# Trainings that save at every step, and processes that load clips.
SAVING = {"state_every": {"steps": 1, "seconds": 0.0}, "epochs": 3}
CONFIG = {
    "modalities": {"joint": {**SAVING, "loader_workers": 1}, "rgb": SAVING},
}
ROOT = Path(__file__).resolve().parents[2]


class FaultDrill:
    """A project that has not run, its undisturbed run, and warm processes.

    kept: a folder that keeps both between calls; None: a temporary one.
    """

    def __init__(self, kept: Path | None = None):
        self._kept = kept

    def __enter__(self):
        self._folder = self._kept or Path(tempfile.mkdtemp(prefix="faults"))
        self._folder.mkdir(parents=True, exist_ok=True)
        self._forks = Forks()
        try:
            self.python = self._forks.__enter__().python
            self._prepare()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error):
        self._forks.__exit__()
        unmount_disk(self._folder / "disturbed")
        if self._kept is None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _prepare(self) -> None:
        recordings, note = self._folder / "recordings", self._folder / "undisturbed.json"
        if not recordings.exists():
            make_recordings(self._folder / "new")
            (self._folder / "new").rename(recordings)
        shutil.rmtree(self._folder / "fresh", ignore_errors=True)
        self.fresh = make_project(self._folder / "fresh", recordings)
        (self.fresh / "faults.yaml").write_text(yaml.safe_dump(CONFIG), encoding="utf-8")
        digest = project_digest(self.fresh)
        known = json.loads(note.read_text()) if note.exists() else {}
        undisturbed = self._folder / "undisturbed"
        if known.get("digest") != digest:
            shutil.rmtree(undisturbed, ignore_errors=True)
            shutil.copytree(self.fresh, undisturbed, copy_function=shutil.copy2, symlinks=True)
            began = time.monotonic()
            command = self.start(undisturbed)
            if command.wait(600):
                raise RuntimeError(command.told()[-4000:])
            known = {"digest": digest, "jobs": len(command.finished)}
            known["seconds"] = round(time.monotonic() - began, 1)
            note.write_text(json.dumps(known), encoding="utf-8")
        self.told = self._folder / "told.txt"  # of all commands, to look into
        self.jobs, self.seconds = known["jobs"], known["seconds"]
        self.expected = contents(undisturbed)

    def start(self, folder: Path, *targets: str, options: tuple[str, ...] = ()) -> Command:
        """Snakemake on the project; without targets all tables and networks."""
        files = ("--configfile", "config.yaml", "faults.yaml")
        return Command(folder, self.python, *options, *files, "--", *(targets or TARGETS))

    def judge(self, faults: list[tuple[str, float]], seed: str) -> dict:
        """One whole run with these faults (kind, and when: the share of jobs that have finished)."""
        folder = self._folder / "disturbed"
        unmount_disk(folder)
        shutil.rmtree(folder, ignore_errors=True)
        is_disk = not why_no_disk() and mount_disk(folder)
        try:
            shutil.copytree(
                *(self.fresh, folder), copy_function=shutil.copy2, symlinks=True, dirs_exist_ok=True
            )
            scene = Scene(folder, random.Random(seed), lambda: self.start(folder), is_disk=is_disk)
            return Story(self, scene, faults).tell()
        finally:
            if folder.exists():
                Scene(folder, random.Random(), lambda: None).stop()
            unmount_disk(folder)
            shutil.rmtree(folder, ignore_errors=True)


class Story:
    """One run from its first command to its end."""

    def __init__(self, drill: FaultDrill, scene: Scene, faults: list[tuple[str, float]]):
        self.drill, self.scene, self.left = drill, scene, list(faults)
        self.told: list[dict] = []
        self.finished: dict[str, float] = {}  # job -> seconds
        self.remade: list[str] = []
        self.commands = 0

    def tell(self) -> dict:
        """Run to the end; what was hit, lost and found wrong."""
        began, problems = time.monotonic(), self.scene.problems
        try:
            self._commands()
            self._after()
        except (AssertionError, subprocess.TimeoutExpired) as error:
            problems.append(str(error)[:400])
            self.scene.mend()
        self._judge_remade()
        left = contents(self.scene.folder)
        return {
            "faults": self.told,
            "missed": [kind for kind, _ in self.left],
            "commands": self.commands,
            "differ": differing(left, self.drill.expected),
            "problems": problems,
            "seconds": round(time.monotonic() - began, 1),
        }

    def _commands(self) -> None:
        """The same command until it ends well."""
        without_fault = 0
        while True:
            command = self.scene.command = self.drill.start(self.scene.folder)
            self.commands += 1
            before = len(self.told)
            while self.left and self._meet(command):
                pass
            status = command.wait(MOST_SECONDS)
            self._note(command, len(self.told) > before)
            self.scene.mend()
            if status == 0:
                return
            without_fault += len(self.told) == before
            assert without_fault < MOST_COMMANDS, f"does not end: {command.told()[-300:]}"
            self._put_right(command)

    def _meet(self, command: Command) -> bool:
        """Wait for the next fault's moment and do the harm; whether the run goes on with others."""
        kind, moment = self.left[0]
        due = round(moment * self.drill.jobs)
        self._wait(lambda: len({*self.finished, *command.finished}) >= due, command)
        time.sleep(self.scene.random.uniform(0, 1))
        hit = None
        while command.living() and hit is None:
            hit = FAULTS[kind](self.scene)
            time.sleep(0.02)
        if hit is None:
            return False
        self.left.pop(0)
        self.told.append({"kind": kind, "after_jobs": due, "hit": hit})
        return kind in LEAVE_THE_RUN

    def _wait(self, reached, command: Command) -> None:
        end = time.monotonic() + MOST_SECONDS
        while command.living() and not reached():
            assert time.monotonic() < end, f"hangs: {command.told()[-300:]}"
            time.sleep(0.05)

    def _note(self, command: Command, faulted: bool) -> None:
        """What a command has finished, done again and lost."""
        with open(self.drill.told, "a", encoding="utf-8") as file:
            file.write(f"\n==== command {self.commands} of {self.told}\n{command.told()}")
        for attempt in command.attempts.values():
            if attempt.job in self.finished:
                self.remade.append(attempt.job)
        for job in command.finished:
            self.finished[job] = command.seconds_of(job)
        if faulted:
            fault, lost = self.told[-1], command.cut_off()
            fault["lost"] = {job: round(seconds, 2) for job, seconds in lost.items()}
            fault["told"] = first_error(command.told(), self.scene.folder)
            fault["traces"] = command.told().count("Traceback (most recent call last)")

    def _put_right(self, command: Command) -> None:
        """What the documentation says to do before the same command is given again."""
        said = command.told()
        if "cannot be locked" in said:
            unlock = self.drill.start(self.scene.folder, options=("--unlock",))
            assert unlock.wait(MOST_SECONDS) == 0, unlock.told()[-300:]
            self.commands += 1
        if "provenance.seals --remake" in said:
            self._seals("--remake")
        for path in re.findall(r"touch '([^']+)'", said):  # of a file that lay in the future
            (self.scene.folder / path).touch()

    def _seals(self, *words: str) -> subprocess.CompletedProcess:
        self.commands += 1
        return subprocess.run(
            [sys.executable, "-m", "microgesture.provenance.seals", *words],
            cwd=self.scene.folder, capture_output=True, text=True, timeout=MOST_SECONDS,
        )  # fmt: skip

    def _after(self) -> None:
        """Files that were damaged when nobody needed them any more are found and made anew."""
        if not self.scene.damaged:
            return
        if self._seals().returncode:
            self._seals("--remake")
            command = self.drill.start(self.scene.folder)
            self.commands += 1
            assert command.wait(MOST_SECONDS) == 0, command.told()[-600:]
            self._note(command, False)

    def _judge_remade(self) -> None:
        """A job that had finished ran again only where its own file was damaged."""
        makers = [makers_of(self.scene.name(path)) for path in self.scene.damaged]
        messages = {job: rule_of_message(job) for job in self.remade}
        for job, rule in messages.items():
            if own := [each for each in makers if rule in each]:
                makers.remove(own[0])
                continue
            self.scene.problems.append(f"a finished job ran again: {job}")
        for fault in self.told:
            if fault["kind"] in ("truncated", "flipped_byte"):
                again = {job: round(self.finished.get(job, 0), 2) for job in messages}
                fault["made_again"] = again


def first_error(said: str, folder: Path) -> str:
    """The line that tells a person what happened."""
    lines = [line.strip() for line in said.replace(f"{folder}/", "").splitlines()]
    for begins in ("ERROR: ", "WARNING: told to end", "Error: ", "LockException", "Error in rule"):
        for line in lines:
            if line.startswith(begins):
                return line[:300]
    return ""


def _bodies() -> dict[str, str]:
    """Rule -> its text."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("rules/*.smk")))
    found = re.split(r"^ *rule (\w+):$", text, flags=re.M)
    return dict(zip(found[1::2], found[2::2]))


def makers_of(path: str) -> set[str]:
    """The rules that make a file of the results: one, or two that take turns (import_keypoints and
    extract_keypoints)."""
    found = set()
    for rule, body in _bodies().items():
        output = body.partition("output:")[2].partition("    log:")[0]
        for pattern in re.findall(r'"(results/[^"]*)"', output):
            words = re.sub(r"\\{\w+\\}", ".*", re.escape(pattern))
            if re.fullmatch(words, path):
                found.add(rule)
    if not found:
        raise ValueError(f"no rule makes {path}")
    return found


def rule_of_message(message: str) -> str:
    """The rule whose jobs say this when they begin."""
    for rule, body in _bodies().items():
        found = re.search(r'message:\s+"([^"]*)"', body)
        if found and re.fullmatch(re.sub(r"\\{[^}]*\\}", ".*", re.escape(found[1])), message):
            return rule
    raise ValueError(f"no rule says {message!r}")


def draw_run(seed: int, number: int, kinds: list[str]) -> list[tuple[str, float]]:
    """The faults of one run: every kind comes equally often, in an order and at moments by chance."""
    first, found = FAULTS_A_RUN * number, []
    for place in range(first, first + FAULTS_A_RUN):
        turn, within = divmod(place, len(kinds))
        found.append(random.Random(f"{seed}-{turn}").sample(kinds, len(kinds))[within])
    chance = random.Random(f"{seed}-moments-{number}")
    return list(zip(found, sorted(chance.uniform(0.0, 0.85) for _ in found)))


def hits(runs: dict) -> int:
    """Faults that hit something."""
    return sum(len(run["faults"]) for run in runs.values())


def is_wrong(run: dict) -> bool:
    """Something differs or was lost."""
    return bool(run["differ"] or run["problems"])


def main(arguments: list[str] | None = None) -> int:
    """Draw, run, tell. Returns 1 where a run is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--faults", type=int, default=60, help="at least so many")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=0, help="end after these (0: never)")
    parser.add_argument("--kinds", nargs="+", choices=FAULTS, help="these alone")
    parser.add_argument("--anew", action="store_true", help="forget what earlier calls found")
    parser.add_argument("--keep", type=Path, help="folder that keeps the undisturbed run")
    parser.add_argument("--report", type=Path, default=Path("results/drill_faults.json"))
    parser.add_argument("--page", type=Path, help="page that gets the table, e.g. docs/faults.md")
    given = parser.parse_args(arguments)
    until = time.monotonic() + 60 * (given.minutes or 1e9)
    skipped = dict.fromkeys(NEEDS_DISK, why_no_disk()) if why_no_disk() else {}
    kinds = [kind for kind in given.kinds or FAULTS if kind not in skipped]
    report = {"seed": given.seed, "kinds": kinds, "skipped": skipped, "runs": {}}
    if given.report.is_file() and not given.anew:
        found = json.loads(given.report.read_text(encoding="utf-8"))
        if found.get("seed") == given.seed and found.get("kinds") == kinds:
            report = found
    runs = report["runs"]
    for kind, reason in skipped.items():
        print(f"{kind} left out: {reason}")
    print(f"{hits(runs)} of {given.faults} faults met before", flush=True)
    with FaultDrill(given.keep) if hits(runs) < given.faults else contextlib.nullcontext() as drill:
        if drill:
            report["undisturbed"] = {"jobs": drill.jobs, "seconds": drill.seconds}
        while hits(runs) < given.faults and time.monotonic() < until:
            number = next(n for n in itertools.count() if str(n) not in runs)
            faults = draw_run(given.seed, number, kinds)
            runs[str(number)] = run = drill.judge(faults, f"{given.seed}-{number}")
            _tell(number, run)
            given.report.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(report, indent=1) + "\n"
            given.report.with_suffix(".new").write_text(text, encoding="utf-8")
            given.report.with_suffix(".new").replace(given.report)
    wrong = [number for number, run in runs.items() if is_wrong(run)]
    print(f"{hits(runs)} faults in {len(runs)} runs, {len(wrong)} runs wrong; {given.report}")
    if given.page:
        write_page(report, given.page)
    return 1 if wrong else 0


def _tell(number: int, run: dict) -> None:
    for fault in run["faults"]:
        lost = sum(fault.get("lost", {}).values())
        print(f"run {number}: {fault['kind']} ({fault['hit']}): {lost:.1f} s cut off")
        if fault.get("told"):
            print(f"    {fault['told']}")
    end = "equal" if not run["differ"] else f"DIFFERS: {', '.join(run['differ'][:5])}"
    for problem in run["problems"]:
        print(f"    PROBLEM: {problem}")
    missed = f", too late: {', '.join(run['missed'])}" if run["missed"] else ""
    print(
        f"run {number}: {end}, {run['commands']} commands, {run['seconds']} s{missed}", flush=True
    )


if __name__ == "__main__":
    sys.exit(main())
