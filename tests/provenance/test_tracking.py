"""Edges of jobs on a small workflow, planned by Snakemake itself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from microgesture.provenance.seals import main, seal

ROOT = Path(__file__).resolve().parents[2]
# a makes b, b makes c; each has a signature of its own, as the environment says.
WORKFLOW = """
import os, time
from microgesture.provenance.identity import Identities
from microgesture.provenance.records import signature
from microgesture.provenance.tracking import CHANGED, Tracking


class Given:
    def parts(self, rule, **where):
        return {"value": os.environ.get(rule, "1")}

    def signature(self, rule, **where):
        return signature(self.parts(rule))


TRACKING = Tracking(Given(), workflow, Identities("identities.json"), print)


def made_from(rule):
    return lambda wildcards: TRACKING.signature(rule, wildcards)


rule all:
    input: "a.txt", "b.txt", "c.txt"

rule note_changes:
    output: touch(CHANGED)
    params: now=time.time_ns()

rule a:
    input: unpack(TRACKING.inputs("a", {"source": "source.txt"}))
    output: "a.txt"
    params: made_from=made_from("a")
    shell: "cat {input.source} > {output}"

rule b:
    input: unpack(TRACKING.inputs("b", {"a": "a.txt"}))
    output: "b.txt"
    params: made_from=made_from("b"), secret=lambda wildcards, resources: time.time_ns()
    shell: "cat {input.a} > {output}"

rule c:
    input: unpack(TRACKING.inputs("c", {"b": "b.txt"}))
    output: "c.txt"
    params: made_from=made_from("c")
    shell: "cat {input.b} > {output}"
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tracked")
    (folder / "Snakefile").write_text(WORKFLOW)
    (folder / "source.txt").write_text("x")
    snakemake(folder)
    return folder


def snakemake(folder, *arguments, **values):
    found = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1", "--rerun-triggers", "params", "mtime",
         "--quiet", "rules", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **values},
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    return found.stdout + found.stderr


def planned(folder, *targets, **values):
    """Those of the rules a, b, c of which a dry run wants to start a job."""
    text = snakemake(folder, "--dry-run", *targets, **values)
    table = text.split("Job stats:")[-1] if "Job stats:" in text else ""
    rules = {line.split()[0] for line in table.splitlines() if len(line.split()) == 2}
    return rules & {"a", "b", "c"}


@pytest.mark.parametrize(
    "changed",
    [{}, {"a": "2"}, {"b": "2"}, {"c": "2"}, {"a": "2", "c": "2"}, {"a": "2", "b": "2"}],
    ids=str,
)
def test_a_job_runs_iff_its_signature_is_another(project, changed):
    assert planned(project, **changed) == set(changed)


@pytest.mark.parametrize(
    ("removed", "targets", "made"),
    [
        ("c.txt", (), "ac"),
        ("c.txt", ("c.txt",), "ac"),
        ("b.txt", ("c.txt",), "a"),  # nobody asked for it
        ("b.txt", (), "abc"),  # Snakemake runs what reads a file that was removed
    ],
)
def test_what_was_asked_for_and_is_missing_is_made_whatever_runs_before_it(
    project, tmp_path, removed, targets, made
):
    folder = tmp_path / "copy"
    shutil.copytree(project, folder, symlinks=True)
    (folder / removed).unlink()
    assert planned(folder, *targets, a="2") == set(made)


def test_a_touched_file_is_no_reason(project):
    (project / "source.txt").touch()
    (project / "a.txt").touch()
    assert "Job stats:" not in snakemake(project, "--dry-run")


def test_a_damaged_file_is_made_anew_alone(project, monkeypatch):
    monkeypatch.chdir(project)
    seal(["b.txt"])
    Path("b.txt").write_text("damaged")
    assert main(["--remake"]) == 0
    assert planned(project) == {"b"}
    snakemake(project)
    assert Path("b.txt").read_text() == "x"
    seal(["b.txt"])  # as the frame of every script does
    assert "Job stats:" not in snakemake(project, "--dry-run")
