"""Faults that a run meets: processes that are killed, files that are damaged, a disk that is full.

A fault is a function of a `Scene` that does harm and returns what it hit, in words, or None where
there is nothing yet that it could hit. What must be put right afterwards by a person (room, rights)
is done by `Scene.mend`.
"""

import os
import random
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.workflow.commands import Command
from tests.workflow.processes import (
    end_all,
    jobs_in,
    processes_in,
    snakemakes_in,
    wait_for_none,
    workers_in,
)

ROOM = 600  # MiB of the drill's disk
STORES = (".h5", ".parquet", ".safetensors")


@dataclass
class Scene:
    """folder: of the project. start: starts the same command once more. damaged: files that faults
    have altered. is_disk: the folder is a disk of its own, whose room can be taken away."""

    folder: Path
    random: random.Random
    start: Callable[[], Command]
    command: Command | None = None
    is_disk: bool = False
    damaged: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _mend: list[Callable[[], None]] = field(default_factory=list)

    def mend(self) -> None:
        """What a person does before the next command: make room, make folders writable."""
        while self._mend:
            self._mend.pop()()

    def mended_by(self, action: Callable[[], None]) -> None:
        """Note what puts a fault right."""
        self._mend.append(action)

    def stop(self) -> None:
        """All processes end at once, as when the power fails."""
        end_all(self.folder, signal.SIGKILL)

    def files(self) -> list[Path]:
        """Stores and checkpoints that stand."""
        found = (self.folder / "results").rglob("*")
        return sorted(
            path
            for path in found
            if path.suffix in STORES and path.is_file() and path.name[0] != "." and not _state(path)
        )

    def name(self, path: Path) -> str:
        """A path as a person writes it."""
        return path.relative_to(self.folder).as_posix()


def _state(path: Path) -> bool:
    return "state" in path.parts


def _one(scene: Scene, processes: list):
    return scene.random.choice(sorted(processes, key=lambda each: each.pid)) if processes else None


def kill_job(scene: Scene, number: int = signal.SIGKILL) -> str | None:
    """The process of a job is killed."""
    if job := _one(scene, jobs_in(scene.folder)):
        job.send(number)
        return job.rule
    return None


def term_job(scene: Scene) -> str | None:
    """A job is told to end (SIGTERM)."""
    return kill_job(scene, signal.SIGTERM)


def freeze_job(scene: Scene) -> str | None:
    """A job stands still for some seconds (SIGSTOP, SIGCONT)."""
    if job := _one(scene, jobs_in(scene.folder)):
        job.send(signal.SIGSTOP)
        time.sleep(scene.random.uniform(0.5, 3))
        job.send(signal.SIGCONT)
        return job.rule
    return None


def kill_worker(scene: Scene) -> str | None:
    """A process that loads clips for a training or a prediction is killed."""
    if worker := _one(scene, workers_in(scene.folder)):
        worker.send(signal.SIGKILL)
        names = {job.pid: job.rule for job in jobs_in(scene.folder)}
        return f"a loader of {names.get(worker.parent, 'a job')}"
    return None


def kill_snakemake(scene: Scene, number: int = signal.SIGKILL) -> str | None:
    """Snakemake is killed; its jobs go on."""
    for process in snakemakes_in(scene.folder):
        process.send(number)
        running = sorted({job.rule for job in jobs_in(scene.folder)})
        return f"Snakemake, with {', '.join(running) or 'no job'} under way"
    return None


def term_snakemake(scene: Scene) -> str | None:
    """Snakemake is told to end (SIGTERM)."""
    return kill_snakemake(scene, signal.SIGTERM)


def power_cut(scene: Scene) -> str:
    """Everything is killed at once."""
    running = sorted({job.rule for job in jobs_in(scene.folder)})
    scene.stop()
    return f"everything, {', '.join(running) or 'no job'} under way"


def interrupt(scene: Scene) -> str | None:
    """Ctrl-C: SIGINT to all processes of the terminal."""
    if not snakemakes_in(scene.folder):
        return None
    running = sorted({job.rule for job in jobs_in(scene.folder)})
    for process in processes_in(scene.folder):
        process.send(signal.SIGINT)
    return f"everything, {', '.join(running) or 'no job'} under way"


def time_out(scene: Scene) -> str | None:
    """The time is up: SIGTERM to all, and SIGKILL some seconds later."""
    if not snakemakes_in(scene.folder):
        return None
    running = sorted({job.rule for job in jobs_in(scene.folder)})
    for process in processes_in(scene.folder):
        process.send(signal.SIGTERM)
    if not wait_for_none(scene.folder, 3):
        scene.stop()
    return f"everything, {', '.join(running) or 'no job'} under way"


def out_of_memory(scene: Scene) -> str | None:
    """A job may take no more memory than it has (the limit of ulimit -v)."""
    if job := _one(scene, jobs_in(scene.folder)):
        try:
            pages = int(Path(f"/proc/{job.pid}/statm").read_text().split()[0])
            limit = pages * resource.getpagesize() + 2**20
            resource.prlimit(job.pid, resource.RLIMIT_AS, (limit, limit))
        except (OSError, ValueError):  # it has just ended
            return None
        return f"{job.rule}, at {limit // 2**20} MiB"
    return None


