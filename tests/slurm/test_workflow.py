"""The workflow itself, in its smallest form, through profiles/slurm: eight short recordings, two
classes, two tiny networks, whose trainings are cancelled, requeued and preempted. What lies before the
networks is made on this machine: its jobs ask for nothing that others do not, and each takes SLURM and
two cores half a minute.

The GPU here is a fake, so the GPU rules run on the processor: `gpu=0`, and SLURM is asked for the GPU
by `gres`. That is the documented way to train on the processors of a GPU node.
"""

import itertools
import re
import shutil
import subprocess
import sys

import pandas as pd
import pytest
import yaml

from tests.slurm.cluster import gpus
from tests.slurm.test_probe import WITHOUT_DATABASE, end
from tests.workflow.drill import CONFIG, contents, differing, make_project, make_recordings
from tests.workflow.forks import Forks

ON_GPU = ("train_modality", "predict_modality")
TARGET = "results/scores/scores.tsv"
BEFORE = ("results/index/clips.parquet", "results/skeletons/b0.h5", "results/saliency/b0.parquet")
SAVING = {"epochs": 300, "state_every": {"steps": 1, "seconds": 0.0}}
JOINT = CONFIG["modalities"]["joint"]
SMALLEST = {
    "batches": 1,
    "rounds": 0,
    "modalities": {
        "joint": {**JOINT, **SAVING},
        "bone": {**JOINT, **SAVING, "stream": "bone"},
    },
}
# A partition whose jobs others may push away, as many sites have one for long trainings.
PARTITION = {"train_modality": "low", "predict_modality": "gpu"}
pytestmark = pytest.mark.slow


def submitted(folder, told):
    """Snakemake through the profile; every GPU rule on the fake GPU's node, with float32 on CPU."""
    given = ["--set-resources"]
    for rule in ON_GPU:
        given += [f"{rule}:gpu=0", f"{rule}:gres='gpu:h100:1'"]
        given += [f"{rule}:slurm_partition={PARTITION[rule]}"]
    command = [sys.executable, "-m", "snakemake", "--profile", "profiles/slurm", *WITHOUT_DATABASE]
    return subprocess.Popen(
        [*command, *given, "--configfile", "config.yaml", "--", TARGET],
        cwd=folder,
        stdout=told,
        stderr=subprocess.STDOUT,
    )


def run_here(folder, *targets):
    """The workflow without SLURM."""
    with Forks() as forks:
        command = [forks.python, "-m", "snakemake", "--cores", "2", "--", *targets]
        found = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr[-4000:]


def trainings(cluster, modality):
    """The jobs of one training, oldest first."""
    return [
        job for job in cluster.of_rule("train_modality") if f"_{modality}_" in f"{job['Comment']}_"
    ]


def under_way(cluster, folder, modality, longer_than=0):
    """The running job of a training that has saved more epochs than `longer_than`, and how many."""
    jobs = [job for job in trainings(cluster, modality) if job["JobState"] == "RUNNING"]
    log = folder / f"logs/train_modality/{modality}-0.log"
    if not jobs or not log.exists():
        return None
    epochs = [int(number) for number in re.findall(r"epoch (\d+)/", log.read_text())]
    return (jobs[0], epochs[-1]) if epochs and epochs[-1] > longer_than else None


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    made = tmp_path_factory.mktemp("recordings") / "made"
    make_recordings(made)
    return made


