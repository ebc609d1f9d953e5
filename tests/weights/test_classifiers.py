"""The classes of a published file are ours where their names are."""

import pytest
import torch
from safetensors.torch import load_file

from microgesture.provenance.errors import BadInput
from microgesture.weights.checkpoints import read_metadata
from tests.weights.published_files import published_poseconv3d, take

LABELS = ["wave", "nod", "shrug"]


def test_as_many_other_classes_are_not_taken_for_ours(tmp_path):
    reference = published_poseconv3d(tmp_path / "a.pth", classes=3)
    checkpoint, changes = take(tmp_path, labels=LABELS)
    assert "classifier: new, 3 classes (the names of the file's 3 are not known" in changes[0]
    found = load_file(checkpoint)["classifier.weight"]
    assert not torch.equal(found, reference.state_dict()["classifier.weight"])
    assert read_metadata(tmp_path / "model.json")["source"]["labels"] is None


def test_classes_are_taken_by_name(tmp_path):
    old = published_poseconv3d(tmp_path / "a.pth", classes=3).state_dict()
    checkpoint, changes = take(tmp_path, labels=LABELS, source_labels=LABELS)
    assert changes == []
    assert torch.equal(load_file(checkpoint)["classifier.weight"], old["classifier.weight"])
    names = tmp_path / "names.txt"
    names.write_text("\ufeffnod\n wave \njump\n\n", encoding="utf-8")
    checkpoint, changes = take(tmp_path, labels=LABELS, source_labels=str(names))
    assert changes == ["classifier: 2 of 3 classes taken by name, new: shrug"]
    found = load_file(checkpoint)
    for part in ("classifier.weight", "classifier.bias"):
        assert torch.equal(found[part][:2], old[part][[1, 0]])
        assert not torch.equal(found[part][2], old[part][2]) or part.endswith("bias")
    checkpoint, _ = take(tmp_path, source_labels=["nod", "wave", "jump"])  # keep_classes
    facts = read_metadata(tmp_path / "model.json")
    assert facts["labels"] == facts["source"]["labels"] == ["nod", "wave", "jump"]


@pytest.mark.parametrize(
    ("source_labels", "told"),
    [
        (["a", "b"], "classifier has 3 classes, source_labels names 2"),
        (["a", "b", "a"], "'a' comes twice"),
        ("missing.txt", "missing.txt: cannot be read"),
    ],
)
def test_wrong_source_labels(tmp_path, source_labels, told):
    published_poseconv3d(tmp_path / "a.pth", classes=3)
    with pytest.raises(BadInput, match=told):
        take(tmp_path, labels=LABELS, source_labels=source_labels)
