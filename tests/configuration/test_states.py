"""State folders that no configuration wants: found, told, removed; those of living jobs stay."""

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from microgesture.configuration.runs import Runs
from microgesture.configuration.states import remove, unwanted_states, wanted_states
from microgesture.provenance.locks import held_alone
from microgesture.provenance.state import state_folder
from tests.configuration.test_lineage import lineage_of
from tests.configuration.test_runs import CONFIG, check

ROOT = Path(__file__).parents[2]


def test_states_of_all_jobs_are_wanted():
    runs = Runs({**CONFIG, "train_demo_pose": {"steps": 9}}, check)
    names = pd.DataFrame({"name": ["rest", "wave"], "group": "", "description": ""})
    lineage = lineage_of(runs, labels=lambda: names)
    wanted = wanted_states(lineage, runs, ["b0", "b1"])
    modality = next(iter(runs.modalities("")))
    signature = lineage.signature("train_modality", "", modality=modality, round="0")
    assert state_folder("train_modality", signature).name in wanted
    assert {"extract_keypoints-b1", "clean_keypoints-b0", "decode_rgb-b1"} <= set(wanted)
    assert len(wanted) == len(set(wanted))


def test_every_rule_that_keeps_a_state_is_known():
    named = re.compile(r"""state_folder\(\s*"(\w+)\"""")
    scripts = [path.read_text(encoding="utf-8") for path in (ROOT / "scripts").glob("*.py")]
    known = (ROOT / "microgesture/configuration/states.py").read_text(encoding="utf-8")
    keeping = {rule for text in scripts for rule in named.findall(text)}
    assert len(keeping) == 7 and keeping == set(named.findall(known))


def test_what_is_left_over_is_removed_unless_it_is_held(tmp_path):
    for name in ("train_modality-old", "train_modality-new", "decode_rgb-held"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "state.pt").write_bytes(b"x" * 100)
    found = unwanted_states(["train_modality-new"], tmp_path)
    assert [path.name for path in found] == ["decode_rgb-held", "train_modality-old"]
    with held_alone(found[0], "its work"):
        assert [remove(path) for path in found] == [False, True]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "decode_rgb-held",
        "train_modality-new",
    ]
    assert unwanted_states([], tmp_path / "nothing") == []


@pytest.mark.slow
def test_the_command_asks_the_workflow(tmp_path):
    from tests.workflow.conftest import copy_project

    space = copy_project(tmp_path)
    config = yaml.safe_load((tmp_path / "config.yaml").read_text(encoding="utf-8"))
    old = tmp_path / "results" / "state" / "train_modality-0123456789abcdef"
    kept = tmp_path / "results" / "state" / "extract_keypoints-b0"
    for folder in (old, kept):
        folder.mkdir(parents=True)
    assert config["batches"] > 0

    def clean(*arguments):
        command = [sys.executable, "-m", "microgesture.configuration.states", *arguments]
        return subprocess.run(command, cwd=space.folder, capture_output=True, text=True)

    told = clean()
    assert told.returncode == 1 and "train_modality-0123456789abcdef: 0.0 MiB" in told.stdout
    assert "extract_keypoints" not in told.stdout and old.exists()
    assert clean("--remove").returncode == 0
    assert kept.exists() and not old.exists()
    broken = clean("--", "--config", "batches=many")
    assert broken.returncode == 1 and "nothing is removed" in broken.stderr
