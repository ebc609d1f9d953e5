import pytest
import torch
from safetensors.torch import save_file

from microgesture.pose.checkpoints import read_checkpoint
from microgesture.provenance.errors import BadInput


def test_weights_alone_may_be_safetensors(tmp_path):
    weights = {"a.weight": torch.arange(6, dtype=torch.float16).reshape(2, 3), "b": torch.ones(1)}
    torch.save({"state_dict": weights, "meta": {"epoch": 3}}, tmp_path / "w.pth")
    save_file(weights, tmp_path / "w.safetensors")
    for name, meta in (("w.pth", {"epoch": 3}), ("w.safetensors", {})):
        found = read_checkpoint(tmp_path / name)
        assert found["meta"] == meta and set(found["state_dict"]) == set(weights)
        for key, value in found["state_dict"].items():
            assert value.dtype == weights[key].dtype and torch.equal(value, weights[key])


@pytest.mark.parametrize("ending", ["pth", "safetensors"])
def test_what_is_cut_short_is_told(tmp_path, ending):
    path = tmp_path / f"w.{ending}"
    weights = {"a": torch.zeros(100)}
    if ending == "pth":
        torch.save({"state_dict": weights}, path)
    else:
        save_file(weights, path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BadInput, match=f"w.{ending}: not a readable checkpoint"):
        read_checkpoint(path)
    with pytest.raises(BadInput, match=f"gone.{ending}: no such checkpoint"):
        read_checkpoint(tmp_path / f"gone.{ending}")
