import pytest
import torch

from microgesture.provenance.errors import BadInput
from microgesture.training.state import load_state, save_state, state_held


def test_state_round_trip_and_fingerprint(tmp_path):
    assert load_state(tmp_path, "a") is None and load_state(None, "a") is None
    state = {"fingerprint": "a", "epoch": 3, "rows": [{"loss": 0.5}], "model": {"w": torch.ones(2)}}
    save_state(tmp_path, state)
    found = load_state(tmp_path, "a")
    assert found["epoch"] == 3 and torch.equal(found["model"]["w"], torch.ones(2))
    assert load_state(tmp_path, "b") is None
    save_state(None, state)


def test_torn_state_is_as_none(tmp_path):
    (tmp_path / "state.pt").write_bytes(b"PK torn")
    assert load_state(tmp_path, "a") is None


def test_folder_is_held_alone_and_removed_at_the_end(tmp_path):
    folder = tmp_path / "state"
    with state_held(folder):
        with pytest.raises(BadInput, match="another process is training"), state_held(folder):
            pass
        assert folder.exists()
    assert not folder.exists()


def test_folder_stays_after_an_error(tmp_path):
    with pytest.raises(BadInput), state_held(tmp_path / "state") as folder:
        save_state(folder, {"fingerprint": "a"})
        raise BadInput("interrupted")
    assert load_state(tmp_path / "state", "a") == {"fingerprint": "a"}
    with state_held(None) as folder:
        assert folder is None
