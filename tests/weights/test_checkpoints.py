import json

import pytest
import torch

from microgesture.provenance.errors import BadInput
from microgesture.weights.checkpoints import (
    check_metadata,
    load_network,
    metadata_path,
    read_metadata,
    read_network_weights,
    write_checkpoint,
)

FACTS = {"layout": "h68", "labels": ["nod", "wave"]}


@pytest.fixture
def written(tmp_path):
    network = torch.nn.Linear(3, 2)
    weights = {f"network.{name}": value for name, value in network.state_dict().items()}
    weights["prototype.0.known"] = torch.tensor([True, False])
    path = tmp_path / "model.safetensors"
    write_checkpoint(weights, FACTS, path, metadata_path(path))
    return network, path


def test_network_comes_back(written):
    network, path = written
    assert set(read_network_weights(path)) == {"weight", "bias"}
    other = torch.nn.Linear(3, 2)
    load_network(other, path)
    assert torch.equal(other.weight, network.weight)
    facts = read_metadata(metadata_path(path))
    assert facts["labels"] == FACTS["labels"] and facts["versions"]["torch"]


def test_same_weights_same_bytes(written, tmp_path):
    network, path = written
    weights = {f"network.{name}": value for name, value in network.state_dict().items()}
    weights["prototype.0.known"] = torch.tensor([True, False])
    again = tmp_path / "again.safetensors"
    write_checkpoint(dict(reversed(weights.items())), FACTS, again, metadata_path(again))
    assert again.read_bytes() == path.read_bytes()
    assert metadata_path(again).read_bytes() == metadata_path(path).read_bytes()


def test_another_build_is_refused(written):
    _, path = written
    with pytest.raises(BadInput, match=r"weight is \(2, 3\), the network has \(2, 4\)"):
        load_network(torch.nn.Linear(4, 2), path)
    with pytest.raises(BadInput, match="bias is not in the network"):
        load_network(torch.nn.Linear(3, 2, bias=False), path)


def test_damaged_files_are_named(written):
    _, path = written
    path.write_bytes(path.read_bytes()[:30])
    with pytest.raises(BadInput, match=r"model\.safetensors: is no readable checkpoint"):
        read_network_weights(path)
    metadata_path(path).write_text(json.dumps(FACTS)[:-4])
    with pytest.raises(BadInput, match=r"model\.json"):
        read_metadata(metadata_path(path))


def test_other_labels_and_layouts_are_refused():
    check_metadata(FACTS, "c", layout="h68", labels=["nod", "wave"])
    with pytest.raises(BadInput, match="layout h68, the data have coco17"):
        check_metadata(FACTS, "c", layout="coco17")
    with pytest.raises(BadInput, match="first difference: 'wave' and 'shrug'"):
        check_metadata(FACTS, "c", labels=["nod", "shrug"])
    with pytest.raises(BadInput, match="2 classes, the data have 3"):
        check_metadata(FACTS, "c", labels=["nod", "wave", "shrug"])
