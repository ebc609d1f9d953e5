"""Pre-training in the plan: what runs it again, what its tables say, what stands before what."""

import re
import shutil

import pytest
import yaml

from tests.workflow.conftest import Workspace, copy_project, finish, with_own_recordings
from tests.workflow.edits import PRETRAINING
from tests.workflow.test_laws import KNOWS_TRUTH, ancestors

OWN = {
    "joint: {preset: demo_joint}": "joint: {preset: demo_joint, pretrain: {method: masked_motion}}",
    "heatmap: {preset: demo_heatmap}": "heatmap: {preset: demo_heatmap, "
    "pretrain: {method: masked_joints, clips: all}}",
    "rounds: 1": "rounds: 0",
}


@pytest.fixture(scope="session")
def finished_pretraining(tmp_path_factory):
    """A finished project on videos of the user's own, two of three modalities pre-trained."""
    space = with_own_recordings(copy_project(tmp_path_factory.mktemp("pretrained")))
    config = space.folder / "config.yaml"
    changed = config.read_text(encoding="utf-8")
    for old, new in OWN.items():
        assert old in changed
        changed = changed.replace(old, new, 1)
    config.write_text(changed, encoding="utf-8")
    return finish(space).folder


@pytest.fixture
def project(finished_pretraining, tmp_path):
    folder = tmp_path / "project"
    shutil.copytree(finished_pretraining, folder, copy_function=shutil.copy2, symlinks=True)
    return Workspace(folder)


def trained_again(project, edit):
    """(modalities that are pre-trained, those that are trained) after an edit."""
    values = edit(project.folder) or {}
    (project.folder / "edit.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    arguments = ("--dry-run", "--configfile", "config.yaml", "edit.yaml")
    text = project.snakemake(*arguments).stdout
    pretrained = set(re.findall(r"Pre-training (\w+) without labels", text))
    return pretrained, set(re.findall(r"Training (\w+), round 0", text))


@pytest.mark.parametrize("name", PRETRAINING)
def test_an_edit_pretrains_again_exactly_what_it_can_change(project, name):
    edit, pretrained, trained = PRETRAINING[name]
    assert trained_again(project, edit) == (pretrained, trained)


def test_nothing_is_left_to_do_and_curves_are_drawn(project):
    assert project.planned() == {}
    outputs = project.outputs()
    for modality in ("joint", "heatmap"):
        assert f"results/checkpoints/{modality}/pretrained/curves.svg" in outputs
    assert not any("rgb/pretrained" in output for output in outputs)


def test_a_sheet_of_its_own_is_another_set_of_clips(project):
    (project.folder / "some.tsv").write_text("clip\ns01_00\ns01_01\n", encoding="utf-8")
    values = {"modalities": {"heatmap": {"pretrain": {"clips": "some.tsv"}}}}
    pretrained, trained = trained_again(project, lambda folder: values)
    assert pretrained == trained == {"heatmap"}


def test_a_sheet_of_people_in_val_is_refused_before_anything_runs(project):
    lines = (project.folder / "demo" / "clips.tsv").read_text(encoding="utf-8").splitlines()
    held = next(line.split("\t")[0] for line in lines if line.endswith("\tval"))
    (project.folder / "some.tsv").write_text(f"clip\n{held}\n", encoding="utf-8")
    values = {"modalities": {"heatmap": {"pretrain": {"clips": "some.tsv"}}}}
    (project.folder / "edit.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    arguments = ("--dry-run", "--configfile", "config.yaml", "edit.yaml")
    found = project.snakemake(*arguments, check=False)
    assert found.returncode and "are of people in val" in found.stdout


def test_no_truth_and_no_label_of_test_comes_near(project):
    makers = project.makers("all")
    assert "pretrain_modality" in makers["train_modality"]
    assert not ancestors("pretrain_modality", makers) & KNOWS_TRUTH


def test_variants_share_a_pretraining(project):
    """One that changes the later training alone starts from the main run's."""
    config = project.folder / "config.yaml"
    head = config.read_text(encoding="utf-8").split("\nablation:")[0]
    variants = "short: {modalities: {joint: {epochs: 2}}}, without: {modalities: {joint: {pretrain: {method: none}}}}"
    config.write_text(
        f"{head}\nablation: {{seeds: [0], variants: {{{variants}}}}}\n", encoding="utf-8"
    )
    text = project.snakemake("--dry-run", "--", "ablation").stdout
    assert not re.findall(r"Pre-training \S+ without labels", text)
    assert set(re.findall(r"Training (\S+), round 0", text)) == {
        "ablation/short/0/joint", "ablation/without/0/joint",
    }  # fmt: skip
