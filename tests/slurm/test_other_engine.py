"""profiles/cluster with SLURM's own sbatch as the command of "any scheduler that takes a script"."""

import importlib.util
import subprocess
import sys

import pytest

from tests.slurm.test_probe import ROOT

PLUGIN = "snakemake_executor_plugin_cluster_generic"
SUBMIT = (
    "sbatch --parsable --output=/dev/null --cpus-per-task={threads} --mem={resources.mem_mb} "
    "--time={resources.runtime} {resources.submit}"
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec(PLUGIN) is None,
        reason="the profile's plugin is missing: pip install " + PLUGIN.replace("_", "-"),
    ),
]


def test_a_job_gets_what_its_rule_asks_for(cluster, tmp_path):
    before = len(cluster.jobs())
    found = subprocess.run(
        [
            sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "tests/slurm/probe.smk"),
            "--directory", str(tmp_path), "--workflow-profile", "none",
            "--profile", str(ROOT / "profiles/cluster"), "--latency-wait", "10",
            "--cluster-generic-submit-cmd", SUBMIT, "--cluster-generic-cancel-cmd", "scancel",
            "--set-resources", "on_cpu:submit='--comment=asked'", "--", "given/cpu",
        ],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=200,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout
    assert (tmp_path / "given/cpu").read_text() == "none\n"
    (job,) = cluster.jobs()[before:]
    assert job["JobState"] == "COMPLETED" and job["Comment"] == "asked"
    assert "mem=300M" in job["TRES"] and job["TimeLimit"] == "00:05:00"
