"""Files of others: read without running anything that is in them."""

import os
from collections import OrderedDict

import numpy as np
import pytest
import torch

from microgesture.provenance.errors import BadInput
from microgesture.weights.foreign_files import read_checkpoint


class Hostile:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


@pytest.mark.parametrize("zipped", [True, False])
def test_places_of_the_state_dict(tmp_path, zipped):
    state = OrderedDict(weight=torch.arange(3.0))
    for number, content in enumerate(
        (
            state,
            {"state_dict": state, "meta": {"epoch": 3}},
            {"model": state},
            {"state_dict": state},
        )
    ):
        path = tmp_path / f"{number}.pth"
        # OpenMMLab publishes in the older format
        torch.save(content, path, _use_new_zipfile_serialization=zipped)
        assert torch.equal(read_checkpoint(path)["weight"], torch.arange(3.0))


@pytest.mark.parametrize("zipped", [True, False])
def test_training_logs_beside_the_weights_are_skipped(tmp_path, zipped, monkeypatch):
    history_buffer = pytest.importorskip("mmengine.logging.history_buffer")
    buffer = history_buffer.HistoryBuffer([1.0, 2.0], [1, 1])
    content = {"state_dict": {"w": torch.ones(2)}, "message_hub": {"loss": buffer}}
    content["meta"] = {"accuracy": np.float64(0.5), "iteration": np.int64(3)}
    path = tmp_path / "published.pth"
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    assert read_checkpoint(path)["w"].tolist() == [1, 1]


@pytest.mark.parametrize("zipped", [True, False])
def test_hostile_checkpoint_runs_nothing(tmp_path, zipped):
    created, path = tmp_path / "created", tmp_path / "hostile.pth"
    torch.save(
        {"state_dict": {"w": torch.ones(1)}, "meta": Hostile(created)},
        path,
        _use_new_zipfile_serialization=zipped,
    )
    with pytest.raises(BadInput, match=r"hostile\.pth: needs more.*posix\.system"):
        read_checkpoint(path)
    assert not created.exists()


def test_damaged_files(tmp_path):
    path = tmp_path / "model.pth"
    torch.save({"w": torch.ones(1000)}, path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(BadInput, match="truncated"):
        read_checkpoint(path)
    path.write_text("<html>not found</html>")
    with pytest.raises(BadInput, match="no readable torch checkpoint"):
        read_checkpoint(path)
    with pytest.raises(BadInput, match="no such file"):
        read_checkpoint(tmp_path / "none.pth")
    torch.save({"epoch": 3, "note": "x"}, path)
    with pytest.raises(BadInput, match=r"holds no state dict \(found epoch, note\)"):
        read_checkpoint(path)