@pytest.fixture(scope="module")
def finished(cluster, recordings, tmp_path_factory):
    """A finished run, its jobs, and the epochs at which its trainings were interrupted. One was
    cancelled and then requeued, the other pushed away by a job of a higher partition."""
    folder = tmp_path_factory.mktemp("workflow") / "project"
    make_project(folder, recordings)
    config = yaml.safe_load((folder / "config.yaml").read_text()) | SMALLEST
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    run_here(folder, *BEFORE)
    before, stops = len(cluster.jobs()), {}

    def any_training():
        return next(
            (
                (modality, *found)
                for modality in ("joint", "bone")
                if (found := under_way(cluster, folder, modality))
            ),
            None,
        )

    with open(folder / "told.txt", "w", encoding="utf-8") as told:
        run = submitted(folder, told)
    try:
        first, job, epoch = cluster.wait_for(any_training, 400)
        cluster.command("scancel", job["JobId"])
        stops["cancelled"] = first, epoch
        second = "bone" if first == "joint" else "joint"
        job, epoch = cluster.wait_for(lambda: under_way(cluster, folder, second), 200)
        asked = ["sbatch", "--partition=high", "--gres=gpu:h100:1", "--mem=100", "--wrap=sleep 1"]
        high = cluster.command(*asked, f"--output={folder}/high.log")
        assert high.returncode == 0, high.stderr
        stops["preempted"] = second, epoch
        job, epoch = cluster.wait_for(
            lambda: under_way(cluster, folder, first, stops["cancelled"][1]), 300
        )
        cluster.command("scontrol", "requeue", job["JobId"])
        stops["requeued"] = first, epoch
        status = run.wait(timeout=600)
    finally:
        end(run)
    assert status == 0, (folder / "told.txt").read_text(encoding="utf-8")
    return folder, cluster.jobs()[before:], stops


def of_workflow(jobs):
    return [job for job in jobs if job.get("Comment", "").startswith("rule_")]


def test_the_run_ends_with_scores(finished):
    folder, _, _ = finished
    scores = pd.read_csv(folder / TARGET, sep="\t")
    assert set(scores["clips"]) == {6}
    assert not list((folder / "results").glob("state/*/*.pt"))


def test_what_came_out_is_what_nobody_disturbed_gives(finished, recordings, tmp_path):
    """The same project on this machine, without SLURM, byte for byte."""
    folder, _, _ = finished
    make_project(tmp_path / "project", recordings)
    shutil.copy(folder / "config.yaml", tmp_path / "project/config.yaml")
    run_here(tmp_path / "project", TARGET)
    expected = contents(tmp_path / "project")
    assert len(expected) > 12 and differing(contents(folder), expected) == []


def test_gpu_rules_have_the_gpu_and_no_other_has(finished):
    _, jobs, _ = finished
    seen = set()
    for job in of_workflow(jobs):
        wanted = any(job["Comment"].startswith(f"rule_{rule}") for rule in ON_GPU)
        assert gpus(job) == int(wanted), job["Comment"]
        seen.add(wanted)
    assert seen == {True, False}


def test_no_two_gpu_jobs_at_a_time(finished):
    _, jobs, _ = finished
    spans = sorted((job["StartTime"], job["EndTime"]) for job in jobs if gpus(job))
    assert len(spans) >= 5
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))


def test_a_cancelled_training_is_submitted_again_and_goes_on(finished, cluster):
    folder, _, stops = finished
    modality, epoch = stops["cancelled"]
    states = [job["JobState"] for job in trainings(cluster, modality)]
    assert states == ["CANCELLED", "COMPLETED"]
    assert went_on_after(folder, modality) >= max(epoch, stops["requeued"][1])


@pytest.mark.parametrize("how", ["requeued", "preempted"])
def test_a_requeued_and_a_preempted_training_keep_their_job_and_go_on(finished, cluster, how):
    folder, _, stops = finished
    modality, epoch = stops[how]
    last = trainings(cluster, modality)[-1]
    assert (last["JobState"], last["Restarts"]) == ("COMPLETED", "1")
    assert went_on_after(folder, modality) >= epoch


def went_on_after(folder, modality):
    """The epoch after which the last attempt went on, from its log."""
    log = (folder / f"logs/train_modality/{modality}-0.log").read_text(encoding="utf-8")
    return int(re.search(r"going on after epoch (\d+), step \d+ of an interrupted", log)[1])


def test_memory_and_time_are_those_of_the_sheets_and_grow(finished, cluster):
    _, _, stops = finished
    first, second = trainings(cluster, stops["cancelled"][0])
    asked = [int(re.search(r"mem=(\d+)M", job["TRES"])[1]) for job in (first, second)]
    # whole megabytes of what doubles
    assert asked[0] > 5000 and 2 * asked[0] - 1 <= asked[1] <= 2 * asked[0]
    limits = [pd.Timedelta(job["TimeLimit"]) for job in (first, second)]
    assert limits[0] >= pd.Timedelta("30min") and limits[1] == 2 * limits[0]
