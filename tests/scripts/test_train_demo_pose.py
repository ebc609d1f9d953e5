"""A tiny training through the script: taken up again where it stopped, plain weights written."""

import pytest
import torch

from microgesture.pose.checkpoints import read_checkpoint
from microgesture.pose.estimation import load_estimator
from scripts.train_demo_pose import CONFIG, train_demo_pose

SETTINGS = {
    "pictures": 24,
    "empty_rooms": 4,
    "clutter": 4,
    "steps": 6,
    "batch_size": 8,
    "warm_up": 2,
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("training")
    figures = train_demo_pose(folder / "model.pth", SETTINGS, state=folder / "state")
    return folder, figures


def test_the_checkpoint_holds_weights_and_plain_notes_only(trained):
    folder, figures = trained
    content = torch.load(folder / "model.pth", weights_only=True)  # nothing but plain types
    assert set(content) == {"state_dict", "meta"}
    assert content["meta"]["settings"]["steps"] == 6
    assert content["meta"]["command"].startswith("snakemake")
    assert content["meta"]["unseen"] == figures
    assert set(figures) == {"body", "face", "hands", "lowest_with_person", "highest_without"}
    kinds = {value.dtype for value in content["state_dict"].values()}
    assert kinds == {torch.float16, torch.int64}
    assert (folder / "model.pth").stat().st_size < 6e6


def test_the_estimator_loads_it(trained):
    folder, _ = trained
    estimator = load_estimator(CONFIG, folder / "model.pth")
    assert estimator.layout == "coco_wholebody133"


def test_a_finished_training_is_not_done_again_and_gives_the_same_weights(trained):
    folder, _ = trained
    first = read_checkpoint(folder / "model.pth")["state_dict"]
    train_demo_pose(folder / "again.pth", SETTINGS, state=folder / "state")
    again = read_checkpoint(folder / "again.pth")["state_dict"]
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_another_signature_gives_another_state_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seen = []
    monkeypatch.setattr(
        "scripts.train_demo_pose.train_pose_model", lambda *arguments: seen.append(arguments[3])
    )
    for signature in ("a", "b", "a"):
        train_demo_pose(tmp_path / "m.pth", SETTINGS, signature=signature)
    assert seen[0] == seen[2] != seen[1]
