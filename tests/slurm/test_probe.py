"""What SLURM's own records say of small jobs that are submitted through profiles/slurm."""

import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from tests.slurm.cluster import gpus

ROOT = Path(__file__).parents[2]
# A cluster with an accounting database needs none of these.
WITHOUT_DATABASE = [
    "--slurm-status-command",
    "squeue",
    "--slurm-init-seconds-before-status-checks",
    "2",
    "--latency-wait",
    "10",
]
pytestmark = pytest.mark.slow


def command(folder, *targets):
    """Snakemake on the probe, through the profile."""
    return [
        sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "tests/slurm/probe.smk"),
        "--directory", str(folder), "--workflow-profile", "none",
        "--profile", str(ROOT / "profiles/slurm"), *WITHOUT_DATABASE, *targets,
    ]  # fmt: skip


def running(cluster, folder, name):
    """The job that runs and has left its mark."""
    if not (folder / f"state-{name}").exists():
        return None
    rule = "preempted" if name == "preempted" else "ended"
    jobs = [job for job in cluster.of_rule(rule) if job["JobState"] == "RUNNING"]
    jobs = [job for job in jobs if name in job["Comment"] or rule == name]
    return jobs[0]["JobId"] if jobs else None


def end(run):
    """End a Snakemake, gently first."""
    run.terminate()
    try:
        run.wait(timeout=30)
    except subprocess.TimeoutExpired:
        run.kill()
        run.wait()


@pytest.fixture(scope="module")
def probed(cluster, tmp_path_factory):
    """The folder of a finished run in which jobs were cancelled, requeued and preempted."""
    folder = tmp_path_factory.mktemp("probe")
    with open(folder / "told.txt", "w", encoding="utf-8") as told:
        run = subprocess.Popen(command(folder, "all"), stdout=told, stderr=subprocess.STDOUT)
    try:
        for name, words in (
            ("cancelled", ["scancel"]),
            ("requeued", ["scontrol", "requeue"]),
        ):
            number = cluster.wait_for(lambda name=name: running(cluster, folder, name), 600)
            cluster.command(*words, number)
        cluster.wait_for(lambda: running(cluster, folder, "preempted"), 600)
        asked = ["sbatch", "--partition=high", "--mem=25000", "--wrap=sleep 1"]
        assert cluster.command(*asked, f"--output={folder}/high.log").returncode == 0
        assert run.wait(timeout=900) == 0, (folder / "told.txt").read_text(encoding="utf-8")
    finally:
        end(run)
    return folder


def given(probed, name):
    return (probed / "given" / name).read_text().split()


def test_gpu_jobs_are_given_the_gpu_and_others_none(cluster, probed):
    on_gpu = cluster.of_rule("on_gpu")
    assert [gpus(job) for job in on_gpu] == [1, 1]
    assert given(probed, "gpu0") == given(probed, "gpu1") == ["0"]
    others = [job for job in cluster.jobs() if job not in on_gpu]
    assert len(others) >= 6 and not any(map(gpus, others))
    assert given(probed, "cpu") == ["none"]


def test_two_gpu_jobs_never_share_one(cluster, probed):
    first, second = sorted(cluster.of_rule("on_gpu"), key=lambda job: job["StartTime"])
    assert first["EndTime"] <= second["StartTime"]


def test_memory_and_time_grow_with_the_attempt(cluster, probed):
    first, second = cluster.of_rule("grows")
    assert first["JobState"] == "FAILED" and second["JobState"] == "COMPLETED"
    assert ("mem=300M" in first["TRES"], "mem=600M" in second["TRES"]) == (True, True)
    assert (first["TimeLimit"], second["TimeLimit"]) == ("00:05:00", "00:10:00")
    assert given(probed, "grows") == ["600", "10"]


def test_a_cancelled_job_is_submitted_again(cluster, probed):
    first, second = (job for job in cluster.of_rule("ended") if "cancelled" in job["Comment"])
    assert first["JobState"] == "CANCELLED" and second["JobState"] == "COMPLETED"
    assert given(probed, "cancelled") == ["second"]


def test_a_job_whose_time_was_up_is_told_and_submitted_again_with_more(cluster, probed):
    first, second = cluster.of_rule("timed")
    assert (first["JobState"], first["TimeLimit"]) == ("TIMEOUT", "00:01:00")
    assert (second["JobState"], second["TimeLimit"]) == ("COMPLETED", "00:02:00")
    assert (probed / "told-timed").exists() and given(probed, "timed") == ["second"]


def test_a_job_can_be_told_before_its_time_is_up(cluster, probed):
    first, second = cluster.of_rule("signalled")
    assert (first["JobState"], first["TimeLimit"]) == ("FAILED", "00:02:00")
    began, ended = (datetime.fromisoformat(first[key]) for key in ("StartTime", "EndTime"))
    assert (ended - began).total_seconds() < 110
    assert second["JobState"] == "COMPLETED" and (probed / "told-signalled").exists()


@pytest.mark.parametrize(("rule", "name"), [("ended", "requeued"), ("preempted", "preempted")])
def test_requeue_and_preemption_keep_the_job(cluster, probed, rule, name):
    jobs = [job for job in cluster.of_rule(rule) if name in job["Comment"] or rule == name]
    assert [(job["JobState"], job["Restarts"]) for job in jobs] == [("COMPLETED", "1")]
    assert given(probed, name) == ["second"]


@pytest.mark.parametrize(
    ("name", "message"),
    [("too_large", r"Memory specification can not be satisfied|Requested node configuration"),
     ("too_many_gpus", r"Requested node configuration is not available")],
)  # fmt: skip
def test_what_is_asked_too_much_is_told(cluster, tmp_path, name, message):
    found = subprocess.run(
        [*command(tmp_path, f"given/{name}"), "--retries", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=400,
    )  # fmt: skip
    assert found.returncode != 0
    assert re.search(message, found.stdout), found.stdout
