import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from microgesture.figures.prototypes import cosine_distances
from microgesture.provenance.errors import BadInput
from scripts.plot_prototypes import plot

LABELS = [["nod", "head"], ["wave", "hand"], ["rub", "hand"]]


def test_distances_by_hand():
    # the same direction at another length, a right angle, the opposite, and a class without any
    prototypes = np.array([[1.0, 0], [3, 0], [0, 2], [-5, 0], [9, 9]])
    known = np.array([True, True, True, True, False])
    distances = cosine_distances(prototypes, known)
    np.testing.assert_allclose(distances[0, :4], [0, 0, 1, 2], atol=1e-12)
    np.testing.assert_allclose(distances[2, :4], [1, 1, 0, 1], atol=1e-12)
    assert np.isnan(distances[4]).all() and np.isnan(distances[:, 4]).all()


@pytest.fixture
def files(tmp_path):
    weights = {"network.weight": np.zeros((2, 2), np.float32)}
    for branch in (0, 1):
        weights[f"losses.prototype.{branch}.prototypes"] = np.eye(3, 4, dtype=np.float32)
        weights[f"losses.prototype.{branch}.known"] = np.array([True, True, branch == 0])
    save_file(weights, tmp_path / "model.safetensors")
    about = {"streams": ["rgb", "joint_heatmap"]}
    (tmp_path / "model.json").write_text(json.dumps(about), encoding="utf-8")
    return tmp_path


def run(folder):
    names = ("model.safetensors", "model.json", "figure.svg")
    plot(*(str(folder / name) for name in names), labels=LABELS)
    return (folder / "figure.svg").read_text(encoding="utf-8")


def test_every_branch_is_drawn(files):
    assert len(run(files)) > 5000


def test_without_prototypes_it_says_what_to_write(files):
    save_file({"network.weight": np.zeros(2, np.float32)}, files / "model.safetensors")
    with pytest.raises(BadInput, match="prototype_loss: weight above 0"):
        run(files)
