"""How many GPU jobs the profiles let run at once."""

import re
import sys
from pathlib import Path

import pytest
import yaml
import yte

ROOT = Path(__file__).resolve().parents[2]


def gpus(monkeypatch, arguments, devices=(), variable=None):
    """The default profile's limit for a command line on a machine with these devices."""
    monkeypatch.setattr(sys, "argv", ["snakemake", *arguments])
    monkeypatch.setattr("glob.glob", lambda pattern: list(devices))
    monkeypatch.delenv("SNAKEMAKE_PROFILE", raising=False)
    if variable:
        monkeypatch.setenv("SNAKEMAKE_PROFILE", variable)
    text = (ROOT / "profiles/default/config.yaml").read_text(encoding="utf-8")
    (limit,) = yte.process_yaml(text, require_use_yte=True)["resources"]
    return int(re.fullmatch(r"gpu=(\d+)", limit)[1])


@pytest.mark.parametrize("arguments", [[], ["--cores", "8"], ["-n", "--", "ablation"]])
@pytest.mark.parametrize("count", [0, 2])
def test_jobs_that_run_here_share_the_gpus_of_this_machine(monkeypatch, arguments, count):
    devices = [f"/dev/nvidia{number}" for number in range(count)]
    assert gpus(monkeypatch, arguments, devices) == count


@pytest.mark.parametrize(
    "arguments",
    [["--profile", "profiles/slurm"], ["--profile=mine"], ["--executor", "slurm"], ["-e", "slurm"]],
)
def test_a_login_node_without_gpus_does_not_take_them_from_the_jobs(monkeypatch, arguments):
    # Snakemake clamps what a job asks for to the limit: 0 would submit GPU jobs without a GPU.
    assert gpus(monkeypatch, arguments) >= 100


def test_a_profile_named_in_the_environment(monkeypatch):
    assert gpus(monkeypatch, [], variable="slurm") >= 100


@pytest.mark.parametrize(("name", "key"), [("slurm", "slurm_partition"), ("cluster", "submit")])
def test_every_gpu_rule_says_how_it_gets_one(name, key):
    text = (ROOT / f"profiles/{name}/config.yaml").read_text(encoding="utf-8")
    profile = yaml.safe_load(text)
    rules = {
        name
        for path in (ROOT / "rules").glob("*.smk")
        for name, body in re.findall(
            r"^ *rule (\w+):\n(.*?)(?=^ *rule |\Z)", path.read_text(encoding="utf-8"), re.M | re.S
        )
        if re.search(r"^\s+gpu=", body, re.M)
    }
    assert {"train_modality", "predict_fusion"} <= rules
    assert rules - {"train_demo_pose"} == set(profile["set-resources"])
    assert all(resources[key] for resources in profile["set-resources"].values())
    assert profile["retries"] >= 1 and key in profile["default-resources"]
