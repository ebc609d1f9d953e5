"""What a user reads before any job: our words, from a dry run."""

import os

import pytest
import yaml

from microgesture.demo.stand_in_sheets import write_stand_in


@pytest.fixture
def planned(workspace):
    """A function that dry-runs a configuration on stand-in sheets and gives status and text."""
    paths = write_stand_in(workspace.folder / "sheets", clips=60, videos=6, classes=3)

    def plan(overlay):
        own = workspace.folder / "mine.yaml"
        own.write_text(yaml.safe_dump({**paths, **overlay}), encoding="utf-8")
        found = workspace.snakemake("-n", "--configfile", "config.yaml", "mine.yaml", check=False)
        return found.returncode, found.stdout

    return plan


def test_problems_of_the_plan_are_told_at_once(planned):
    status, said = planned(
        {
            "modalities": {"rgb": None, "fusion": {"preset": "demo_joint"}},
            "fit_temperatures": {"weights": {"rgb": 1}},
            "extract_keypoints": {"checkpoint": "lost.pth"},
        }
    )
    assert status != 0 and "Traceback" not in said and "KeyError" not in said
    assert "5 problems in the plan" in said
    for part in ("modalities: 'fusion' is what", "rgb_parent: 'rgb' is no modality", "lost.pth"):
        assert part in said
    assert "Job stats" not in said


def test_a_home_that_cannot_be_written(workspace, monkeypatch):
    monkeypatch.setenv("HOME", os.devnull)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    said = workspace.snakemake("-n", "--quiet", "all").stdout
    assert "Traceback" not in said and "dry-run" in said