def disk_full(scene: Scene) -> str | None:
    """The project's disk has no room left."""
    facts = os.statvfs(scene.folder)
    used = (facts.f_blocks - facts.f_bfree) * facts.f_frsize
    spare = scene.random.choice((0, 64, 512)) * 1024
    if _mount("-o", f"remount,size={(used + spare) // 1024 + 4}k", str(scene.folder)):
        return None  # more was written meanwhile
    larger = ("-o", f"remount,size={ROOM}m", str(scene.folder))
    scene.mended_by(lambda: _mount(*larger))
    return f"{spare // 1024} KiB left of {used // 2**20} MiB"


def read_only(scene: Scene) -> str | None:
    """results/ can be read and not written."""
    results = str(scene.folder / "results")
    if not os.path.isdir(results) or _mount("--bind", results, results):
        return None
    _mount("-o", "remount,ro,bind", results)
    scene.mended_by(lambda: subprocess.run(["umount", "--lazy", results], check=True))
    return "results/"


def _mount(*words: str) -> int:
    return subprocess.run(["mount", *words], capture_output=True).returncode


def truncated(scene: Scene) -> str | None:
    """The power fails, and a store or a checkpoint that was finished is cut short."""
    if not scene.files():
        return None
    scene.stop()
    path = scene.random.choice(scene.files())
    size = path.stat().st_size
    left = scene.random.randrange(size)
    _written(path, path.read_bytes()[:left])
    scene.damaged.append(path)
    return f"{scene.name(path)}, {left} of {size} bytes left"


def flipped_byte(scene: Scene) -> str | None:
    """The power fails, and a finished store or checkpoint has one other byte."""
    if not scene.files():
        return None
    scene.stop()
    path = scene.random.choice(scene.files())
    place = _flip(scene, path)
    scene.damaged.append(path)
    return f"{scene.name(path)}, byte {place}"


def flipped_state(scene: Scene) -> str | None:
    """The power fails, and what an interrupted job had saved has one other byte."""
    if not _states(scene):
        return None
    scene.stop()
    if not (states := _states(scene)):
        return None
    path = scene.random.choice(states)
    return f"{scene.name(path)}, byte {_flip(scene, path)}"


def _states(scene: Scene) -> list[Path]:
    found = (scene.folder / "results/state").glob("*/*")
    return sorted(path for path in found if path.suffix in (".h5", ".pt") and path.name[0] != ".")


def _flip(scene: Scene, path: Path) -> int:
    content = bytearray(path.read_bytes())
    place = scene.random.randrange(len(content))
    content[place] ^= scene.random.randrange(1, 256)
    _written(path, content)
    return place


def _written(path: Path, content: bytes) -> None:
    """As a disk does it: the file's time stays."""
    facts = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def two_snakemakes(scene: Scene) -> str | None:
    """The same command is started a second time beside the first."""
    if not snakemakes_in(scene.folder) or not scene.command.finished:
        return None
    second = scene.start()
    status = second.wait(120)
    refused = "cannot be locked" in second.told()
    if not scene.command.living() and not refused:
        return "a second Snakemake, when the first had ended"
    if not refused or status == 0 or second.attempts:
        scene.problems.append("a second Snakemake was not refused")
    return "a second Snakemake"


def clock_jump(scene: Scene) -> str | None:
    """The clock is put forward or back for a while: files of the run have times up to two days in
    the future and in the past."""
    if not scene.files():
        return None
    cut = scene.random.random() < 0.5
    if cut:
        scene.stop()
    paths = [path for path in scene.folder.rglob("*") if path.is_file()]
    paths = scene.random.sample(sorted(paths), len(paths) // 2)
    for path in paths:
        moment = time.time() + scene.random.uniform(-2, 2) * 86_400
        try:
            os.utime(path, (moment, moment))
        except FileNotFoundError:  # a temporary file
            continue
    return f"{len(paths)} files{', and the power fails' if cut else ''}"


NEEDS_DISK = ("disk_full", "read_only")
FAULTS: dict[str, Callable[[Scene], str | None]] = {
    function.__name__: function
    for function in (
        kill_job, kill_snakemake, kill_worker, term_job, term_snakemake, power_cut, interrupt,
        time_out, freeze_job, out_of_memory, disk_full, read_only, truncated, flipped_byte,
        flipped_state, two_snakemakes, clock_jump,
    )
}  # fmt: skip


def why_no_disk() -> str:
    """Why no disk of its own can be mounted here; '' where one can."""
    if os.geteuid():
        return "a disk of one's own needs root"
    if not shutil.which("mount"):
        return "no mount here"
    return ""


def mount_disk(folder: Path) -> bool:
    """Put an empty disk of `ROOM` MiB at the folder; whether that was allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    return not _mount("-t", "tmpfs", "-o", f"size={ROOM}m", "drill", str(folder))


def unmount_disk(folder: Path) -> None:
    """Take it away with all that it holds."""
    subprocess.run(["umount", "--lazy", str(folder)], capture_output=True)
