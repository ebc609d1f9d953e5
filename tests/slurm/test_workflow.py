"""The workflow itself, in its smallest form, through profiles/slurm: eight short recordings, two
classes, tiny networks.

The GPU here is a fake, so the GPU rules run on the processor: `gpu=0`, and the GPU is asked of SLURM
by `slurm_extra`. That is the documented way to train on the processors of a GPU node.
"""

import itertools
import subprocess
import sys

import pandas as pd
import pytest

from tests.slurm.cluster import gpus
from tests.slurm.test_probe import WITHOUT_DATABASE, end
from tests.workflow.drill import make_project, make_recordings

ON_GPU = ("extract_keypoints", "train_modality", "predict_modality")
pytestmark = pytest.mark.slow


def submitted(folder, *arguments):
    """Snakemake through the profile; every GPU rule on the fake GPU's node, with float32 on CPU."""
    given = ["--set-resources"]
    for rule in ON_GPU:
        given += [f"{rule}:gpu=0", f"{rule}:slurm_extra='--gres=gpu:h100:1'"]
    command = [sys.executable, "-m", "snakemake", "--profile", "profiles/slurm", *WITHOUT_DATABASE]
    return subprocess.Popen(
        [*command, *given, "--default-resources", "mem_mb=500", "--", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="module")
def finished(cluster, tmp_path_factory):
    """A finished run, in which a training was requeued and one was cancelled."""
    folder = tmp_path_factory.mktemp("workflow")
    make_recordings(folder / "recordings")
    space = make_project(folder / "project", folder / "recordings")
    before = len(cluster.jobs())
    run = submitted(space.folder, "results/scores/scores.tsv")

    def training():
        jobs = cluster.of_rule("train_modality")
        return [job["JobId"] for job in jobs if job["JobState"] == "RUNNING"]

    try:
        first = cluster.wait_for(training, 900)[0]
        cluster.command("scancel", first)
        second = cluster.wait_for(lambda: [job for job in training() if job != first], 300)[0]
        cluster.command("scontrol", "requeue", second)
        told = run.communicate(timeout=1800)[0]
    finally:
        end(run)
    assert run.returncode == 0, told
    return space.folder, cluster.jobs()[before:]


def test_the_run_ends_with_scores(finished):
    folder, _ = finished
    scores = pd.read_csv(folder / "results/scores/scores.tsv", sep="\t")
    assert set(scores["clips"]) == {6}
    assert not list((folder / "results").glob("state/*/*.pt"))


def test_gpu_rules_have_the_gpu_and_no_other_has(finished):
    _, jobs = finished
    for job in jobs:
        wanted = any(rule in job["Comment"] for rule in ON_GPU)
        assert gpus(job) == int(wanted), job["Comment"]


def test_no_two_gpu_jobs_at_a_time(finished):
    _, jobs = finished
    spans = sorted((job["StartTime"], job["EndTime"]) for job in jobs if gpus(job))
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))


def test_what_was_cancelled_and_requeued_is_in_the_record(finished):
    _, jobs = finished
    trained = [job for job in jobs if "train_modality" in job["Comment"]]
    assert sum(job["JobState"] == "CANCELLED" for job in trained) == 1
    assert sum(int(job["Restarts"]) for job in trained) == 1
