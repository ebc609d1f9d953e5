"""A copy of the project in which every output stands, as after a finished run.

The files are empty and Snakemake is told by `--touch` that they are up to date, with the params
that each job has now. What a dry run then wants to do after an edit is what the edit invalidates.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "Snakefile config.yaml rules scripts microgesture schemas profiles demo report resources "
    "datasets envs presets"
)


FOLDERS = ("results/overlays", "results/exports")  # outputs that are folders


class Workspace:
    """A project folder with Snakemake to call in it."""

    def __init__(self, folder: Path, python: str = sys.executable):
        """python: the program that runs Snakemake."""
        self.folder, self.python = folder, python

    def snakemake(
        self, *arguments: str, check: bool = True, variables: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess:
        """Run Snakemake here, with more environment variables; its stdout and stderr come back as
        one text."""
        found = subprocess.run(
            [self.python, "-m", "snakemake", "--cores", "2", *arguments],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", **(variables or {})},
        )
        if check and found.returncode:
            raise AssertionError(found.stdout[-4000:])
        return found

    def planned(self, *arguments: str) -> dict[str, int]:
        """rule -> number of jobs that a dry run wants to start (without housekeeping)."""
        text = self.snakemake("--dry-run", "--quiet", "rules", *arguments).stdout
        jobs = {}
        if "Job stats:" not in text:
            assert "Nothing to be done" in text, text
            return jobs
        for line in text.split("Job stats:")[1].splitlines()[3:]:
            parts = line.split()
            if len(parts) != 2 or parts[0] == "total":
                break
            jobs[parts[0]] = int(parts[1])
        for housekeeping in ("all", "note_changes"):
            jobs.pop(housekeeping, None)
        return jobs

    def outputs(self) -> list[str]:
        """Every file that a run of `rule all` makes."""
        lines = self.snakemake("--summary").stdout.splitlines()
        rows = [line.split("\t") for line in lines if line.count("\t") >= 5]
        return [row[0] for row in rows if row[0] != "output_file"]

    def makers(self, *targets: str) -> dict[str, set[str]]:
        """rule -> the rules that make what its jobs read, over all jobs of the targets."""
        text = self.snakemake("--rulegraph", "--", *targets).stdout
        names = dict(re.findall(r'^\s*(\d+)\[label = "(\w+)"', text, re.M))
        makers = {name: set() for name in names.values()}
        for maker, user in re.findall(r"^\s*(\d+) -> (\d+)$", text, re.M):
            makers[names[user]].add(names[maker])
        assert "all" in makers, text
        return makers


def copy_project(folder: Path) -> Workspace:
    """The files of the project that a run needs, copied to `folder`."""
    for part in PARTS.split():
        source = ROOT / part
        if source.is_dir():
            patterns = ("__pycache__", *(["weights"] if part == "resources" else []))
            ignore = shutil.ignore_patterns(*patterns)
            shutil.copytree(source, folder / part, ignore=ignore)
        elif source.exists():
            shutil.copy(source, folder / part)
    return Workspace(folder)


def with_own_recordings(space: Workspace) -> Workspace:
    """The demo's videos become the user's own: files that stand for recordings, not rendered."""
    (space.folder / "videos").mkdir()
    sheet = space.folder / "demo" / "videos.tsv"
    text = sheet.read_text(encoding="utf-8").replace("results/demo_videos/", "videos/")
    sheet.write_text(text, encoding="utf-8")
    for line in text.splitlines()[1:]:
        path = space.folder / line.split("\t")[1]
        path.write_bytes(f"stands for {path.name}".encode())
    return space


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    """A fresh copy without results."""
    return copy_project(tmp_path)


def finish(space: Workspace) -> Workspace:
    """Make every output of `rule all` stand, as after a run."""
    for output in space.outputs():
        path = space.folder / output
        path.parent.mkdir(parents=True, exist_ok=True)
        if output in FOLDERS or output.startswith("results/review/"):
            path.mkdir()
        else:
            path.write_bytes(b"stands for a finished output")
    space.snakemake("--touch", "--forceall", "--quiet", "all")
    return space


@pytest.fixture(scope="session")
def finished_project(tmp_path_factory) -> Path:
    """A copy in which every output of `rule all` stands."""
    return finish(copy_project(tmp_path_factory.mktemp("finished"))).folder


@pytest.fixture
def finished(finished_project, tmp_path) -> Workspace:
    """A copy of the finished project that a test may edit."""
    shutil.copytree(finished_project, tmp_path / "project", copy_function=shutil.copy2)
    return Workspace(tmp_path / "project")
