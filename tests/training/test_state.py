import io

import torch

from microgesture.provenance.state import state_held
from microgesture.training.state import load_state, save_state


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


def test_a_state_with_one_other_byte_is_as_none(tmp_path, caplog):
    """torch.load alone takes such a file without a word."""
    weights = torch.arange(1000.0)
    save_state(tmp_path, {"fingerprint": "a", "model": {"w": weights}})
    content = bytearray((tmp_path / "state.pt").read_bytes())
    content[content.index(weights.numpy().tobytes()) + 2000] ^= 1
    (tmp_path / "state.pt").write_bytes(content)
    loaded = torch.load(io.BytesIO(content[32:]), weights_only=True)
    assert not torch.equal(loaded["model"]["w"], weights)
    assert load_state(tmp_path, "a") is None and "starting anew" in caplog.text


def test_state_is_saved_in_a_folder_that_is_held(tmp_path):
    with state_held(tmp_path / "state", "the training") as folder:
        save_state(folder, {"fingerprint": "a"})
        assert load_state(folder, "a") == {"fingerprint": "a"}
    assert not (tmp_path / "state").exists()
